"""Two libraries that are not ours agree: one plays the platform, one reads the same messages as a tool."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.registration import Registration
from pylti1p3.message_validators.deep_link import DeepLinkMessageValidator
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.people.models import Course
from lti_mcred.tool.protocol.claims import LTI, read_launch
from lti_mcred.tool.protocol.services_asked import SCORE
from lti_mcred.tool.wire import keys
from lti_mcred.tool.wire.deep_linking import ContentItem, respond
from lti_mcred.web.models import Visit
from tests.conformance.lms import INSTRUCTOR, TOOL, Lms, rsa_key, stand_up

LAUNCHES = Path(__file__).parent.parent / "fixtures" / "launches"


class Platform(LTI1P3PlatformConfAbstract):
    """The registration of our tool in the other library."""

    def init_platform_config(self, **_given: Any) -> None:
        """Nothing is configured beyond the registration."""

    def get_registration_by_params(self, **_given: Any) -> Registration:
        """Return our tool."""
        key = rsa_key(2)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return (
            Registration()
            .set_iss("https://other.example.edu")
            .set_client_id("client-9")
            .set_deployment_id("d-9")
            .set_launch_url(f"{TOOL}/lti/launch")
            .set_deeplink_launch_url(f"{TOOL}/lti/launch")
            .set_platform_private_key(private)
            .set_platform_public_key(public)
            .set_tool_key_set(keys.public_jwks())
        )


class Launch(LTIAdvantageMessageLaunchAbstract):
    """A launch of the other library; its form is what it would post."""

    def render_launch_form(self, launch_data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """Return the fields and the address of the form."""
        return launch_data


@pytest.fixture
def other(app: Flask, client: FlaskClient) -> tuple[Platform, Lms]:
    """The other library's platform, registered with us."""
    platform = Platform()
    registration = platform.get_registration()
    lms = stand_up(app, client, issuer="https://other.example.edu", client_id="client-9", deployment_id="d-9")
    lms.register()
    lms.publish(*registration.get_jwks())
    return platform, lms


def launch(platform: Platform, lms: Lms, **picking: str) -> Any:
    """Log in with us, then let the other library build and sign the launch."""
    asked = lms.login()
    message = Launch(SimpleNamespace(get_data=asked, form_data={}), platform)
    message.set_user_data("sub-9", [INSTRUCTOR], full_name="Tomas Lind", email_address="t@example.edu")
    message.set_resource_link_claim("link-9", title="Activity")
    message.set_launch_context_claim("course-9", context_title="Safety", context_label="SAF")
    message.set_custom_parameters_claim({"activity": "a17"})
    message.set_ags("https://other.example.edu/lineitems", "https://other.example.edu/lineitems/1")
    message.set_nrps("https://other.example.edu/memberships")
    if picking:
        message.set_dl(**picking)
    form = message.lti_launch()
    assert form["launch_url"] == f"{TOOL}/lti/launch"
    return lms.post(form["id_token"], form["state"])


def test_a_launch_of_another_implementation_is_taken_with_its_services(other: tuple[Platform, Lms]) -> None:
    answer = launch(*other)

    assert answer.status_code == 303, answer.text
    course = db.session.scalars(select(Course)).one()
    assert course.lineitems_url == "https://other.example.edu/lineitems"
    assert course.memberships_url == "https://other.example.edu/memberships"
    assert SCORE in course.scopes


def test_another_implementation_takes_our_deep_linking_answer(other: tuple[Platform, Lms]) -> None:
    platform, lms = other
    asked = {"deep_link_return_url": "https://other.example.edu/return", "title": "Pick"}
    assert launch(platform, lms, **asked).status_code == 303
    visit = db.session.scalars(select(Visit)).one()

    with lms.app.test_request_context("/"):
        page = respond(visit, [ContentItem("a17", "Job hazard analysis", score_maximum=5.0)]).get_data(as_text=True)
    token = re.search(r'name="JWT" value="([^"]+)"', page)
    assert token
    (item,) = platform.validate_deeplinking_resp({"JWT": token[1]})

    assert item["lineItem"]["scoreMaximum"] == 5.0


def test_another_implementation_takes_our_assertion_for_a_token(other: tuple[Platform, Lms]) -> None:
    platform, _lms = other
    given = platform.get_access_token(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": keys.client_assertion("client-9", "https://other.example.edu/token"),
            "scope": SCORE,
        }
    )

    assert given["scope"] == SCORE


VALIDATORS = (ResourceMessageValidator(), DeepLinkMessageValidator(), SubmissionReviewLaunchValidator())
SETS = [path for family in ("canvas", "moodle") for path in sorted((LAUNCHES / family).glob("*.json"))]
MESSAGES = [path for path in SETS if LTI + "message_type" in json.loads(path.read_text())]


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_library_of_the_field_sees_the_same_kind_of_message(path: Path) -> None:
    claims = json.loads(path.read_text())

    kinds = [validator for validator in VALIDATORS if validator.can_validate(claims)]

    assert len(kinds) == 1
    assert read_launch(claims, "c", "").message_type == claims[LTI + "message_type"]
    if claims.get("sub"):
        assert kinds[0].validate(claims) is True
