"""The ending of a file's name follows its bytes: a PDF that calls itself plan.hta would run where it is saved. Pure."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
# Media type -> endings that fit it; the first is added where none of them stands.
_FITTING = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "audio/mpeg": ("mp3", "mpga"),
    "audio/wav": ("wav",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/mp4": ("m4a", "m4b", "mp4"),
    "audio/webm": ("webm", "weba"),
    "audio/flac": ("flac",),
    "audio/aac": ("aac",),
    "video/mp4": ("mp4", "m4v", "3gp"),
    "video/webm": ("webm", "mkv"),
    "video/quicktime": ("mov", "qt"),
    f"{_OFFICE}wordprocessingml.document": ("docx",),
    f"{_OFFICE}spreadsheetml.sheet": ("xlsx",),
    f"{_OFFICE}presentationml.presentation": ("pptx",),
    "text/html": ("html", "htm"),
    "text/plain": ("txt", "text", "md", "csv", "tsv", "tex"),
}


def ending_of(media_type: str) -> str:
    """Return the usual ending of a kind of file, without a dot; "" for one that is not known here."""
    return _FITTING.get(media_type, ("",))[0]


def fitting(name: str, media_type: str) -> str:
    """Return `name` with an ending that fits what the file is: "plan.hta" that is a PDF becomes "plan.hta.pdf"."""
    known = _FITTING.get(media_type, ("bin",))
    return name if name.rpartition(".")[2].lower() in known and "." in name else f"{name}.{known[0]}"
