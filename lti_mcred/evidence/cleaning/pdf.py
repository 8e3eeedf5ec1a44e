"""PDF (ISO 32000): the file is written anew from what its pages need, so that earlier versions of it go as well.

Taken out: the Info dictionary, XMP of every object, what programs leave beside pages (PieceInfo, PTEX), names and
dates of comments, signatures, thumbnails, and attached files, which may be anything.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from lti_mcred.evidence.cleaning import pictures
from lti_mcred.evidence.cleaning.outcome import EMBEDDED, CannotClean

ATTACHMENTS = "attachments"
# What the catalog of an assessor's copy may hold (ISO 32000-2, table 29).
_CATALOG = frozenset(
    [
        "/Type",
        "/Version",
        "/Extensions",
        "/Pages",
        "/PageLabels",
        "/Names",
        "/Dests",
        "/ViewerPreferences",
        "/PageLayout",
        "/PageMode",
        "/Outlines",
        "/OpenAction",
        "/AcroForm",
        "/StructTreeRoot",
        "/MarkInfo",
        "/Lang",
        "/OutputIntents",
        "/OCProperties",
        "/Requirements",
        "/Threads",
    ]
)
_NAMES = frozenset({"/Dests", "/AP", "/JavaScript", "/Pages", "/Templates"})
_GONE = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/Thumb",
    "/AF",
    "/OPI",
    "/SpiderInfo",
    "/ID",
    "/Author",
    "/Creator",
)
# Where another file lies, in a file specification or a launch (ISO 32000-2, 7.11.3 and 12.6.4.6).
_PATHS = ("/F", "/UF", "/Unix", "/Mac", "/DOS", "/D", "/P")
_PATH = re.compile(r"[/\\:]")
_OF_COMMENTS = ("/T", "/NM", "/M", "/CreationDate", "/Subj")
_OF_SIGNATURES = frozenset({"/Sig", "/DocTimeStamp"})
_JPEG = "/DCTDecode"
# Filters that may stand before it: the bytes that they pack are a JPEG.
_PACKED = frozenset({"/ASCII85Decode", "/ASCIIHexDecode", "/FlateDecode", "/LZWDecode", "/RunLengthDecode"})


def clean(source: Path, target: Path) -> tuple[str, ...]:
    """Write a copy; return what was left out, or left as it is. Raises CannotClean: password, damaged."""
    try:
        with pikepdf.open(source, suppress_warnings=True) as pdf:
            notes = {ATTACHMENTS} if _catalog(pdf) else set()
            for thing in pdf.objects:
                notes |= _object(thing, pdf)
            del pdf.docinfo
            pdf.save(
                target,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                fix_metadata_version=False,
                encryption=False,
            )
    except pikepdf.PasswordError:
        raise CannotClean("password") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise CannotClean("damaged") from error
    return tuple(sorted(notes))


def _catalog(pdf: pikepdf.Pdf) -> bool:
    """Take out of the catalog what is not needed to read; return whether files were attached."""
    root, attached = pdf.Root, False
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        attached = "/EmbeddedFiles" in names
        _drop(names, [key for key in _sorted_names(names) if key not in _NAMES])
    _drop(root, [key for key in _sorted_names(root) if key not in _CATALOG])
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        xfa = form.get("/XFA")
        if isinstance(xfa, pikepdf.Array):
            form["/XFA"] = pikepdf.Array(_packets(xfa))
        _drop(form, ["/SigFlags"])
    return attached


def _packets(xfa: pikepdf.Array) -> Iterator[pikepdf.Object]:
    """Yield names and packets of a form without its XMP."""
    for place in range(0, len(xfa) - 1, 2):
        if str(xfa[place]) not in ("xmpmeta", "config", "xdc"):
            yield xfa[place]
            yield xfa[place + 1]


def _object(thing: pikepdf.Object, pdf: pikepdf.Pdf) -> set[str]:
    """Clean one object of the file and the dictionaries that stand in it; return what is to be told of it."""
    notes: set[str] = set()
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += [inner for inner in one if _holds_more(inner)]
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            if _dictionary(one):
                notes.add(ATTACHMENTS)
            if isinstance(one, pikepdf.Stream):
                try:
                    _picture(one, pdf)
                except CannotClean:
                    notes.add(EMBEDDED)
            waiting += [inner for _key, inner in one.items() if _holds_more(inner)]
    return notes


def _holds_more(inner: object) -> bool:
    """Whether to look into a value here: it is a container, and no object of its own, which comes by itself."""
    return isinstance(inner, pikepdf.Array | pikepdf.Dictionary) and not inner.is_indirect


def _dictionary(one: pikepdf.Object) -> bool:
    """Clean a dictionary; return whether it was an attached file."""
    _drop(one, [key for key in _sorted_names(one) if key in _GONE or key.startswith("/PTEX")])
    kind, subtype = _pdf_name(one.get("/Type")), _pdf_name(one.get("/Subtype"))
    attached = subtype == "/FileAttachment" or "/EF" in one
    if attached:
        _drop(one, ["/EF", "/FS", "/Desc", "/UF", "/F", "/RF"])
    if "/Rect" in one and subtype:  # a comment, a link, a field: only a field's name is part of the form
        _drop(one, [key for key in _OF_COMMENTS if key != "/T" or subtype != "/Widget"])
    if _pdf_name(one.get("/FT")) == "/Sig":
        _drop(one, ["/V"])
    if kind in _OF_SIGNATURES or ("/ByteRange" in one and "/Contents" in one):
        _drop(one, _sorted_names(one))
    if kind == "/OCG":
        usage = one.get("/Usage")
        if isinstance(usage, pikepdf.Dictionary):
            _drop(usage, ["/CreatorInfo", "/User"])
    if kind == "/Thread":
        _drop(one, ["/I"])
    if subtype == "/Form":
        _drop(one, ["/Ref"])
    _paths(one, kind)
    return attached


def _paths(one: pikepdf.Object, kind: str) -> None:
    """Forget where on somebody's computer another file lies: in file specifications, launches and links."""
    opens = _pdf_name(one.get("/S")) in ("/Launch", "/GoToR", "/GoToE", "/ImportData", "/SubmitForm")
    if opens or kind in ("/Filespec", "/F") or "/UF" in one or ("/F" in one and "/Rect" not in one):
        for key in _PATHS:
            value = one.get(key)
            if isinstance(value, pikepdf.String) and _PATH.search(str(value)):
                one[key] = pikepdf.String("file")
    address = one.get("/URI")
    if isinstance(address, pikepdf.String) and str(address).lower().startswith(("file:", "/", "\\\\")):
        one["/URI"] = pikepdf.String("about:blank")


