"""What was handed in, as pages show it: to the learner, to assessors (blind), beside a new draft."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from lti_mcred.catalog.definition import Criterion, Definition
from lti_mcred.evidence.copies import copy_of
from lti_mcred.evidence.counting import count_words
from lti_mcred.evidence.files import file_address
from lti_mcred.evidence.formats.filetypes import UNKNOWN
from lti_mcred.evidence.formats.text import decode
from lti_mcred.evidence.kept import kind_of
from lti_mcred.evidence.models import Artefact, Attempt, Blob, Part
from lti_mcred.evidence.naming import apart, neutral_name
from lti_mcred.evidence.storage import storage
from lti_mcred.evidence.weblink import Address, address_of
from lti_mcred.evidence.words import (
    address_words,
    copy_words,
    kinds_words,
    part_request,
    part_title,
    size_words,
    word_count_words,
)
from lti_mcred.web.models import Visit

_TEXT_SHOWN = 200_000


@dataclass(frozen=True)
class ItemView:
    """A file or link for the `evidence` and `upload_row` macros.

    `kind`: pdf, image, video, audio, text, link, file, gone (its content is kept no longer).
    """

    id: str
    kind: str
    name: str
    detail: str
    href: str = ""
    download: str = ""
    text: str = ""
    alt: str = ""
    # Of a link: where it leads. What to know: before one opens a link, of the copy that assessors get of a file.
    address: Address | None = None
    note: str = ""


@dataclass(frozen=True)
class PartView:
    """A part of an attempt, ready to be read."""

    id: str
    title: str
    request: str
    text: str
    words: str
    alternative: str
    privacy: str
    items: tuple[ItemView, ...]
    criteria: tuple[Criterion, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was handed in for it."""
        return not (self.text.strip() or self.items)


def part_views(
    attempt: Attempt, definition: Definition, visit: Visit, *, blind: bool = False, only: Collection[str] | None = None
) -> list[PartView]:
    """Return the parts of an attempt in the order of the definition.

    `blind` replaces file names, because they often hold the name of a person; `only` leaves the other parts out.
    The caller has checked that the visit may see the attempt.
    """
    stored = {part.part_id: part for part in attempt.parts}
    return [
        _part_view(stored[spec.id], definition, visit, blind=blind)
        for spec in definition.all_parts()
        if spec.id in stored and (only is None or spec.id in only)
    ]


def item_views(part: Part, visit: Visit, *, blind: bool = False) -> tuple[ItemView, ...]:
    """Return the files and links of one part. Files of one name are told apart by a number."""
    views = tuple(
        _link_view(item, blind=blind) if item.kind == "link" else _file_view(item, visit, blind=blind)
        for item in part.artefacts
    )
    return tuple(
        replace(view, name=name) for view, name in zip(views, apart([view.name for view in views]), strict=True)
    )


def privacy_words(part: Part) -> str:
    """Return the answer at the privacy gate as a sentence; "" while unanswered."""
    privacy = part.privacy or {}
    if privacy.get("others") == "no":
        return str(_("No other people are seen, heard or named."))
    if privacy.get("others") == "unrecognisable":
        return str(_("Other people cannot be recognised."))
    if privacy.get("others") == "consent":
        return str(_("Other people agreed. Permission: %(note)s", note=privacy.get("note", "")))
    return ""


def _part_view(part: Part, definition: Definition, visit: Visit, *, blind: bool) -> PartView:
    spec = definition.part(part.part_id)
    alternative = spec.alternatives[part.alternative] if part.alternative is not None else ""
    return PartView(
        id=part.part_id,
        title=part_title(definition, spec),
        request=part_request(spec),
        text=part.text,
        words=word_count_words(count_words(part.text)),
        alternative=alternative,
        privacy=privacy_words(part),
        items=item_views(part, visit, blind=blind),
        criteria=definition.criteria_of(part.part_id),
    )


def _link_view(item: Artefact, *, blind: bool) -> ItemView:
    url = item.url or ""
    address = address_of(url)
    if address is None:  # kept by an earlier version; nobody can be sure where it leads
        return ItemView(item.id, "link", neutral_name(item) if blind else url, _("Link"), text=url)
    name = neutral_name(item) if blind else address.before + address.host + address.after
    note = address_words(address)
    return ItemView(item.id, "link", name, _("Link"), href=address.href, address=address, note=note)


def _file_view(item: Artefact, visit: Visit, *, blind: bool) -> ItemView:
    found = kind_of(item.blob) if item.blob else UNKNOWN
    kind = found.media_type.partition("/")[0]
    if kind not in ("image", "audio", "video") or not found.inline:
        kind = found.code if found.code in ("pdf", "text") else "file"
    name = neutral_name(item) if blind else item.filename or ""
    if item.blob and item.blob.gone_at:
        gone = _("no longer kept, as the rules on recordings say")
        return ItemView(item.id, "gone", name, f"{size_words(item.blob.size)}, {gone}")
    shown = kind in ("pdf", "image", "audio", "video")
    says = kinds_words(found.kinds) or _("file of another kind")
    size = item.blob.size if item.blob else 0
    detail = f"{says}, {size_words(size)}"
    return ItemView(
        id=item.id,
        kind=kind,
        name=name,
        detail=detail,
        href=file_address(item, visit, blind=blind) if shown else "",
        download=file_address(item, visit, blind=blind, download=True),
        text=_text_of(item) if kind == "text" else "",
        note="" if blind or item.blob is None else _copy_note(item.blob),
        alt=_("Picture handed in: %(name)s", name=name) if kind == "image" else "",
    )


def _copy_note(blob: Blob) -> str:
    copy = copy_of(blob)
    return copy_words(copy.state, copy.notes)


def _text_of(item: Artefact) -> str:
    """Return the words of a short text file; "" for a long or lost one, which is then offered as a download."""
    if item.blob is None or item.sha256 is None or item.blob.size > _TEXT_SHOWN:
        return ""
    try:
        return decode(storage().path(item.sha256).read_bytes()) or ""
    except FileNotFoundError:
        return ""
