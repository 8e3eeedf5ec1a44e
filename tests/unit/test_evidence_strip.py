"""Pictures lose place, time and maker, and nothing else."""

import hashlib
import struct
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from lti_mcred.evidence.picture import redraw, worker
from lti_mcred.evidence.picture.bounds import Outcome
from lti_mcred.evidence.picture.rewrite import rewritten
from lti_mcred.evidence.picture.turning import turned
from lti_mcred.evidence.storage import Received
from lti_mcred.evidence.strip import NotCleaned, stripped
from tests import made_files as made
from tests.doubling import assert_linear

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


@pytest.mark.parametrize("form", TYPES)
def test_a_photograph_that_was_turned_stays_turned(tmp_path: Path, form: str) -> None:
    after = stripped(received(tmp_path / "photo", photograph(form)), TYPES[form])
    with Image.open(after.path) as picture:
        assert dict(picture.getexif()) == {0x0112: 6}


def odd(form: str, oddity: str) -> bytes:
    """Return a photograph whose private details stand where a simple reader of its format does not look."""
    photo = photograph(form)
    plain = BytesIO()
    Image.new("RGB", (40, 30), "red").save(plain, form)
    exif = photo.find(b"\xff\xe1")
    private = b"prVtNadia Okafor"
    return {
        "fill bytes before a marker": photo[:exif] + b"\xff\xff" + photo[exif:],
        "a second picture behind the end": plain.getvalue() + photo,
        "a byte behind the end": photo + b"\0",
        "an application segment of a maker": photo[:2] + b"\xff\xe5\x00\x0eNadia Okafor" + photo[2:],
        "a comment between scans": photo[:-2] + b"\xff\xfe\x00\x0eNadia Okafor\xff\xd9",
        "Exif that cannot be read": photo[: exif + 10] + b"XX" + photo[exif + 12 :],
        "a private chunk": photo[:33] + b"\0\0\0\x0c" + private + zlib.crc32(private).to_bytes(4) + photo[33:],
    }[oddity]


@pytest.mark.parametrize(
    ("form", "oddity"),
    [
        ("JPEG", "fill bytes before a marker"),
        ("JPEG", "a second picture behind the end"),
        ("JPEG", "a byte behind the end"),
        ("JPEG", "an application segment of a maker"),
        ("JPEG", "a comment between scans"),
        ("JPEG", "Exif that cannot be read"),
        ("PNG", "a second picture behind the end"),
        ("PNG", "a byte behind the end"),
        ("PNG", "a private chunk"),
        ("WEBP", "a second picture behind the end"),
        ("WEBP", "a byte behind the end"),
    ],
)
def test_private_details_are_taken_out_wherever_they_stand(tmp_path: Path, form: str, oddity: str) -> None:
    before = odd(form, oddity)
    assert any(secret in before for secret in SECRETS)
    content = stripped(received(tmp_path / "photo", before), TYPES[form]).path.read_bytes()
    assert not any(secret in content for secret in SECRETS)
    with Image.open(BytesIO(before)) as old, Image.open(BytesIO(content)) as new:
        assert old.convert("RGB").tobytes() == new.convert("RGB").tobytes()


def test_a_picture_that_does_not_follow_its_format_is_drawn_anew_and_upright(tmp_path: Path) -> None:
    photo = photograph("PNG")
    without_end = photo[: photo.index(b"IEND") - 4]
    content = stripped(received(tmp_path / "photo", without_end), "image/png").path.read_bytes()
    assert not any(secret in content for secret in SECRETS)
    with Image.open(BytesIO(photo)) as old, Image.open(BytesIO(content)) as new:
        new.load()
        assert new.tobytes() == ImageOps.exif_transpose(old).tobytes()
        assert not new.getexif()


def test_a_picture_that_was_cut_short_on_its_way_is_cleaned_and_shown_as_far_as_it_came(tmp_path: Path) -> None:
    before = photograph("JPEG")
    content = stripped(received(tmp_path / "photo", before[:-20]), "image/jpeg").path.read_bytes()
    assert not any(secret in content for secret in SECRETS)
    assert content.endswith(before[-40:-20] + b"\xff\xd9")


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
    ],
)
def test_a_picture_that_cannot_be_cleaned_is_not_taken(tmp_path: Path, media_type: str, content: bytes) -> None:
    with pytest.raises(NotCleaned):
        stripped(received(tmp_path / "odd", content), media_type)


def test_a_picture_too_large_to_be_looked_through_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = photograph("JPEG")
    monkeypatch.setattr("lti_mcred.evidence.strip._LARGEST", len(photo) - 1)
    with pytest.raises(NotCleaned, match="bytes"):
        stripped(received(tmp_path / "photo", photo), "image/jpeg")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (made.png(15_000, 15_000, rows=b""), "image/png"),
        (photograph("JPEG").replace(b"\x08\x00\x1e\x00\x28", b"\x08\xff\xff\xff\xff"), "image/jpeg"),
        (made.riff(b"WEBP", made.chunk(b"VP8X", b"\0" * 4 + b"\xff\x7f\0" * 2)), "image/webp"),
        (made.png(7_700, 7_700, rows=zlib.compress(bytes(7_701 * 7_700), 9))[:-12], "image/png"),
    ],
    ids=["png", "jpeg", "webp", "damaged png"],
)
def test_a_picture_of_more_points_than_are_taken_is_refused_by_its_header(
    tmp_path: Path, content: bytes, media_type: str
) -> None:
    with pytest.raises(NotCleaned, match="pixels"):
        stripped(received(tmp_path / "wide", content), media_type)


