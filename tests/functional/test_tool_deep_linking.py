"""What goes back to the LMS from the picker: signed, complete, and only what the LMS takes at that place."""

import re
import time
from html import unescape
from typing import Any

import jwt
import pytest
from flask import g
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.tool.profiles import PROFILES
from lti_mcred.tool.protocol.claims import DEEP_LINKING, LTI
from lti_mcred.tool.wire.deep_linking import DL, ContentItem, cancel, content_item, respond
from lti_mcred.tool.wire.keys import public_jwks
from lti_mcred.web.models import Visit
from tests.conformance.lms import INSTRUCTOR, Lms

RETURN = "https://school.example.edu/courses/1/deep_linking_response?data=abc&x=%2F"
ITEM = ContentItem("0190aa", "Job hazard analysis", "Find & remove <hazards>.", 20.0)
BASE = {"deep_link_return_url": RETURN, "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"]}  # fmt: skip


def picking(lms: Lms, placement: str = "assignment_selection", **settings: Any) -> Visit:
    """A visit of a deep linking request."""
    changes = {
        DEEP_LINKING: {**BASE, **settings},
        "message_type": "LtiDeepLinkingRequest",
        "resource_link": None,
        "roles": [INSTRUCTOR],
        "https://www.instructure.com/placement": placement,
    }
    assert lms.launch(**changes).status_code == 303
    return db.session.scalars(select(Visit).order_by(Visit.id.desc())).first()


def answered(lms: Lms, visit: Visit, *items: ContentItem, **words: str) -> tuple[dict[str, Any], str]:
    """The claims and the page of a response."""
    with lms.app.test_request_context("/"):
        page = respond(visit, items, **words).get_data(as_text=True)
    found = re.search(r'name="JWT" value="([^"]+)"', page)
    assert found
    kid = jwt.get_unverified_header(found[1])["kid"]
    key = next(key for key in public_jwks()["keys"] if key["kid"] == kid)
    return jwt.decode(found[1], jwt.PyJWK(key), algorithms=["RS256"], audience=lms.issuer), page


def test_a_choice_goes_back_signed_for_the_platform_that_asked(canvas_lms: Lms) -> None:
    claims, _page = answered(canvas_lms, picking(canvas_lms), ITEM)

    assert (claims["iss"], claims["aud"]) == ("client-1", "https://lms.example.edu")
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["iat"] <= time.time() - 45 < claims["exp"] - 180
    assert claims["nonce"]
    assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[LTI + "version"] == "1.3.0"
    assert claims[LTI + "deployment_id"] == "deployment-1"


def test_an_item_names_its_activity_twice_and_brings_its_grade_column(canvas_lms: Lms) -> None:
    claims, _page = answered(canvas_lms, picking(canvas_lms), ITEM)

    assert claims[DL + "content_items"] == [
        {
            "type": "ltiResourceLink",
            "url": "http://127.0.0.1:8000/lti/launch?activity=0190aa",
            "title": "Job hazard analysis",
            "text": "Find &amp; remove &lt;hazards&gt;.",
            "custom": {"activity": "0190aa"},
            "iframe": {"width": 900, "height": 700},
            "lineItem": {
                "scoreMaximum": 20.0,
                "label": "Job hazard analysis",
                "resourceId": "0190aa",
                "tag": "micro-credential",
            },
        }
    ]


def test_the_form_goes_to_the_address_exactly_as_the_lms_gave_it(canvas_lms: Lms) -> None:
    _claims, page = answered(canvas_lms, picking(canvas_lms), ITEM)

    action = re.search(r'action="([^"]+)"', page)
    assert action
    assert unescape(action[1]) == RETURN
    assert "data-autosubmit" in page
    assert "<button" in page


def test_the_page_may_post_to_the_lms_and_to_nobody_else(canvas_lms: Lms) -> None:
    visit = picking(canvas_lms)
    with canvas_lms.app.test_request_context("/"):
        respond(visit, [ITEM])
        assert g.form_targets[0] == "https://school.example.edu"
        assert "https://lms.example.edu" in g.form_targets
        assert not any("evil" in target or target == "*" for target in g.form_targets)


