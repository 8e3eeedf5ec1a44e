"""SVG drawings inside documents: what drawing programs note of files and people goes."""

from lti_mcred.evidence.cleaning.xmlparts import drop, local, parsed, written

# The file and the folder of a drawing, and those of pictures in it (Inkscape).
_OF_FILES = frozenset({"docname", "export-filename", "absref"})


def cleaned(data: bytes) -> bytes:
    """Return a drawing without its description, comments and paths. Raises CannotClean."""
    root = parsed(data)
    for one in list(root.iter()):
        if local(one.tag) == "metadata" and one is not root:
            drop(one)
            continue
        for key in list(one.attrib):
            if local(key) in _OF_FILES:
                del one.attrib[key]
    return written(root)
