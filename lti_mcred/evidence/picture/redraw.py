"""Draws one damaged picture anew, as far as Pillow can read it.

Run as `python -m lti_mcred.evidence.picture.redraw FORM FILE`; a program of its own beside `worker`, which needs no
Pillow and starts three times as fast.
"""

import struct
import sys
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from lti_mcred.evidence.picture.bounds import MOST_DRAWN, Outcome, run


def redraw(path: Path, form: str) -> Outcome:
    """Draw the picture in its place, upright, with its colours. `form`: JPEG, PNG or WEBP."""
    out = BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=[form]) as picture:
                if picture.width * picture.height > MOST_DRAWN:
                    return Outcome.TOO_MANY_PIXELS
                colours = picture.info.get("icc_profile")
                upright = ImageOps.exif_transpose(picture)
                upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
                upright.save(out, form, quality=92, icc_profile=colours, exif=b"")
    except Image.DecompressionBombError:
        return Outcome.TOO_MANY_PIXELS
    except (OSError, SyntaxError, ValueError, IndexError, struct.error):
        return Outcome.DAMAGED
    path.write_bytes(out.getvalue())
    return Outcome.CLEAN


if __name__ == "__main__":
    sys.exit(run(redraw, sys.argv[1:]))
