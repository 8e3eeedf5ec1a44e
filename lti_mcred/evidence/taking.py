"""Whether a part takes a file: what it is, and whether its private details can be taken out. Words for a refusal."""

from lti_mcred.errors import Problem
from lti_mcred.evidence.accept import Taken
from lti_mcred.evidence.formats.filetypes import FileType
from lti_mcred.evidence.formats.look import look
from lti_mcred.evidence.naming import clean_name
from lti_mcred.evidence.picture.bounds import MOST_DRAWN
from lti_mcred.evidence.picture.rewrite import MOST_PIXELS
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.refusing import what_it_is, what_to_do
from lti_mcred.evidence.storage import Received
from lti_mcred.evidence.strip import NotCleaned, stripped
from lti_mcred.evidence.words import kinds_words


def judged(taken: Taken, received: Received, name: str) -> FileType:
    """Return what the file is. Raises Problem when the part does not take that."""
    if received.size == 0:
        raise problem("file-empty", name=clean_name(name))
    found = look(received.path)
    if found.kinds & set(taken.file_kinds):
        return found
    raise problem(
        "wrong-kind",
        name=clean_name(name), what=what_it_is(found), kinds=kinds_words(taken.file_kinds), cure=what_to_do(found),
    )  # fmt: skip


def without_details(received: Received, kind: FileType, name: str) -> Received:
    """Return the file without place and camera details. Raises Problem when they cannot be taken out."""
    try:
        return stripped(received, kind.media_type)
    except NotCleaned as error:
        raise _not_cleaned(error.why, clean_name(name)) from None


def _not_cleaned(why: str, name: str) -> Problem:
    if why == "busy":
        return problem("pictures-busy", name=name)
    if why == "bytes":
        return problem("picture-not-cleaned/bytes", name=name)
    if why == "pixels":
        most, drawn = MOST_PIXELS // 1_000_000, MOST_DRAWN // 1_000_000
        return problem("picture-not-cleaned/pixels", name=name, most=most, drawn=drawn)
    return problem("picture-not-cleaned/died" if why == "died" else "picture-not-cleaned", name=name)
