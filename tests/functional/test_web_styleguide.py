"""The design system keeps its promises: one h1, no inline code, every name and icon resolves."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from lti_mcred.files import resource_dir

TEMPLATES = sorted(Path(resource_dir("templates")).rglob("*.html"))


@pytest.fixture
def page(app: Flask) -> str:
    """The style guide as it is served."""
    return app.test_client().get("/styleguide").text


def test_the_style_guide_has_one_h1_and_a_title(page: str) -> None:
    assert page.count("<h1>") == 1
    assert "<title>Style guide</title>" in page


def test_every_id_on_the_page_is_used_once(page: str) -> None:
    twice = [name for name, count in Counter(re.findall(r'\sid="([^"]+)"', page)).items() if count > 1]
    assert twice == []


def test_every_label_and_description_points_at_something_on_the_page(page: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    named = re.findall(r'\s(?:for|aria-describedby|aria-labelledby|data-copy|data-open-dialog)="([^"]+)"', page)
    assert named
    assert {one for names in named for one in names.split()} - ids == set()


def test_the_page_holds_no_script_and_no_style_of_its_own(page: str) -> None:
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_writes_a_script_or_a_style_inline(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son(?:click|submit|change|load)=", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_icon_that_a_template_names_is_in_the_sprite(template: Path) -> None:
    sprite = (Path(resource_dir("static")) / "icons.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = set(re.findall(r'(?<![\w.])icon\("([a-z0-9-]+)"', template.read_text(encoding="utf-8")))
    assert named - there == set()


def test_icons_drawn_on_the_page_come_from_the_sprite(page: str) -> None:
    sprite = (Path(resource_dir("static")) / "icons.svg").read_text(encoding="utf-8")
    used = set(re.findall(r"icons\.svg#([a-z0-9-]+)", page))
    assert used
    assert used - set(re.findall(r'<symbol id="([^"]+)"', sprite)) == set()


def test_words_for_scripts_cover_every_word_that_a_script_says(page: str) -> None:
    said: set[str] = set()
    for script in Path(resource_dir("static"), "js").glob("*.js"):
        said |= set(re.findall(r'(?:say|show)\("([a-zA-Z]+)"', script.read_text(encoding="utf-8")))
    holder = re.search(r"<div hidden data-words(.*?)></div>", page, re.DOTALL)
    assert holder
    names = {re.sub(r"-(\w)", lambda m: m[1].upper(), n) for n in re.findall(r"data-([a-z-]+)=", holder[1])}
    assert said - names == set()
