"""What a file really is: its bytes are asked, never its name or the browser's word. Pure but for reading the file."""

from pathlib import Path

from lti_mcred.evidence.formats.filetypes import FileType, of_media_type
from lti_mcred.evidence.formats.look import look


def sniff(path: Path) -> FileType | None:
    """Return what the file is, or None when it is nothing that any part takes (`look` says what it is then)."""
    found = look(path)
    return found if found.kinds else None


def kinds_of(media_type: str) -> frozenset[str]:
    """Return the accept words that a stored media type satisfies."""
    return of_media_type(media_type).kinds
