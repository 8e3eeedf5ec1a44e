"""One rule of launch validation a test (LTI Security Framework 1.0, 5.1.3; LTI Core 1.3, 5.3 and 5.4)."""

import time
from dataclasses import replace
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.outbox import OutboxRow
from lti_mcred.people.models import Course, Person
from lti_mcred.services import service
from lti_mcred.tool.known.models import Platform, ResourceLink
from lti_mcred.tool.launch.openings import Openings
from lti_mcred.tool.protocol.claims import AGS as AGS_CLAIM
from lti_mcred.tool.protocol.claims import DEEP_LINKING, LTI, NOTICES, NRPS
from lti_mcred.web.models import Visit
from tests.conformance.lms import LEARNER, TOOL, Lms, jwk, rsa_key, stand_up
from tests.services import replace_service

LONG = "x" * 256
DEEP = {"message_type": "LtiDeepLinkingRequest", "resource_link": None}
SETTINGS = {
    "deep_link_return_url": "https://lms.example.edu/return?data=1",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": [],
}


def refused(lms: Lms, status: int, words: str, **changes: Any) -> None:
    """Expect a refusal with these words on its page, and no visit."""
    answer = lms.launch(**changes)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert db.session.scalars(select(Visit)).first() is None


def accepted(lms: Lms, **changes: Any) -> Visit:
    """Expect a launch."""
    answer = lms.launch(**changes)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(select(Visit)).one()


def with_nulls(lms: Lms, **changes: Any) -> TestResponse:
    """Launch with these claims, None as the null of JSON."""
    asked = lms.login()
    claims = lms.claims(asked["nonce"])
    top = ("azp", "nbf", "jti", "locale")
    claims |= {(n if n in claims or n in top or ":" in n else LTI + n): value for n, value in changes.items()}
    return lms.post(lms.sign(claims), asked["state"])


@pytest.mark.parametrize(
    "token", ["", "no token", "a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.e30", "W10.e30.x", "é.é.é", "[" * 3000]
)
def test_1_something_else_than_three_signed_parts_is_refused(lms: Lms, token: str) -> None:
    answer = lms.post(token, lms.login()["state"])

    assert answer.status_code == 400
    assert "left something out" in answer.text


@pytest.mark.parametrize("alg", ["none", "HS256", "RS512", "PS256"])
def test_2_another_algorithm_than_rs256_is_refused_even_when_correctly_signed(lms: Lms, alg: str) -> None:
    asked = lms.login()
    key: Any = {"none": None, "HS256": "a-shared-secret-of-sufficient-length-0123456789"}.get(alg, lms.key)
    token = jwt.encode(lms.claims(asked["nonce"]), key, algorithm=alg, headers={"kid": lms.kid})

    answer = lms.post(token, asked["state"])

    assert answer.status_code == 401
    assert "algorithm" in answer.text


def test_3_a_key_that_the_platform_does_not_publish_is_refused(lms: Lms) -> None:
    asked = lms.login()
    answer = lms.post(lms.sign(lms.claims(asked["nonce"]), kid="other"), asked["state"])
    assert answer.status_code == 401


def test_4_a_signature_by_another_key_under_a_known_kid_is_refused(lms: Lms) -> None:
    asked = lms.login()
    answer = lms.post(lms.sign(lms.claims(asked["nonce"]), key=rsa_key(1)), asked["state"])
    assert (answer.status_code, "signature" in answer.text) == (401, True)


@pytest.mark.parametrize(
    "iss", ["https://LMS.example.edu", "https://lms.example.edu/", "https://evil.example", 7, None]
)
def test_5_the_issuer_is_compared_exactly(lms: Lms, iss: Any) -> None:
    refused(lms, 401, "issuer", iss=iss)


@pytest.mark.parametrize("aud", ["other", ["other"], ["client-1", "stranger"], [], None, {"client-1": 1}])
def test_6_another_audience_is_refused_and_so_is_a_stranger_beside_us(lms: Lms, aud: Any) -> None:
    refused(lms, 401, "audience", aud=aud, azp="client-1")


@pytest.mark.parametrize("aud", ["client-1", ["client-1"]])
def test_6_our_audience_may_be_text_or_a_list(lms: Lms, aud: Any) -> None:
    accepted(lms, aud=aud)


def test_7_two_audiences_need_an_authorised_party(lms: Lms) -> None:
    refused(lms, 401, "authorised party", aud=["client-1", "client-1"])


@pytest.mark.parametrize("azp", ["other", 1, ["client-1"]])
def test_7_an_authorised_party_that_is_not_us_is_refused(lms: Lms, azp: Any) -> None:
    refused(lms, 401, "authorised party", azp=azp)


