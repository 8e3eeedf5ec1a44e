"""The ending of a file's name follows its bytes: a PDF that calls itself plan.hta would run where it is saved. Pure."""

from lti_mcred.evidence.formats.filetypes import of_media_type


def ending_of(media_type: str) -> str:
    """Return the usual ending of a kind of file, without a dot; "" for one that no part takes."""
    kind = of_media_type(media_type)
    return kind.endings[0] if kind.kinds else ""


def fitting(name: str, media_type: str) -> str:
    """Return `name` with an ending that fits what the file is: "plan.hta" that is a PDF becomes "plan.hta.pdf"."""
    known = of_media_type(media_type).endings
    return name if name.rpartition(".")[2].lower() in known and "." in name else f"{name}.{known[0]}"
