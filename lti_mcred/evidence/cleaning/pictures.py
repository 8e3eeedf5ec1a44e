"""Pictures inside documents: JPEG, PNG, GIF and WebP without what cameras and programs wrote into them."""

from lti_mcred.evidence.cleaning import gif
from lti_mcred.evidence.cleaning.outcome import CannotClean

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND acTL fcTL fdAT cHRM cICP gAMA iCCP mDCV cLLI sBIT sRGB bKGD hIST tRNS pHYs sPLT".split()
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
# JPEG (ITU-T T.81, annex B): markers that stand alone; segments of programs that are needed to show it.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE


def cleaned(data: bytes) -> bytes:
    """Return a picture without details; anything else, and a picture cut off in the middle, as far as it goes."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(_PNG):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return gif.cleaned(data) if data.startswith((b"GIF87a", b"GIF89a")) else data


def _jpeg(data: bytes) -> bytes:
    kept, place = [data[:2]], 2
    while place + 1 < len(data):
        if data[place] != 0xFF:
            raise CannotClean("damaged")
        marker = data[place + 1]
        if marker == 0xFF:  # fill bytes
            place += 1
            continue
        if marker == _END:
            break
        length = 0 if marker in _ALONE else int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + length
        if (length < 2 and marker not in _ALONE) or end > len(data):  # a length counts its own two bytes
            raise CannotClean("damaged")
        if not _of_a_program(marker, data[place + 4 : place + 24]):
            kept.append(data[place:end])
        if marker == _SCAN:
            stop = _end_of_scan(data, end)
            kept.append(data[end:stop])
            end = stop
        place = end
    return b"".join([*kept, b"\xff\xd9"])


def _of_a_program(marker: int, body: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return not (marker in _KEPT and body.startswith(_KEPT[marker]))
    return marker == _COMMENT


def _end_of_scan(data: bytes, place: int) -> int:
    """Return where the next marker stands behind picture data: an 0xFF that no zero, restart or other 0xFF follows."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        following = data[place + 1]
        if following == 0xFF:
            place += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            place += 2
        else:
            return place
    return len(data)


def _png(data: bytes) -> bytes:
    kept, place = [_PNG], len(_PNG)
    while place + 12 <= len(data):
        kind = data[place + 4 : place + 8]
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if end > len(data):
            raise CannotClean("damaged")
        if kind in _PNG_KEPT:
            kept.append(data[place:end])
        place = end
        if kind == b"IEND":
            break
    return b"".join(kept)


def _webp(data: bytes) -> bytes:
    kept, place = [b"WEBP"], 12
    whole = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= whole:
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        end = place + 8 + size + size % 2
        if end > len(data):
            raise CannotClean("damaged")
        if kind == b"VP8X":
            kept.append(data[place : place + 8] + bytes([data[place + 8] & ~0x0C]) + data[place + 9 : end])
        elif kind in _WEBP_KEPT:
            kept.append(data[place:end])
        place = end
    body = b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