@pytest.mark.parametrize("azp", ["", None])
def test_7_an_authorised_party_that_says_nothing_is_as_absent(lms: Lms, azp: Any) -> None:
    assert with_nulls(lms, azp=azp).status_code == 303


@pytest.mark.parametrize("azp", ["", None])
def test_7_two_audiences_need_an_authorised_party_that_says_something(lms: Lms, azp: Any) -> None:
    answer = with_nulls(lms, aud=["client-1", "client-1"], azp=azp)
    assert (answer.status_code, "authorised party" in answer.text) == (401, True)


@pytest.mark.parametrize("exp", [None, "soon", True, -1, 10**400])
def test_8_an_expiry_that_is_missing_or_past_is_refused(lms: Lms, exp: Any) -> None:
    refused(lms, 401, "took too long", exp=exp)


def test_8_an_expiry_within_the_leeway_passes(lms: Lms) -> None:
    accepted(lms, exp=int(time.time()) - 30)


@pytest.mark.parametrize("shift", [3600, 61.5, 120.0])
def test_9_a_token_is_not_good_before_its_time(lms: Lms, shift: float) -> None:
    refused(lms, 401, "not before", nbf=time.time() + shift)


@pytest.mark.parametrize("nbf", ["soon", "1500000000", True, [1], {}, float("nan"), float("inf"), 10**400, 1e18])
def test_9_the_time_from_which_a_token_is_good_is_a_number_of_this_age(lms: Lms, nbf: Any) -> None:
    refused(lms, 401, "not before", nbf=nbf)


@pytest.mark.parametrize("nbf", [0, -5, 1.5e9, -(10.0**300)])
def test_9_a_token_whose_time_has_come_passes(lms: Lms, nbf: float) -> None:
    accepted(lms, nbf=nbf)


def test_9_a_token_that_is_good_within_the_leeway_passes(lms: Lms) -> None:
    accepted(lms, nbf=time.time() + 50)


def test_9_a_time_that_says_nothing_is_as_absent(lms: Lms) -> None:
    assert with_nulls(lms, nbf=None).status_code == 303


@pytest.mark.parametrize("shift", [120, -1000])
def test_9_an_issue_time_in_the_future_or_long_ago_is_refused(lms: Lms, shift: int) -> None:
    refused(lms, 401, "took too long", iat=int(time.time()) + shift)


@pytest.mark.parametrize("iat", [None, "now"])
def test_9_an_issue_time_is_a_number(lms: Lms, iat: Any) -> None:
    refused(lms, 401, "took too long", iat=iat)


def test_9_a_platform_clock_that_is_half_a_minute_fast_passes(lms: Lms) -> None:
    accepted(lms, iat=int(time.time()) + 30)


@pytest.mark.parametrize("nonce", [None, "another", 5])
def test_10_another_nonce_than_ours_is_refused(lms: Lms, nonce: Any) -> None:
    refused(lms, 401, "another sign-in", nonce=nonce)


def test_10_the_state_of_one_login_with_the_nonce_of_another_is_refused(lms: Lms) -> None:
    first, second = lms.login(), lms.login()

    crossed = lms.post(lms.sign(lms.claims(second["nonce"])), first["state"])

    assert crossed.status_code == 401
    assert db.session.scalars(select(Visit)).first() is None


@pytest.mark.parametrize("value", [None, "", LONG, "é", 7])
def test_11_a_deployment_id_is_ascii_text_of_255(lms: Lms, value: Any) -> None:
    refused(lms, 400, "left something out", deployment_id=value)


def test_11_an_unknown_deployment_waits_for_approval_and_the_page_names_it(lms: Lms) -> None:
    refused(lms, 403, "deployment-of-another-school", deployment_id="deployment-of-another-school")


@pytest.mark.parametrize("value", [None, "LtiStartProctoring", "ltiresourcelinkrequest", 3])
def test_12_a_message_that_we_do_not_serve_is_refused(lms: Lms, value: Any) -> None:
    refused(lms, 400, "message type", message_type=value)


@pytest.mark.parametrize("value", [None, "1.3", "1.3.1", 1.3])
def test_13_the_version_is_exactly_1_3_0(lms: Lms, value: Any) -> None:
    refused(lms, 400, "version", version=value)


NOT_OURS = [
    None,
    "",
    5,
    "https://evil.example/lti/launch",
    "http://127.0.0.1:8000.evil.example/lti/launch",
    "http://127.0.0.1:8000@evil.example/lti/launch",
    "http://127.0.0.1:9000/lti/launch",
    "javascript:alert(1)",
    f"{TOOL}/v/1/page",
]