def test_a_picture_whose_cleaning_dies_or_lasts_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    photo = received(tmp_path / "photo", photograph("JPEG"))
    dies = tmp_path / "dies"
    dies.write_text("#!/bin/sh\necho out of memory >&2\nkill -9 $$\n")
    dies.chmod(0o700)
    with monkeypatch.context() as patched:
        patched.setattr("sys.executable", str(dies))
        with pytest.raises(NotCleaned, match="died"):
            stripped(photo, "image/jpeg")
    assert "ended with -9: 'out of memory" in caplog.text
    monkeypatch.setattr("lti_mcred.evidence.strip._SECONDS", 0.000_1)
    with pytest.raises(NotCleaned, match="died"):
        stripped(photo, "image/jpeg")


def test_only_so_many_pictures_are_cleaned_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = threading.BoundedSemaphore(1)
    nobody.acquire()
    monkeypatch.setattr("lti_mcred.evidence.strip._AT_ONCE", nobody)
    monkeypatch.setattr("lti_mcred.evidence.strip._PATIENCE", 0.001)
    with pytest.raises(NotCleaned, match="busy"):
        stripped(received(tmp_path / "photo", photograph("JPEG")), "image/jpeg")


def test_the_secrets_of_the_settings_stay_out_of_that_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tells = tmp_path / "tells"
    tells.write_text(f"#!/bin/sh\nenv > {tmp_path}/told\n")
    tells.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(tells))
    monkeypatch.setenv("LTI_MCRED_SECRET_KEY", "very secret")
    stripped(received(tmp_path / "photo", photograph("JPEG")), "image/jpeg")
    assert "PATH=" in (tmp_path / "told").read_text()
    assert "LTI_MCRED" not in (tmp_path / "told").read_text()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [("application/pdf", b"%PDF-1.4"), ("image/heic", b"\0\0\0\x18ftypheic"), ("image/gif", b"GIF89a")],
)
def test_other_kinds_of_files_are_left_as_they_are(tmp_path: Path, media_type: str, content: bytes) -> None:
    file = received(tmp_path / "other", content)
    assert stripped(file, media_type) == file
    assert file.path.read_bytes() == content


@given(cut=st.integers(0, 900), form=st.sampled_from(sorted(TYPES)), junk=st.binary(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_broken_picture_is_cleaned_or_refused(tmp_path: Path, cut: int, form: str, junk: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(photograph(form)[:cut] + junk)
    outcome = worker.clean(path, form)
    if outcome is Outcome.DAMAGED:
        outcome = redraw.redraw(path, form)
    if outcome is Outcome.CLEAN:
        left = path.read_bytes()
        assert not any(secret in left for secret in SECRETS)


def jpeg(between: bytes, times: int) -> bytes:
    """Return a photograph with bytes repeated behind its start of scan."""
    photo = photograph("JPEG")
    scan = photo.index(b"\xff\xda") + 14
    return photo[:scan] + between * times + photo[scan:]


HOSTILE: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "a run of FF in a scan": ("JPEG", lambda size: jpeg(b"\xff", size)),
    "runs of FF before stuffed zeros": ("JPEG", lambda size: jpeg(b"\xff" * 64 + b"\0", size // 65)),
    "scans": ("JPEG", lambda size: jpeg(b"\xff\xda\0\x02", size // 4)),
    "restart marks": ("JPEG", lambda size: jpeg(b"\xff\xd0", size // 2)),
    "fill bytes": ("JPEG", lambda size: b"\xff\xd8" + b"\xff" * size + b"\xd9"),
    "empty segments": ("JPEG", lambda size: b"\xff\xd8" + b"\xff\xfe\0\x02" * (size // 4) + b"\xff\xd9"),
    "blocks of Exif": ("JPEG", lambda size: b"\xff\xd8" + b"\xff\xe1\0\x12Exif\0\0MM\0*\0\0\0\x08" * (size // 20)),
    "empty chunks": ("PNG", lambda size: made.png(1, 1, *[(b"tEXt", b"")] * (size // 12))),
    "colour profiles": ("PNG", lambda size: made.png(1, 1, *[(b"iCCP", b"a\0\0x")] * (size // 16))),
    "chunks of WebP": ("WEBP", lambda size: made.riff(b"WEBP", made.chunk(b"ALPH", b"") * (size // 8))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_grows_with_the_size_of_the_picture_and_not_with_its_square(name: str) -> None:
    form, make = HOSTILE[name]

    def run(content: bytes) -> None:
        with suppress(ValueError, IndexError, struct.error):
            rewritten(content, form)

    assert_linear(run, make)


def test_the_work_of_reading_how_a_photograph_is_turned_grows_with_its_size() -> None:
    assert_linear(turned, lambda size: b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x13" * (size // 2))


@given(st.binary(max_size=80), st.sampled_from([b"", b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0"]))
def test_any_bytes_say_how_a_photograph_is_turned_or_that_it_stands_upright(rest: bytes, begin: bytes) -> None:
    assert len(turned(begin + rest)) in (0, 26)


def test_a_colour_profile_that_unpacks_without_end_is_left_out() -> None:
    bomb = b"x\0\0" + zlib.compress(bytes(8 * 1024 * 1024), 9)
    honest = b"x\0\0" + zlib.compress(bytes(3000))
    assert b"iCCP" not in rewritten(made.png(1, 1, (b"iCCP", bomb)), "PNG")
    assert honest in rewritten(made.png(1, 1, (b"iCCP", honest)), "PNG")