@pytest.mark.parametrize(("given", "there"), [("opaque", True), ("", True), (None, False)])
def test_data_is_echoed_when_it_was_there_even_empty(canvas_lms: Lms, given: str | None, there: bool) -> None:
    settings = {} if given is None else {"data": given}
    claims, _page = answered(canvas_lms, picking(canvas_lms, **settings), ITEM)

    assert (DL + "data" in claims, claims.get(DL + "data")) == (there, given)


def test_a_cancel_is_an_empty_list(canvas_lms: Lms) -> None:
    visit = picking(canvas_lms)
    with canvas_lms.app.test_request_context("/"):
        page = cancel(visit).get_data(as_text=True)
    token = re.search(r'name="JWT" value="([^"]+)"', page)
    assert token
    claims = jwt.decode(token[1], options={"verify_signature": False})

    assert claims[DL + "content_items"] == []
    assert DL + "errormsg" not in claims


def test_an_error_is_told_to_the_lms_in_words(canvas_lms: Lms) -> None:
    claims, _page = answered(canvas_lms, picking(canvas_lms), error="Nothing is published yet.")

    assert claims[DL + "errormsg"] == "Nothing is published yet."


@pytest.mark.parametrize("said", [False, "false"])
def test_a_platform_that_takes_no_grade_columns_gets_none(canvas_lms: Lms, said: Any) -> None:
    claims, _page = answered(canvas_lms, picking(canvas_lms, accept_lineitem=said), ITEM)

    assert "lineItem" not in claims[DL + "content_items"][0]


def test_canvas_gets_a_grade_column_only_where_it_honours_one(canvas_lms: Lms) -> None:
    claims, _page = answered(canvas_lms, picking(canvas_lms, "editor_button"), ITEM)

    assert "lineItem" not in claims[DL + "content_items"][0]


def test_a_new_module_in_canvas_gets_a_name(canvas_lms: Lms) -> None:
    visit = picking(canvas_lms, "module_index_menu_modal", accept_multiple=True)
    claims, _page = answered(canvas_lms, visit, ITEM, ContentItem("0190ab", "Reading"))

    assert claims["https://canvas.instructure.com/lti/module_name"] == "Micro-credentials"
    assert len(claims[DL + "content_items"]) == 2


@pytest.mark.parametrize(
    ("asked", "items", "code"),
    [
        ({"accept_types": ["file", "html"]}, [ITEM], "picker-wrong-place"),
        ({"accept_multiple": False}, [ITEM, ITEM], "picker-one-only"),
    ],
)
def test_what_the_lms_does_not_take_is_not_sent(
    canvas_lms: Lms, asked: dict[str, Any], items: list[ContentItem], code: str
) -> None:
    visit = picking(canvas_lms, **asked)
    with canvas_lms.app.test_request_context("/"), pytest.raises(Problem) as refused:
        respond(visit, items)
    assert refused.value.code == code


def test_a_visit_that_is_no_picking_has_nothing_to_answer(canvas_lms: Lms) -> None:
    canvas_lms.launch()
    visit = db.session.scalars(select(Visit)).one()
    with canvas_lms.app.test_request_context("/"), pytest.raises(Problem, match="picker-without-request"):
        respond(visit, [ITEM])


def test_moodle_is_asked_for_submission_review() -> None:
    item = content_item(ITEM, "https://tool.example.edu/", BASE, PROFILES["moodle"])

    assert item["lineItem"]["submissionReview"] == {"reviewableStatus": ["Submitted", "Completed"]}
    assert item["url"] == "https://tool.example.edu/lti/launch?activity=0190aa"


def test_other_lmss_get_plain_text() -> None:
    assert content_item(ITEM, "https://t", BASE, PROFILES["generic"])["text"] == "Find & remove <hazards>."


def test_an_activity_without_points_brings_no_grade_column() -> None:
    assert "lineItem" not in content_item(ContentItem("a", "Reading"), "https://t", BASE, PROFILES["generic"])
