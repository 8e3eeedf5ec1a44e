"""The types of files that we can tell apart: what each is served as, which accept words it satisfies, how it ends."""

from dataclasses import dataclass

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class FileType:
    """What a file is. `code` names it for words and tests; without `kinds` (accept words) no part takes it.

    `endings`: fitting endings of a name, the first is added where none of them stands. `inline`: shown in the page.
    """

    code: str
    media_type: str
    kinds: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ("bin",)
    inline: bool = False


def _taken(code: str, media_type: str, kind: str, *endings: str, inline: bool = False) -> FileType:
    return FileType(code, media_type, frozenset({kind}), endings, inline)


TAKEN = (
    _taken("pdf", "application/pdf", "pdf", "pdf", inline=True),
    _taken("docx", f"{_OFFICE}wordprocessingml.document", "docx", "docx"),
    _taken("xlsx", f"{_OFFICE}spreadsheetml.sheet", "xlsx", "xlsx"),
    _taken("pptx", f"{_OFFICE}presentationml.presentation", "pptx", "pptx"),
    _taken("ppsx", f"{_OFFICE}presentationml.slideshow", "pptx", "ppsx"),
    _taken("odt", f"{_ODF}text", "odt", "odt"),
    _taken("ods", f"{_ODF}spreadsheet", "ods", "ods"),
    _taken("odp", f"{_ODF}presentation", "odp", "odp"),
    _taken("rtf", "application/rtf", "rtf", "rtf"),
    _taken("epub", "application/epub+zip", "epub", "epub"),
    _taken("pages", "application/vnd.apple.pages", "pages", "pages"),
    _taken("keynote", "application/vnd.apple.keynote", "keynote", "key"),
    _taken("numbers", "application/vnd.apple.numbers", "numbers", "numbers"),
    _taken("html", "text/html", "html", "html", "htm", "xhtml"),
    _taken("text", "text/plain", "text", "txt", "text", "md", "csv", "tsv", "tex"),
    _taken("jpeg", "image/jpeg", "image", "jpg", "jpeg", "jpe", "jfif", inline=True),
    _taken("png", "image/png", "image", "png", inline=True),
    _taken("gif", "image/gif", "image", "gif", inline=True),
    _taken("webp", "image/webp", "image", "webp", inline=True),
    _taken("avif", "image/avif", "image", "avif", "avifs", inline=True),
    _taken("heic", "image/heic", "image", "heic", "heif"),
    _taken("heics", "image/heic-sequence", "image", "heics", "heic", "heif"),
    _taken("heif", "image/heif", "image", "heif", "heic"),
    _taken("heifs", "image/heif-sequence", "image", "heifs", "heif", "heic"),
    _taken("mp3", "audio/mpeg", "audio", "mp3", "mpga", "mp2", inline=True),
    _taken("wav", "audio/wav", "audio", "wav", inline=True),
    _taken("ogg-sound", "audio/ogg", "audio", "ogg", "oga", "opus", "spx", inline=True),
    _taken("mp4-sound", "audio/mp4", "audio", "m4a", "m4b", "mp4", "m4r", "mov", inline=True),
    _taken("3gp-sound", "audio/3gpp", "audio", "3gp", "3gpp", inline=True),
    _taken("3g2-sound", "audio/3gpp2", "audio", "3g2", inline=True),
    _taken("webm-sound", "audio/webm", "audio", "webm", "weba", inline=True),
    _taken("mka", "audio/x-matroska", "audio", "mka", "mkv", inline=True),
    _taken("flac", "audio/flac", "audio", "flac", inline=True),
    _taken("aac", "audio/aac", "audio", "aac", inline=True),
    _taken("aiff", "audio/aiff", "audio", "aiff", "aif", "aifc"),
    _taken("amr", "audio/AMR", "audio", "amr"),
    _taken("mp4", "video/mp4", "video", "mp4", "m4v", inline=True),
    _taken("3gp", "video/3gpp", "video", "3gp", "3gpp", inline=True),
    _taken("3g2", "video/3gpp2", "video", "3g2", inline=True),
    _taken("mov", "video/quicktime", "video", "mov", "qt", inline=True),
    _taken("webm", "video/webm", "video", "webm", inline=True),
    _taken("mkv", "video/x-matroska", "video", "mkv", "webm", inline=True),
    _taken("ogg-film", "video/ogg", "video", "ogv", "ogg", inline=True),
    _taken("avi", "video/x-msvideo", "video", "avi"),
)

