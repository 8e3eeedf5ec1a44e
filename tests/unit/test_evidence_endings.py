"""A file is handed over under an ending that fits its bytes."""

import pytest

from lti_mcred.evidence.endings import _FITTING, fitting
from lti_mcred.evidence.files import INLINE
from lti_mcred.evidence.sniff import _MEDIA, _OFFICE


@pytest.mark.parametrize(
    ("name", "media_type", "wanted"),
    [
        ("plan.pdf", "application/pdf", "plan.pdf"),
        ("Plan.PDF", "application/pdf", "Plan.PDF"),
        ("plan.hta", "application/pdf", "plan.hta.pdf"),
        ("notes.bat", "text/plain", "notes.bat.txt"),
        ("data.csv", "text/plain", "data.csv"),
        ("pdf", "application/pdf", "pdf.pdf"),
        ("IMG_1.jpeg", "image/jpeg", "IMG_1.jpeg"),
        ("A1-1", "image/heic", "A1-1.heic"),
        ("x.exe", "application/octet-stream", "x.exe.bin"),
    ],
)
def test_the_ending_follows_the_bytes(name: str, media_type: str, wanted: str) -> None:
    assert fitting(name, media_type) == wanted


def test_every_kind_that_is_taken_has_its_endings() -> None:
    taken = {media_type for media_type, _kinds in _MEDIA.values()} | {kind for _name, kind in _OFFICE.values()}
    assert taken | INLINE | {"text/plain", "text/html", "image/heic"} <= set(_FITTING)
