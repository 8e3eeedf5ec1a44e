"""Sentences about evidence, for people: kinds of files, gaps, sizes."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import format_date, format_decimal, format_time, ngettext
from flask_babel import gettext as _

from lti_mcred.catalog.definition import ArtifactSpec, Definition, Prompt
from lti_mcred.evidence.accept import MEGABYTE
from lti_mcred.evidence.completeness import Gap
from lti_mcred.evidence.weblink import Address


def kinds_words(kinds: Iterable[str]) -> str:
    """Return accept words as people say them: "PDF, Word, image"."""
    names = {
        "pdf": _("PDF"),
        "docx": _("Word (docx)"),
        "pptx": _("PowerPoint (pptx)"),
        "xlsx": _("Excel (xlsx)"),
        "odt": _("OpenDocument text (odt)"),
        "ods": _("OpenDocument spreadsheet (ods)"),
        "odp": _("OpenDocument presentation (odp)"),
        "rtf": _("Rich Text (rtf)"),
        "epub": _("e-book (EPUB)"),
        "pages": _("Pages"),
        "keynote": _("Keynote"),
        "numbers": _("Numbers"),
        "html": _("web page (html)"),
        "text": _("plain text"),
        "link": _("link"),
        "image": _("image"),
        "audio": _("audio"),
        "video": _("video"),
    }
    return ", ".join(str(names[kind]) for kind in kinds)


def size_words(size: int) -> str:
    """Return a size in bytes as people read it."""
    if size >= MEGABYTE:
        return str(_("%(size)s MB", size=format_decimal(round(size / MEGABYTE, 1))))
    return str(_("%(size)s KB", size=format_decimal(max(1, round(size / 1024)))))


def day_words(moment: datetime) -> str:
    """Return the day in the organisation's zone: 17 November 2026."""
    return str(format_date(moment, "d MMMM y"))


def clock_words(moment: datetime) -> str:
    """Return the time of day in the organisation's zone, as the reader's language writes it."""
    return str(format_time(moment, "short"))


def saved_words(moment: datetime, now: datetime) -> str:
    """Return when something was saved: the time alone for today, as the organisation's zone has it."""
    if day_words(moment) == day_words(now):
        return str(_("saved %(time)s", time=clock_words(moment)))
    return str(_("saved %(day)s, %(time)s", day=day_words(moment), time=clock_words(moment)))


def draft_saved_words(moment: datetime, now: datetime) -> str:
    """Return when the text of a part was saved, as `saved_words` does, as a line of its own."""
    if day_words(moment) == day_words(now):
        return str(_("Draft saved %(time)s", time=clock_words(moment)))
    return str(_("Draft saved %(day)s, %(time)s", day=day_words(moment), time=clock_words(moment)))


def part_title(definition: Definition, spec: Prompt | ArtifactSpec) -> str:
    """Return a short title of a part: artefacts have their own, questions and reflections are numbered."""
    if isinstance(spec, ArtifactSpec):
        return spec.title
    work = definition.submission
    if spec in work.part_1_overview:
        number, all_of_them = work.part_1_overview.index(spec) + 1, len(work.part_1_overview)
        title = _("Your setting")
    else:
        number, all_of_them = work.part_3_reflection.index(spec) + 1, len(work.part_3_reflection)
        title = _("Reflection")
    return str(title if all_of_them == 1 else _("%(title)s, question %(number)s", title=title, number=number))


def part_request(spec: Prompt | ArtifactSpec) -> str:
    """Return what is asked for."""
    return spec.instructions if isinstance(spec, ArtifactSpec) else spec.prompt


def gap_words(gap: Gap) -> str:
    """Return what is to be done about a gap, as a sentence."""
    values = dict(gap.values)
    if "kinds" in values:
        values["kinds"] = kinds_words(values["kinds"])
    return str(_SENTENCES[gap.code](values))


def word_count_words(count: int) -> str:
    """Return "1 word" or "182 words"."""
    return str(ngettext("1 word", "%(num)s words", count))


def copy_words(state: str, notes: Iterable[str]) -> str:
    """Return what a learner has to know of the copy that assessors get of her file; "" when all went well."""
    said = [str(_COPY_NOTES[note]()) for note in notes if note in _COPY_NOTES]
    if state == "as-is" and said:
        said.append(str(_("You can hand it in as it is, or replace it.")))
    return " ".join(said)


