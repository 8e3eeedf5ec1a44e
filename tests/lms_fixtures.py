"""The LMSs that stand in front of the tool: each is registered, with one active deployment."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conformance.lms import Lms, open_pages, stand_up, with_activity


@pytest.fixture
def lms(app: Flask, client: FlaskClient) -> Lms:
    """An LMS of no product that we know; its launches answer with the name of what they would open."""
    lms = stand_up(app, client)
    lms.register()
    return lms


@pytest.fixture
def canvas_lms(app: Flask, client: FlaskClient) -> Lms:
    """The same, a Canvas."""
    lms = stand_up(app, client, profile="canvas")
    lms.register()
    return lms


@pytest.fixture
def lms_with_tokens(lms: Lms) -> Lms:
    """An LMS that gives whoever asks the token t-1."""
    lms.http.on("POST", lms.token_url, (200, {"access_token": "t-1", "token_type": "bearer", "expires_in": 3600}))
    return lms


@pytest.fixture
def lms_with_pages(app: Flask, lms: Lms) -> Lms:
    """An LMS whose launches go where the product sends them."""
    open_pages(app)
    return lms


@pytest.fixture
def canvas_with_pages(app: Flask, canvas_lms: Lms) -> Lms:
    """A Canvas whose launches go where the product sends them."""
    open_pages(app)
    return canvas_lms


@pytest.fixture
def lms_with_activity(app: Flask, client: FlaskClient) -> Lms:
    """An LMS whose launches go where the product sends them, and whose course-1 holds an activity."""
    return with_activity(app, client)