def _picture(one: pikepdf.Stream, pdf: pikepdf.Pdf) -> None:
    """Clean a JPEG, also one that is packed once more for files of plain characters. Raises CannotClean."""
    filters = _filters(one)
    if filters[-1:] != [_JPEG] or not set(filters[:-1]) <= _PACKED:
        return
    before = one.read_raw_bytes()
    parameters = _parameters(one)
    if filters[:-1]:
        packed = pdf.make_stream(b"")
        packed.write(
            before,
            filter=pikepdf.Array([pikepdf.Name(name) for name in filters[:-1]]),
            decode_parms=pikepdf.Array(list(parameters)[:-1]) if isinstance(parameters, pikepdf.Array) else None,
        )
        before = packed.read_bytes()
        own = list(parameters)[-1] if isinstance(parameters, pikepdf.Array) else None
        parameters = own if isinstance(own, pikepdf.Dictionary) else None
    after = pictures.cleaned(before)
    if filters[:-1] or after != before:
        one.write(after, filter=pikepdf.Name(_JPEG), decode_parms=parameters)


def _filters(one: pikepdf.Object) -> list[str]:
    found = one.get("/Filter")
    return [_pdf_name(inner) for inner in found] if isinstance(found, pikepdf.Array) else [_pdf_name(found)]


def _parameters(one: pikepdf.Object) -> pikepdf.Dictionary | pikepdf.Array | None:
    found = one.get("/DecodeParms")
    return found if isinstance(found, pikepdf.Dictionary | pikepdf.Array) else None


def _pdf_name(value: object) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _sorted_names(one: pikepdf.Object) -> list[str]:
    return sorted(one.keys())


def _drop(one: pikepdf.Object, keys: list[str]) -> None:
    for key in keys:
        if key in one:
            del one[key]
