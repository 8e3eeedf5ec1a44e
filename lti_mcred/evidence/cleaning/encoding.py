"""Plain text in the codes that it comes in."""

import codecs


def decoded(data: bytes) -> str:
    """Return text: UTF-32 and UTF-16 with their marks, UTF-8 (also one cut off within a sign), else windows-1252."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8-sig")
        return data.decode("cp1252", "replace")
