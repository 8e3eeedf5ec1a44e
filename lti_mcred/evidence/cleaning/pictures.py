"""Pictures inside documents: JPEG, PNG, GIF and WebP without what cameras and programs wrote into them."""

import struct

from lti_mcred.evidence.cleaning import gif
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.picture.rewrite import rewritten

_FORMS = ((b"\xff\xd8", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))


def cleaned(data: bytes) -> bytes:
    """Return a picture without details, anything else as it is. Raises CannotClean: damaged."""
    if data.startswith((b"GIF87a", b"GIF89a")):
        return gif.cleaned(data)
    form = next((form for magic, form in _FORMS if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        form = "WEBP"
    try:
        return rewritten(data, form) if form else data
    except (ValueError, IndexError, struct.error) as error:
        raise CannotClean("damaged") from error
