"""What cleaning a file came to."""

import lzma
import zipfile
import zlib

# What is told of a copy: a file or an object in it was left as it is.
EMBEDDED = "embedded"
# What `zipfile` raises for an archive that is not whole.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, UnicodeDecodeError, NotImplementedError,
    EOFError, OSError, RuntimeError,
)  # fmt: skip


class CannotClean(ValueError):
    """The details cannot be taken out. `code`: password, damaged, kind, large or embedded (words.py says it)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
