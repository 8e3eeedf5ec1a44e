"""Plain text in the codes that it comes in."""


def decoded(data: bytes) -> str:
    """Return text: UTF-16 with its mark, UTF-8, else windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
