"""A file is handed over under an ending that fits its bytes."""

import pytest

from lti_mcred.catalog.definition import ACCEPT_WORDS
from lti_mcred.evidence.endings import fitting
from lti_mcred.evidence.formats.filetypes import REFUSED, TAKEN


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


def test_every_type_has_one_name_and_endings_that_fit() -> None:
    every = (*TAKEN, *REFUSED)
    assert len({kind.media_type for kind in every}) == len({kind.code for kind in every}) == len(every)
    assert all(kind.endings and kind.kinds <= set(ACCEPT_WORDS) for kind in every)
    assert {word for kind in TAKEN for word in kind.kinds} == set(ACCEPT_WORDS) - {"link"}
    assert not any(kind.kinds for kind in REFUSED)


def test_what_no_part_takes_is_handed_over_as_mere_bytes() -> None:
    assert fitting("plan.docm", "application/vnd.ms-office.macroEnabled") == "plan.docm.bin"
