"""XML inside packages, parsed without entities, network or file access, and written with its prefixes as they were."""

from typing import Any

from lxml import etree

from lti_mcred.evidence.cleaning.outcome import CannotClean

Element = Any  # lxml has no types
_LARGEST = 64 * 1024 * 1024


def parsed(data: bytes) -> Element:
    """Return the root of a part. Raises CannotClean for what is no XML, or declares entities."""
    if len(data) > _LARGEST:
        raise CannotClean("large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise CannotClean("damaged") from error
    info = root.getroottree().docinfo
    if info.internalDTD is not None and any(True for _entity in info.internalDTD.iterentities()):
        raise CannotClean("damaged")
    return root


def written(root: Element) -> bytes:
    """Return a part as bytes."""
    found: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return found


def local(name: object) -> str:
    """Return a name without its namespace; "" for comments and instructions."""
    return str(name).rpartition("}")[2] if isinstance(name, str) else ""


def emptied(root: Element) -> None:
    """Take everything out of an element but its name."""
    for child in list(root):
        root.remove(child)
    root.text = None
    root.attrib.clear()


def drop(one: Element) -> None:
    """Take an element out; the text behind it stays."""
    parent = one.getparent()
    if parent is None:
        return
    if one.tail:
        before = one.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + one.tail
        else:
            parent.text = (parent.text or "") + one.tail
    parent.remove(one)
