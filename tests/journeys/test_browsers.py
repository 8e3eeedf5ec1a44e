"""The quick browser of the journeys keeps and denies what Chromium keeps and denies by its settings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, request
from playwright.sync_api import BrowserContext

from tests.journeys.browsers import PARTITIONED_STORAGE, blocking, with_settings, without_settings
from tests.served import served

_KEEP = """name => {
  try { window[name].setItem("kept", "yes"); return window[name].getItem("kept"); } catch (error) { return error.name; }
}"""


@dataclass
class Sites:
    """A site with another in a frame, and the cookies that the framed one was sent."""

    port: int = 0
    sent: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def sites() -> Iterator[Sites]:
    """Both sites, served on one port under two names."""
    app, found = Flask(__name__), Sites()

    @app.get("/around")
    def around() -> str:
        return f'<!doctype html><iframe src="http://localhost:{found.port}/framed"></iframe>'

    @app.get("/framed")
    def framed() -> tuple[str, list[tuple[str, str]]]:
        found.sent.append(dict(request.cookies))
        everywhere, here = "plain=1; SameSite=None; Secure", "parted=1; SameSite=None; Secure; Partitioned"
        return "<!doctype html>framed", [("Set-Cookie", everywhere), ("Set-Cookie", here)]

    with served(app) as found.port:
        yield found


def _kept(context: BrowserContext, sites: Sites) -> tuple[list[dict[str, str]], list[str]]:
    """Return what the framed site is sent at first and later, and what becomes of what it keeps in its storages."""
    page = context.pages[0]
    page.goto(f"http://localhost:{sites.port}/framed")  # by itself it keeps both cookies
    sites.sent.clear()
    page.goto(f"http://127.0.0.1:{sites.port}/around")
    page.reload()
    return sites.sent, [page.frames[1].evaluate(_KEEP, name) for name in ("sessionStorage", "localStorage")]


@pytest.mark.parametrize("storage", [True, False], ids=["parted", "whole"])
@pytest.mark.parametrize("block", [True, False], ids=["blocked", "allowed"])
def test_flags_keep_and_deny_what_settings_do(playwright, browsers, chromium, tmp_path, sites, block, storage):
    flags = [PARTITIONED_STORAGE] if storage else []
    with with_settings(playwright, chromium, tmp_path, blocking(block_third_party=block), *flags) as context:
        by_settings = _kept(context, sites)
    sites.sent = []
    with without_settings(browsers, block_third_party=block, storage=storage) as context:
        by_flags = _kept(context, sites)

    assert by_flags == by_settings
    everywhere = {} if block else {"plain": "1"}
    assert by_settings[0] == [everywhere, {**everywhere, "parted": "1"}]
    assert by_settings[1] == ["SecurityError" if block and not storage else "yes"] * 2
