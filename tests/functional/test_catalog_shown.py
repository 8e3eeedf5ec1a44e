"""The description of a version is rendered once for each language, and never shown for another version."""

from unittest.mock import patch

import pytest
from flask import Flask
from flask_babel import force_locale

from lti_mcred.catalog import shown
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.services import service_of
from tests import factories

PARTS = ("evidence/_terms.html", "terms")


@pytest.fixture
def version(app: Flask) -> Version:
    """A version that nobody has read yet."""
    made = factories.version()
    db.session.commit()
    return made


def test_a_second_reader_gets_the_same_words_without_rendering(app: Flask, version: Version) -> None:
    with app.test_request_context():
        first = shown.described(version, *PARTS)
        with patch.object(app.jinja_env, "get_template", side_effect=AssertionError("rendered again")):
            assert shown.described(version, *PARTS) == first
    assert "<h2" in first


def test_a_reader_of_another_language_gets_that_language(app: Flask, version: Version) -> None:
    with app.test_request_context(), force_locale("en"):
        english = shown.described(version, *PARTS)
        with patch.object(app.jinja_env, "get_template", side_effect=AssertionError("rendered again")):
            with force_locale("de"), pytest.raises(AssertionError, match="rendered again"):
                shown.described(version, *PARTS)
            assert shown.described(version, *PARTS) == english


def test_a_draft_that_was_changed_is_described_anew(app: Flask, version: Version) -> None:
    with app.test_request_context():
        shown.described(version, *PARTS)
        version.sha256 = "f" * 64
        with patch.object(shown, "definition_of", side_effect=LookupError("read")), pytest.raises(LookupError):
            shown.described(version, *PARTS)


def test_what_is_kept_does_not_grow_without_end(app: Flask, version: Version) -> None:
    kept = service_of(app, shown.Descriptions)
    with app.test_request_context():
        for number in range(shown._MOST_KEPT + 1):
            kept[f"{number}", "en", "x", "y"] = shown.Markup("")
        shown.described(version, *PARTS)
    assert len(kept) == 1
