"""What holds for every page, read in its source."""

import re

import pytest

from lti_mcred.files import resource_dir

_LINK = re.compile(r"<a\b.*?</a>", re.DOTALL)
_SAVES = re.compile(r"\sdownload[\s=>]")


def _links() -> list[tuple[str, str]]:
    pages = sorted(resource_dir("templates").rglob("*.html"))
    return [(page.name, link) for page in pages for link in _LINK.findall(page.read_text(encoding="utf-8"))]


def test_no_link_into_a_visit_is_saved_as_it_comes() -> None:
    """Where a browser keeps no cookies, what comes first is the page whose script fetches the file: that was saved."""
    links = _links()
    assert any("visit_url(" in link for _page, link in links)
    assert [one for one in links if "visit_url(" in one[1] and _SAVES.search(one[1])] == []


@pytest.mark.parametrize("link", ['<a href="x" download>y</a>', '<a href="x" download="y.csv">y</a>'])
def test_a_link_that_is_saved_is_known_by_its_attribute(link: str) -> None:
    assert _SAVES.search(_LINK.findall(link)[0])
