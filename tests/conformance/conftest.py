"""The platform in front of the tool."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conformance.lms import Lms, stand_up


@pytest.fixture
def lms(app: Flask, client: FlaskClient) -> Lms:
    """A registered platform with one active deployment."""
    lms = stand_up(app, client)
    lms.register()
    return lms
