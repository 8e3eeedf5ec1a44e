"""Whether a part takes a file: what it is, and whether its private details can be taken out. Words for a refusal."""

from flask_babel import gettext as _

from lti_mcred.errors import Problem
from lti_mcred.evidence.accept import Taken
from lti_mcred.evidence.formats.filetypes import FileType
from lti_mcred.evidence.formats.look import look
from lti_mcred.evidence.naming import clean_name
from lti_mcred.evidence.picture.bounds import MOST_DRAWN
from lti_mcred.evidence.picture.rewrite import MOST_PIXELS
from lti_mcred.evidence.refusing import what_it_is, what_to_do
from lti_mcred.evidence.storage import Received
from lti_mcred.evidence.strip import NotCleaned, stripped
from lti_mcred.evidence.words import kinds_words


def judged(taken: Taken, received: Received, name: str) -> FileType:
    """Return what the file is. Raises Problem when the part does not take that."""
    if received.size == 0:
        raise empty(name)
    found = look(received.path)
    if found.kinds & set(taken.file_kinds):
        return found
    takes = _(
        "This part takes: %(kinds)s. We look into the file, not at its name.", kinds=kinds_words(taken.file_kinds)
    )
    raise Problem(
        "wrong-kind",
        _("%(name)s is not a kind of file that fits here", name=clean_name(name)),
        f"{what_it_is(found)} {takes}".strip(),
        _("%(cure)s What you added before is kept.", cure=what_to_do(found)),
        _("You can do this yourself"),
        422,
    )


def cleaned(received: Received, kind: FileType, name: str) -> Received:
    """Return the file without place and camera details. Raises Problem when they cannot be taken out."""
    try:
        return stripped(received, kind.media_type)
    except NotCleaned as error:
        raise _not_cleaned(error.why, clean_name(name)) from None


def empty(name: str) -> Problem:
    """Return the problem of a file without a byte."""
    return Problem(
        "file-empty",
        _("%(name)s is empty", name=clean_name(name)),
        _("There is nothing in the file: 0 bytes arrived."),
        _("Open it on your device to see whether it is whole, then add it again."),
        _("You can do this yourself"),
        422,
    )


def _not_cleaned(why: str, name: str) -> Problem:
    if why == "busy":
        return Problem(
            "pictures-busy",
            _("Many pictures are being added at this moment"),
            _("%(name)s was not kept. What you added before is.", name=name),
            _("Add it again in a minute."),
            _("You can do this yourself"),
            503,
            retry_after=60,
        )
    detail = {
        "bytes": _("The picture is larger than 64 MB, so it was not kept."),
        "pixels": _(
            "The picture has more points than we take (%(most)s million, %(drawn)s million when it is damaged), so it "
            "was not kept.",
            most=MOST_PIXELS // 1_000_000,
            drawn=MOST_DRAWN // 1_000_000,
        ),
        "died": _("The picture asked for more work than any photograph does, so it was not kept."),
    }.get(why, _("The picture is damaged, so it was not kept."))
    cure = _("Open it on your device, take a screenshot or save it as a new JPEG picture, then add that one.")
    if why in ("bytes", "pixels"):
        cure = _("Save it smaller on your device (4,000 points wide is plenty), then add that one.")
    return Problem(
        "picture-not-cleaned",
        _("We could not take place and camera details out of %(name)s", name=name),
        f"{detail} {_('What you added before is kept.')}",
        cure,
        _("You can do this yourself"),
        422,
    )
