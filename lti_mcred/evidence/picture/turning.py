"""How a photograph is turned: the one detail of Exif (CIPA DC-008) that a picture needs to be shown. Pure."""

import struct

_ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4


def turned(exif: bytes) -> bytes:
    """Return an Exif block that says how the photograph is turned and nothing else; b"" when it stands upright."""
    orientation = orientation_of(exif)
    if orientation not in range(2, 9):
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"


def orientation_of(exif: bytes) -> int:
    """Return the orientation (1 to 8) in the first directory of a TIFF block; 1 when it says none that can be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    (place,) = struct.unpack_from(order + "I", exif, 4)
    if place + 2 > len(exif):
        return 1
    (count,) = struct.unpack_from(order + "H", exif, place)
    for at in range(place + 2, min(place + 2 + 12 * count, len(exif) - 11), 12):
        tag, kind, number = struct.unpack_from(order + "HHI", exif, at)
        if tag == _ORIENTATION and number == 1 and kind in (_SHORT, _LONG):
            return int(struct.unpack_from(order + ("H" if kind == _SHORT else "I"), exif, at + 8)[0])
    return 1
