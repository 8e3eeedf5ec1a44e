"""Other files, known by signatures of four bytes and more and told apart only so that a refusal can name them."""

import re

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_BY_MAGIC = (
    (b"MZ", "program"),  # whatever begins so and is no text runs on Windows or on DOS
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"dex\n03", "program"),
    (b"\0asm\x01\0\0\0", "program"),
    (b"L\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"\0\x05\x16\x07\0", "mac-shadow"),
    (b"\0\x05\x16\0\0", "mac-shadow"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b\x08", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\0", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"MSCF\0\0\0\0", "archive"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "office-other"),
    (b"\xffWPC", "ole-other"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"FLV\x01", "film-other"),
    (b"\0\0\x01\xba", "film-other"),
    (b"\0\0\x01\xb3", "film-other"),
    (b".RMF\0", "film-other"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "film-other"),
    (b"MThd\0\0\0\x06", "sound-other"),
    (b"#!AMR\n", "amr"),
    (b"#!AMR-WB\n", "amr"),
    (b"caff\0\x01\0\0", "sound-other"),
    (b".snd\0\0", "sound-other"),
    (b"wvpk", "sound-other"),
    (b"riff\x2e\x91\xcf\x11", "sound-other"),
    (b"MAC \x96", "sound-other"),
)
# Packets of an MPEG transport stream: where the first begins, how long each is (cameras put a time before each).
_TRANSPORT = ((0, 188), (4, 192))
_STUB_OF_ICLOUD = re.compile(rb"NSURLNameKey|NSURLFileResourceType")


def look(_source: Source, head: bytes) -> FileType | None:
    """Return which of the files that no part takes this is; FLAC and AMR stand here, too. None when it is none."""
    if head[:4] == b"fLaC":
        return of_code("flac") if len(head) >= 42 and head[4] & 0x7F == 0 and head[5:8] == b"\0\0\x22" else None
    if head[:8] == b"bplist00":
        return _binary_list(head)
    if head[257:262] == b"ustar":
        return of_code("archive")
    if any(head[at : at + 1] == head[at + size : at + size + 1] == head[at + 2 * size : at + 2 * size + 1] == b"G"
           for at, size in _TRANSPORT):  # fmt: skip
        return of_code("film-other")
    if head[:3] in (b"FWS", b"CWS", b"ZWS") and 0 < head[3] < 64:  # Flash films; sound may stand in them as it is
        return of_code("film-other")
    return next((of_code(code) for magic, code in _BY_MAGIC if head.startswith(magic)), None)


def _binary_list(head: bytes) -> FileType:
    """Return what a property list of Apple is: a page that Safari saved, a placeholder, an address."""
    if b"WebMainResource" in head:
        return of_code("archive-web")
    return of_code("icloud-stub" if _STUB_OF_ICLOUD.search(head) else "shortcut" if b"URL" in head else "unknown")