# Told apart so that a refusal can say what it is and what to do. Served as bytes, if at all.
REFUSED = tuple(
    FileType(code, media_type, endings=(ending,))
    for code, media_type, ending in (
        ("office-macros", "application/vnd.ms-office.macroEnabled", "bin"),
        ("office-template", f"{_OFFICE}template", "bin"),
        ("office-binary", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", "bin"),
        ("office-other", f"{_OFFICE}other", "bin"),
        ("office-damaged", "application/x-office-damaged", "bin"),
        ("office-password", "application/x-office-encrypted", "bin"),
        ("doc", "application/msword", "doc"),
        ("xls", "application/vnd.ms-excel", "xls"),
        ("ppt", "application/vnd.ms-powerpoint", "ppt"),
        ("msg", "application/vnd.ms-outlook", "msg"),
        ("ole-other", "application/x-ole-storage", "bin"),
        ("odf-macros", f"{_ODF}macros", "bin"),
        ("odf-password", f"{_ODF}encrypted", "bin"),
        ("odf-other", f"{_ODF}other", "bin"),
        ("iwork-folder", "application/x-iwork-folder+zip", "zip"),
        ("archive-scorm", "application/x-scorm+zip", "zip"),
        ("archive-h5p", "application/x-h5p+zip", "h5p"),
        ("archive-web", "application/x-webarchive", "bin"),
        ("archive-tangled", "application/x-archive-tangled", "bin"),
        ("archive", "application/x-archive", "bin"),
        ("program", "application/x-executable", "bin"),
        ("script", "application/x-script", "bin"),
        ("drive-stub", "application/x-drive-stub+json", "bin"),
        ("shortcut", "application/x-shortcut", "bin"),
        ("icloud-stub", "application/x-icloud-stub", "bin"),
        ("mac-shadow", "application/x-apple-double", "bin"),
        ("svg", "image/svg+xml", "bin"),
        ("xml", "application/xml", "bin"),
        ("mail", "message/rfc822", "bin"),
        ("postscript", "application/postscript", "bin"),
        ("tiff", "image/tiff", "tiff"),
        ("bmp", "image/bmp", "bmp"),
        ("jpeg-2000", "image/jp2", "jp2"),
        ("jpeg-xl", "image/jxl", "jxl"),
        ("raw-picture", "image/x-raw", "bin"),
        ("picture-other", "image/x-other", "bin"),
        ("wmv", "video/x-ms-asf", "wmv"),
        ("film-other", "video/x-other", "bin"),
        ("sound-other", "audio/x-other", "bin"),
        ("recording-broken", "application/x-recording-broken", "bin"),
        ("recording-empty", "application/x-recording-empty", "bin"),
        ("text-unreadable", "application/x-text-unreadable", "bin"),
        ("unknown", "application/octet-stream", "bin"),
    )
)

BY_CODE = {one.code: one for one in (*TAKEN, *REFUSED)}
BY_MEDIA_TYPE = {one.media_type: one for one in (*TAKEN, *REFUSED)}
UNKNOWN = BY_CODE["unknown"]


def of_code(code: str) -> FileType:
    """Return the type with this code. Raises KeyError."""
    return BY_CODE[code]


def of_media_type(media_type: str) -> FileType:
    """Return the type that is stored under this media type; the unknown one for any other."""
    return BY_MEDIA_TYPE.get(media_type, UNKNOWN)