@pytest.mark.parametrize("value", NOT_OURS)
def test_14_a_target_that_is_not_ours_is_refused(lms: Lms, value: Any) -> None:
    refused(lms, 400, "target link", target_link_uri=value)


def test_14_a_target_of_ours_may_have_a_query(lms: Lms) -> None:
    assert accepted(lms, target_link_uri=f"{TOOL}/lti/launch?attempt=7Kq").launch["query"] == {"attempt": "7Kq"}


@pytest.mark.parametrize("named", ["?activity=a1", "?activity=a2&a=1", "/more"])
def test_14_another_target_than_the_login_named_is_refused(lms: Lms, named: str) -> None:
    asked = lms.login(target_link_uri=f"{TOOL}/lti/launch{named}")
    claims = lms.claims(asked["nonce"], target_link_uri=f"{TOOL}/lti/launch?activity=a2")

    answer = lms.post(lms.sign(claims), asked["state"])

    assert (answer.status_code, "another sign-in" in answer.text) == (400, True)
    assert db.session.scalars(select(Visit)).first() is None


@pytest.mark.parametrize("named", ["?activity=a%31&b=", "?b=&activity=a1", None])
def test_14_the_same_target_may_be_written_differently_or_be_left_out_at_login(lms: Lms, named: str | None) -> None:
    asked = lms.login(target_link_uri=named and f"{TOOL}/lti/launch{named}")
    claims = lms.claims(asked["nonce"], target_link_uri=f"{TOOL}/lti/launch?activity=a1&b=")

    assert lms.post(lms.sign(claims), asked["state"]).status_code == 303


def test_14_a_canvas_may_name_the_place_instead_of_the_link_at_login(lms: Lms) -> None:
    db.session.execute(update(Platform).values(profile="canvas"))
    db.session.commit()
    asked = lms.login(target_link_uri=f"{TOOL}/lti/launch")
    claims = lms.claims(asked["nonce"], target_link_uri=f"{TOOL}/lti/launch?activity=a1")

    assert lms.post(lms.sign(claims), asked["state"]).status_code == 303


@pytest.mark.parametrize("value", [None, "Learner", [1], {}])
def test_15_roles_are_a_list_of_words_that_must_be_there(lms: Lms, value: Any) -> None:
    refused(lms, 400, "roles", roles=value)


def test_15_a_deep_linking_request_may_come_without_roles(lms: Lms) -> None:
    assert accepted(lms, roles=None, **DEEP, **{DEEP_LINKING: SETTINGS}).roles == []


@pytest.mark.parametrize("value", [None, {}, {"id": ""}, {"id": LONG}, {"id": 5}, "link", []])
def test_16_a_resource_link_has_an_id(lms: Lms, value: Any) -> None:
    refused(lms, 400, "resource link", resource_link=value)


@pytest.mark.parametrize("value", [{"id": LONG}, {"id": "naïve"}])
def test_16_what_another_message_names_as_its_link_is_an_id_too(lms: Lms, value: Any) -> None:
    refused(lms, 400, "resource link", **{**DEEP, "resource_link": value}, **{DEEP_LINKING: SETTINGS})


@pytest.mark.parametrize("value", [None, {}, {"id": ""}, {"title": "none"}, "link"])
def test_16_another_message_need_not_name_a_link(lms: Lms, value: Any) -> None:
    assert accepted(lms, **{**DEEP, "resource_link": value}, **{DEEP_LINKING: SETTINGS}).resource_link_id is None


@pytest.mark.parametrize("value", [LONG, "naïve", 17, ["5"]])
def test_17_a_subject_is_ascii_text_of_255(lms: Lms, value: Any) -> None:
    refused(lms, 400, "subject", sub=value)


@pytest.mark.parametrize("value", [None, ""])
def test_17_an_anonymous_launch_is_asked_to_sign_in(lms: Lms, value: Any) -> None:
    refused(lms, 403, "sign in to your LMS", sub=value)


@pytest.mark.parametrize("value", [{}, {"title": "no id"}, {"id": LONG}, [], "course"])
def test_18_a_context_that_is_there_has_an_id(lms: Lms, value: Any) -> None:
    refused(lms, 400, "context", context=value)


@pytest.mark.parametrize("value", [None, {"id": ""}, {"id": None, "title": "nowhere"}])
def test_18_an_lms_may_name_no_course(lms: Lms, value: Any) -> None:
    assert with_nulls(lms, context=value).status_code == 303
    assert db.session.scalars(select(Visit)).one().course_id is None