_COPY_NOTES = {
    "password": lambda: _(
        "It is locked with a password, so assessors get it with all that your program wrote into it about you, and may "
        "not be able to open it. Save it without a password and add it again."
    ),
    "damaged": lambda: _(
        "We could not take out what your program wrote into it about you, because the file does not follow its format. "
        "Assessors get it as it is. Open it, save it anew or export it as PDF, and add that."
    ),
    "kind": lambda: _(
        "We cannot take the name of its author out of this kind of file, so assessors get it as it is. Export it as "
        "PDF and add that."
    ),
    "large": lambda: _(
        "It is too large for us to take out what your program wrote into it about you, so assessors get it as it is."
    ),
    "failed": lambda: _(
        "We could not take out what your program wrote into it about you, so assessors get it as it is. Export it as "
        "PDF and add that."
    ),
    "attachments": lambda: _(
        "Files that are attached inside it are left out of what assessors get. Add them here as files of their own."
    ),
    "embedded": lambda: _(
        "It holds a file or an object of another program, which assessors get as it is, with what that program wrote "
        "into it about you."
    ),
}


def address_words(address: Address) -> str:
    """Return what to know before one opens a web address; "" when it is what it looks like."""
    values = {"letters": address.letters, "host": address.host, "scripts": scripts_words(address.scripts)}
    if address.doubt == "mixed":
        return str(
            _(
                "Look twice before you open it: “%(letters)s” mixes letters of different alphabets (%(scripts)s), as "
                "addresses do that imitate another one. It leads to %(host)s.",
                **values,
            )
        )
    if address.doubt == "alike":
        return str(
            _(
                "Look twice before you open it: “%(letters)s” is written with letters that look like Latin ones and "
                "are not (%(scripts)s). It leads to %(host)s.",
                **values,
            )
        )
    if address.doubt == "number":
        return str(_("Look twice before you open it: it leads to a number, not to a name."))
    if address.doubt == "hidden":
        return str(
            _("Look twice before you open it: it holds signs that are not seen or turn the direction of reading.")
        )
    return str(_("In its own letters: %(letters)s", **values)) if address.letters else ""


def scripts_words(scripts: Iterable[str]) -> str:
    """Return names of alphabets as people say them; one that is rare by its name in Unicode."""
    names = {
        "ARABIC": _("Arabic"),
        "ARMENIAN": _("Armenian"),
        "CHEROKEE": _("Cherokee"),
        "CJK": _("Chinese"),
        "CYRILLIC": _("Cyrillic"),
        "GREEK": _("Greek"),
        "HEBREW": _("Hebrew"),
        "LATIN": _("Latin"),
    }
    return ", ".join(str(names.get(script, script.capitalize())) for script in scripts)


_SENTENCES = {
    "empty": lambda v: _("Nothing is here yet"),
    "too_short": lambda v: _("Write at least %(low)s words; %(count)s are there", **v),
    "too_long": lambda v: _("Shorten it to %(high)s words; %(count)s are there", **v),
    "only_note": lambda v: _("Add the file; there is only a note so far"),
    "too_many": lambda v: _("Remove files until at most %(most)s are left; %(count)s are there", **v),
    "wrong_kind": lambda v: _("%(name)s does not fit what you chose; this takes: %(kinds)s", **v),
    "too_big": lambda v: _("%(name)s is larger than %(limit)s MB", **v),
    "no_links": lambda v: _("This part takes no links; add the file itself"),
    "gate": lambda v: _("Say whether other people are seen, heard or named"),
    "consent_note": lambda v: _("Say which permission form you hold, and where"),
    "unchanged": lambda v: _(
        "Nothing has changed since try %(number)s, so this try is kept for you. Change a part that is open, or say in "
        "a sentence what the assessor should look at again",
        **v,
    ),
    "what_changed_long": lambda v: _("Shorten what you changed to %(most)s characters; %(count)s are there", **v),
    "own_work": lambda v: _("Confirm that this is your own work"),
    "ai_use": lambda v: _("Say whether you used an AI tool"),
    "ai_note": lambda v: _("Say how you used the AI tool"),
    "ai_note_long": lambda v: _("Shorten how you used the AI tool to %(most)s characters; %(count)s are there", **v),
}
