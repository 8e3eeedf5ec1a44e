"""Pictures lose place, time and maker, and nothing else."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lti_mcred.evidence.storage import Received
from lti_mcred.evidence.strip import stripped

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SECRETS = (b"Nadia Okafor", b"GPS of the school")


def photograph(form: str) -> bytes:
    picture = Image.linear_gradient("L").convert("RGB").resize((40, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x013B] = "Nadia Okafor"
    exif[0x010E] = "GPS of the school"
    out = BytesIO()
    more = {}
    if form == "PNG":
        info = PngInfo()
        info.add_text("Author", "Nadia Okafor")
        more["pnginfo"] = info
    if form == "WEBP":
        more["lossless"] = True
    picture.save(out, form, exif=exif, **more)
    return out.getvalue()


def received(path: Path, content: bytes) -> Received:
    path.write_bytes(content)
    return Received(path, hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("form", TYPES)
def test_a_photograph_keeps_every_pixel_and_loses_what_it_says_about_people(tmp_path: Path, form: str) -> None:
    before = photograph(form)
    assert any(secret in before for secret in SECRETS)
    after = stripped(received(tmp_path / "photo", before), TYPES[form])
    content = after.path.read_bytes()
    assert not any(secret in content for secret in SECRETS)
    assert (after.size, after.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with Image.open(BytesIO(before)) as old, Image.open(BytesIO(content)) as new:
        assert old.tobytes() == new.tobytes()


def test_a_photograph_that_was_turned_stays_turned(tmp_path: Path) -> None:
    after = stripped(received(tmp_path / "photo", photograph("JPEG")), "image/jpeg")
    with Image.open(after.path) as picture:
        assert dict(picture.getexif()) == {0x0112: 6}


def test_a_picture_with_nothing_to_hide_is_left_byte_for_byte(tmp_path: Path) -> None:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    file = received(tmp_path / "plain", out.getvalue())
    assert stripped(file, "image/png") == file


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/jpeg", b"\xff\xd8\xff"),
        ("image/jpeg", b"\xff\xd8\xff\xe1\x00\x00"),
        ("image/jpeg", b"\xff\xd8nonsense"),
        ("image/png", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("image/png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT"),
        ("image/webp", b"RIFF\x10\x00\x00\x00WEBPVP8X\xff\xff"),
        ("application/pdf", b"%PDF-1.4"),
    ],
)
def test_what_does_not_follow_its_format_is_left_as_it_is(tmp_path: Path, media_type: str, content: bytes) -> None:
    file = received(tmp_path / "odd", content)
    assert stripped(file, media_type) == file
    assert file.path.read_bytes() == content


@given(cut=st.integers(0, 900), form=st.sampled_from(sorted(TYPES)), junk=st.binary(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_broken_picture_breaks_the_upload(tmp_path: Path, cut: int, form: str, junk: bytes) -> None:
    content = photograph(form)[:cut] + junk
    after = stripped(received(tmp_path / "broken", content), TYPES[form])
    assert after.path.stat().st_size == after.size