@pytest.mark.parametrize("value", [{"guid": LONG}, {"guid": "naïve"}])
def test_18_the_id_of_a_platform_is_ascii_text_of_255(lms: Lms, value: Any) -> None:
    refused(lms, 400, "platform guid", tool_platform=value)


@pytest.mark.parametrize("value", [None, {}, {"name": "no guid"}, {"guid": None}, {"guid": ""}, {"guid": 7}, [], "Mo"])
def test_18_a_platform_that_says_little_of_itself_launches_all_the_same(lms: Lms, value: Any) -> None:
    assert with_nulls(lms, tool_platform=value).status_code == 303


OPTIONAL = (
    "tool_platform", "custom", "launch_presentation", "lis", "role_scope_mentor", "for_user", "lti1p1",
    "context", "locale", "name", "given_name", "family_name", "email", "azp", "nbf", "jti", AGS_CLAIM, NRPS, NOTICES,
    DEEP_LINKING,
)  # fmt: skip


@pytest.mark.parametrize("claim", OPTIONAL)
def test_18_an_optional_claim_of_null_is_as_absent(lms: Lms, claim: str) -> None:
    assert with_nulls(lms, **{claim: None}).status_code == 303


def test_19_a_mentor_scope_gives_a_learner_nothing(lms: Lms) -> None:
    assert accepted(lms, role_scope_mentor=["sub-2"]).roles == ["learner"]


@pytest.mark.parametrize("value", ["javascript:alert(1)", "/relative", "http://lms.example.edu/", "https://a b/", 5])
def test_20_a_return_address_that_is_no_https_address_is_never_offered(lms: Lms, value: Any) -> None:
    assert "return_url" not in accepted(lms, launch_presentation={"return_url": value}).launch


@pytest.mark.parametrize("value", [None, "javascript:alert(1)", "http://lms.example.edu/return", "https://u:p@lms/"])
def test_20_a_deep_linking_return_address_is_an_https_address(lms: Lms, value: Any) -> None:
    refused(lms, 400, "deep linking settings", **DEEP, **{DEEP_LINKING: {**SETTINGS, "deep_link_return_url": value}})


def test_21_unknown_claims_are_ignored(lms: Lms) -> None:
    accepted(lms, **{"https://example.org/claim/new": {"deep": [1, {"x": None}]}, "errors:x": {"errors": {}}})


def test_22_custom_values_become_text_and_unsubstituted_ones_are_absent(lms: Lms) -> None:
    custom = {"n": 5, "f": 0.5, "b": True, "none": None, "o": {"x": 1}, "v": "$Person.name.full", "price": "$5"}
    assert accepted(lms, custom=custom).launch["custom"] == {"n": "5", "f": "0.5", "b": "true", "price": "$5"}


@pytest.mark.parametrize("value", [700, "700", None, "wide"])
def test_23_the_size_of_the_frame_may_come_as_text(lms: Lms, value: Any) -> None:
    accepted(lms, launch_presentation={"height": value, "width": value, "document_target": "iframe"})


@pytest.mark.parametrize("whose", [{"name": "nobody"}, {"user_id": 5}, {"user_id": LONG}, "5", [], 0])
def test_a_submission_review_that_names_somebody_names_a_learner(lms: Lms, whose: Any) -> None:
    refused(lms, 400, "for user", message_type="LtiSubmissionReviewRequest", for_user=whose)


@pytest.mark.parametrize("whose", [{}, {"user_id": ""}, {"user_id": None}, {"user_id": "", "name": "Somebody"}, None])
def test_a_submission_review_of_a_whole_column_names_nobody(lms: Lms, whose: Any) -> None:
    assert with_nulls(lms, message_type="LtiSubmissionReviewRequest", for_user=whose).status_code == 303
    assert "for_user_id" not in db.session.scalars(select(Visit)).one().launch


def test_a_submission_review_need_not_say_whose_work_it_shows(lms: Lms) -> None:
    assert "for_user_id" not in accepted(lms, message_type="LtiSubmissionReviewRequest").launch


def test_names_with_markup_or_nul_are_stored_as_text(lms: Lms) -> None:
    accepted(lms, name="<script>alert(1)</script>\0", context={"id": "c", "title": "<b>\ud800"})

    person, course = db.session.scalars(select(Person)).one(), db.session.scalars(select(Course)).one()
    assert (person.name, course.title) == ("<script>alert(1)</script>", "<b>?")


