"""Which cleaner takes which kind of file."""

import shutil
from collections.abc import Callable
from pathlib import Path

from lti_mcred.evidence.cleaning import ebml, gif, isobmff, markup, ogg, packages, pdf, riff, rtf, sound
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.rules import needs_cleaning

_Cleaner = Callable[[Path, Path], tuple[str, ...] | None]
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_ISO = [
    "image/heic",
    "image/heic-sequence",
    "image/heif",
    "image/heif-sequence",
    "image/avif",
    "audio/mp4",
    "audio/3gpp",
    "audio/3gpp2",
    "video/mp4",
    "video/3gpp",
    "video/3gpp2",
    "video/quicktime",
]
_CLEANERS: dict[str, _Cleaner] = {
    "application/pdf": pdf.clean,
    f"{_OFFICE}wordprocessingml.document": packages.clean_office,
    f"{_OFFICE}spreadsheetml.sheet": packages.clean_office,
    f"{_OFFICE}presentationml.presentation": packages.clean_office,
    f"{_OFFICE}presentationml.slideshow": packages.clean_office,
    f"{_ODF}text": packages.clean_odf,
    f"{_ODF}spreadsheet": packages.clean_odf,
    f"{_ODF}presentation": packages.clean_odf,
    "application/epub+zip": packages.clean_epub,
    "application/rtf": rtf.clean,
    "text/html": markup.clean_html,
    "image/gif": gif.clean,
    "audio/mpeg": sound.clean_frames,
    "audio/aac": sound.clean_frames,
    "audio/flac": sound.clean_flac,
    "audio/aiff": sound.clean_aiff,
    "audio/wav": riff.Cleaner.clean,
    "video/x-msvideo": riff.Cleaner.clean,
    **dict.fromkeys(("audio/ogg", "video/ogg"), ogg.clean),
    **dict.fromkeys(("audio/webm", "video/webm", "audio/x-matroska", "video/x-matroska"), ebml.Cleaner.clean),
    **dict.fromkeys(_ISO, isobmff.Cleaner.clean),
}


def clean(source: Path, target: Path, media_type: str) -> tuple[str, ...]:
    """Write the copy that an assessor gets; return what was left in it or out of it. Raises CannotClean."""
    if not needs_cleaning(media_type):
        shutil.copyfile(source, target)
        return ()
    cleaner = _CLEANERS.get(media_type)
    if cleaner is None:
        raise CannotClean("kind")
    return cleaner(source, target) or ()
