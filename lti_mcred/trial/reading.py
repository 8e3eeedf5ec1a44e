"""What the story reads in pages and answers, and how it says that something else was there."""

from typing import Any
from urllib.parse import urlsplit

from lti_mcred.trial.robot import Page


class StepFailedError(AssertionError):
    """A step of the story did not happen; the message says what was seen instead."""


def expect(happened: bool, wanted: str) -> None:
    """Go on when it happened. Raises StepFailedError with what was wanted."""
    if not happened:
        message = f"wanted {wanted}"
        raise StepFailedError(message)


def absolute(base: str, href: str) -> str:
    """Return `href` as an absolute address, beside `base`."""
    parts = urlsplit(base)
    return href if href.startswith("http") else f"{parts.scheme}://{parts.netloc}{href}"


def attribute(tag: str, name: str) -> str:
    """Return the value of an attribute in the text of a tag."""
    return between(tag + ">", f'{name}="', '"').replace("&amp;", "&")


def between(text: str, start: str, end: str) -> str:
    """Return what stands between two marks; before a closing tag, only the text. Raises StepFailedError."""
    at = text.find(start)
    expect(at >= 0, f"{start!r} in the page")
    inside = text[at + len(start) : text.index(end, at + len(start))]
    return inside.rpartition(">")[2] if end.startswith("</") else inside


def checkbox_values(page: Page, name: str) -> list[str]:
    """Return the values that can be chosen under a name."""
    pieces = page.html.split(f'name="{name}" value="')[1:]
    return [piece.partition('"')[0] for piece in pieces]


def label(page: Page, value: str) -> str:
    """Return the label of a choice of the picker."""
    return page.html.partition(f'for="v-{value}"')[2].partition("</label>")[0]


def part_links(page: Page) -> dict[str, str]:
    """Return part id -> address for the parts that a page links to."""
    return {href.rsplit("/", 1)[-1]: href for href, _words in page.links if "/parts/" in href}


def targets(page: Page) -> list[str]:
    """Return where the page leads, the place that its script goes to first."""
    body = page.html.partition('data-target="')[2].partition('"')[0]
    return [absolute(page.url, href) for href in [body, *(href for href, _words in page.links)] if href]


def line_with(page: Page, *words: str) -> str:
    """Return the line of the page with the first of `words` that is there. Raises StepFailedError."""
    for word in words:
        for line in page.lines:
            if word in line:
                return line
    message = f"wanted one of {words}, saw {page.text[:300]}"
    raise StepFailedError(message)


def maximum(item: dict[str, Any]) -> float:
    """Return the points of a line item, as either campus names them."""
    return float(item.get("scoreMaximum") or item.get("score_maximum") or item.get("maximum") or 0)


def comment(cell: dict[str, Any]) -> str:
    """Return the last comment of a gradebook cell, in one line."""
    comments = cell.get("comments") or [cell.get("comment") or ""]
    last = comments[-1]
    return " ".join(str(last.get("text", last) if isinstance(last, dict) else last).split())