def test_markup_in_what_a_stranger_sends_is_escaped_on_the_page(lms: Lms) -> None:
    answer = lms.begin(iss="https://<script>alert(1)</script>.example")

    assert answer.status_code == 403
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_a_later_launch_keeps_the_names_that_it_does_not_bring(lms: Lms) -> None:
    lms.launch()
    lms.launch(name=None, given_name=None, family_name=None, email=None)

    assert db.session.scalars(select(Person)).one().name == "Nadia Okafor"


AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
COLUMN = "https://lms.example.edu/li/1"


def columns_found() -> list[str]:
    query = select(OutboxRow).filter_by(topic="column.found").order_by(OutboxRow.id)
    return [row.payload["resource_link_id"] for row in db.session.scalars(query)]


@pytest.mark.parametrize(
    "claim", [{"scope": ["s"], "lineitem": ""}, {"scope": ["s"]}, None], ids=["", "none", "no claim"]
)
def test_a_launch_that_names_no_grade_column_takes_none_away(lms: Lms, claim: Any) -> None:
    lms.launch(**{AGS: {"scope": ["s"], "lineitem": COLUMN}})
    lms.launch(**{AGS: claim})

    assert db.session.scalars(select(ResourceLink)).one().lineitem_url == COLUMN
    assert columns_found() == []


def test_a_launch_without_the_claim_takes_no_right_away(lms: Lms) -> None:
    lms.launch(**{AGS: {"scope": ["s"], "lineitems": "https://lms.example.edu/li"}})
    lms.launch()
    course = db.session.scalars(select(Course)).one()
    assert (course.scopes, course.lineitems_url) == (["s"], "https://lms.example.edu/li")

    lms.launch(**{AGS: {"scope": ["t"], "lineitems": "https://lms.example.edu/li"}})
    db.session.refresh(course)
    assert course.scopes == ["t"]


def test_the_grade_column_of_one_course_is_not_that_of_another(lms: Lms) -> None:
    lms.launch(**{AGS: {"scope": ["s"], "lineitem": COLUMN}})
    lms.launch(context={"id": "course-2", "title": "Safety", "label": "SAF2"})

    columns = db.session.scalars(select(ResourceLink.lineitem_url).order_by(ResourceLink.created_at))
    assert list(columns) == [COLUMN, None]


def test_a_grade_column_that_appears_or_moves_is_news(lms: Lms) -> None:
    lms.launch()
    link = db.session.scalars(select(ResourceLink)).one()
    assert columns_found() == []
    for url in (COLUMN, COLUMN, "https://moved.example.edu/li/1"):
        lms.launch(**{AGS: {"scope": ["s"], "lineitem": url}})

    assert columns_found() == [link.id, link.id]


def test_a_plain_http_service_of_an_https_lms_is_reached_by_https(lms: Lms) -> None:
    ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    lms.launch(**{ags: {"scope": ["s"], "lineitems": "http://lms.example.edu/lineitems"}})

    assert db.session.scalars(select(Course)).one().lineitems_url == "https://lms.example.edu/lineitems"


def test_the_first_deployment_of_a_registration_is_taken_the_second_waits(app: Flask, client: FlaskClient) -> None:
    lms = stand_up(app, client)
    lms.register(deployment="")

    first = lms.launch(deployment_id="first")
    second = lms.launch(deployment_id="second")

    assert (first.status_code, second.status_code) == (303, 403)


def test_the_activity_of_the_link_is_found_by_the_room_that_owns_activities(lms: Lms) -> None:
    asked_for: list[tuple[str, str, str]] = []
    replace_service(lms.app, Openings, replace(service(Openings), find_activity=lambda *what: asked_for.append(what)))

    visit = accepted(lms, custom={"activity": "a17"})

    assert asked_for == [("a17", visit.course_id, visit.deployment_id)]


def test_a_launch_that_no_room_serves_opens_no_visit(lms: Lms) -> None:
    replace_service(lms.app, Openings, replace(service(Openings), landings={}))

    refused(lms, 400, "has no page for that")


def test_two_registrations_of_one_issuer_do_not_answer_for_each_other(app: Flask, client: FlaskClient) -> None:
    one = stand_up(app, client)
    one.register()
    other = Lms(app, client, one.http, client_id="client-2", key=rsa_key(1), jwks_url="https://lms.example.edu/jwks-2")
    other.register()

    asked = one.login()
    crossed = one.post(other.sign(other.claims(asked["nonce"])), asked["state"])
    nobody = one.begin(client_id=None)

    assert crossed.status_code == 401
    assert (nobody.status_code, "client ID" in nobody.text) == (400, True)
    assert other.launch(roles=[LEARNER]).status_code == 303
    assert jwk(one.key, one.kid)["n"] != jwk(other.key, other.kid)["n"]
