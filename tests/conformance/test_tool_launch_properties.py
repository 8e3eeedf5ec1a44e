"""Claims of any shape in a well signed launch: never a fault of ours; what is accepted has all that LTI requires."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db
from lti_mcred.engine.quick import give_back
from lti_mcred.settings import Settings
from lti_mcred.tool.profiles import PROFILES
from lti_mcred.tool.protocol.claims import AGS, DEEP_LINKING, LTI, NRPS
from lti_mcred.tool.refusals.fields import LOGIN_FIELDS
from lti_mcred.web.models import Visit
from tests.conformance.lms import INSTRUCTOR, LEARNER, MEMBERSHIP, TOOL, Lms, open_pages, stand_up
from tests.tables import empty

PLACEMENT = PROFILES["canvas"].placement_claim
MANY = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
NAMES = [
    "iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "name", "given_name", "family_name", "email", "locale",
    AGS, NRPS, DEEP_LINKING, PLACEMENT,
    *(LTI + name for name in (
        "deployment_id", "message_type", "version", "target_link_uri", "roles", "resource_link", "context", "lti1p1",
        "tool_platform", "custom", "launch_presentation", "for_user", "role_scope_mentor", "lis",
    )),
]  # fmt: skip
MEMBERS = [
    "id", "title", "label", "guid", "type", "scope", "lineitems", "lineitem", "context_memberships_url", "activity",
    "service_versions", "deep_link_return_url", "accept_types", "accept_multiple", "data", "return_url", "locale",
    "user_id", "oauth_consumer_key", "oauth_consumer_key_sign", "masquerade",
]  # fmt: skip
LIKELY = st.sampled_from([
    "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "1.3.0", "client-1", "course-1",
    "https://lms.example.edu", f"{TOOL}/lti/launch", f"{TOOL}/lti/launch?attempt=x&activity=y",
    f"{TOOL}/lti/launch?attempt=%00", f"{TOOL}/lti/launch?activity=%00%ff", "https://[::1", "2.0",
    LEARNER, INSTRUCTOR, "$Person.name", "x" * 300, "\0", "\ud800", "<script>", "é", "true",
])  # fmt: skip
SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20), LIKELY, st.just(10**400)
)
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(MEMBERS), st.text(max_size=5)), inner)
    ),
    max_leaves=10,
)
TAKEN_AWAY = object()


@contextmanager
def platform(settings: Settings, url: str) -> Iterator[Lms]:
    """A platform in front of the tool as it is, without limits: one address sends hundreds of refused launches here."""
    app = create_app(replace(settings, database_url=url, limit_logins_per_minute=0, limit_refusals_per_minute=0))
    with app.app_context():
        empty()
        found = stand_up(app, app.test_client())
        found.register()
        open_pages(app)
        yield found
        db.session.remove()
        give_back()
        close_connections()


@pytest.fixture
def embedded_lms(settings: Settings) -> Iterator[Lms]:
    """A platform and the tool on the embedded database."""
    with platform(settings, settings.database_url) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def each(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Lms]:
    """A platform and the tool on each database: they differ in what they take as text."""
    url = settings.database_url if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with platform(settings, url) as found:
        yield found


def visits() -> int:
    """How many visits are open."""
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The claims with some replaced and some taken away."""
    return {name: value for name, value in {**claims, **changes}.items() if value is not TAKEN_AWAY}


def text(value: Any) -> bool:
    """Whether this is an id as LTI means it: ASCII text of at most 255 characters."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isascii()


def number(value: Any) -> bool:
    """Whether this is a number and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def inside(claims: dict[str, Any], claim: str, member: str) -> Any:
    """A member of a claim that is an object; "absent" where the claim is not there."""
    value = claims.get(claim)
    return "absent" if value is None else value.get(member) if isinstance(value, dict) else None


REQUIRED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "iss": lambda c: c.get("iss") == "https://lms.example.edu",
    "aud": lambda c: c.get("aud") in ("client-1", ["client-1"]),
    "azp": lambda c: c.get("azp") in ("client-1", "", None),
    "nbf": lambda c: c.get("nbf") is None or (number(c["nbf"]) and c["nbf"] < time.time() + 61),
    "exp": lambda c: number(c.get("exp")) and c["exp"] > time.time() - 61,
    "iat": lambda c: number(c.get("iat")) and abs(time.time() - c["iat"]) < 700,
    "nonce": lambda c: isinstance(c.get("nonce"), str),
    "sub": lambda c: text(c.get("sub")),
    "deployment": lambda c: text(c.get(LTI + "deployment_id")),
    "message": lambda c: str(c.get(LTI + "message_type")).startswith("Lti"),
    "version": lambda c: c.get(LTI + "version") == "1.3.0",
    "target": lambda c: urlsplit(c[LTI + "target_link_uri"])[:3] == ("http", "127.0.0.1:8000", "/lti/launch"),
    "roles": lambda c: (
        isinstance(c.get(LTI + "roles"), list) or c[LTI + "message_type"] == "LtiDeepLinkingRequest"
    ),
    "link": lambda c: (
        text(inside(c, LTI + "resource_link", "id"))
        if c[LTI + "message_type"] == "LtiResourceLinkRequest"
        else not isinstance(named := inside(c, LTI + "resource_link", "id"), str) or named == "" or text(named)
    ),
    "picking": lambda c: (
        c[LTI + "message_type"] != "LtiDeepLinkingRequest"
        or str(inside(c, DEEP_LINKING, "deep_link_return_url")).startswith("https://")
    ),
    "review": lambda c: (
        c[LTI + "message_type"] != "LtiSubmissionReviewRequest"
        or c.get(LTI + "for_user") in (None, {})
        or inside(c, LTI + "for_user", "user_id") in (None, "")
        or text(inside(c, LTI + "for_user", "user_id"))
    ),
    "context": lambda c: inside(c, LTI + "context", "id") in (None, "") or text(inside(c, LTI + "context", "id")),
    "platform": lambda c: (
        not isinstance(guid := inside(c, LTI + "tool_platform", "guid"), str) or guid == "" or text(guid)
    ),
}  # fmt: skip


def launched(lms: Lms, changes: dict[str, Any], message: str = "LtiResourceLinkRequest") -> int:
    """Launch with these claims changed, hold what must hold whatever they are, and return the status."""
    before = visits()
    asked = lms.login(target_link_uri=None)
    good = lms.claims(asked["nonce"], message_type=message)
    good[DEEP_LINKING] = {"deep_link_return_url": "https://lms.example.edu/return", "accept_types": ["ltiResourceLink"]}
    good[LTI + "for_user"] = {"user_id": "sub-1"}
    claims = changed(good, changes)

    answer = lms.post(lms.sign(claims), asked["state"])

    if answer.status_code == 303:
        # As the tool reads it: JSON knows no infinity, and half a character cannot be written.
        read = json.loads(json.dumps(claims))
        assert [name for name, holds in REQUIRED.items() if not holds(read)] == []
        assert visits() == before + 1
        page = lms.client.get(answer.location, follow_redirects=True)
        assert page.status_code < 500
        assert "<script>" not in page.text
    else:
        assert 400 <= answer.status_code < 500, answer.text
        assert visits() == before
        assert "<script>" not in answer.text
    return answer.status_code


@MANY
@given(changes=st.dictionaries(st.sampled_from(NAMES), st.one_of(st.just(TAKEN_AWAY), VALUES), max_size=3))
def test_claims_of_any_shape_are_taken_whole_or_refused(each: Lms, changes: dict[str, Any]) -> None:
    event(f"answered {launched(each, changes)}")


@MANY
@given(
    message=st.sampled_from(["LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"]),
    changes=st.dictionaries(st.sampled_from(NAMES), st.one_of(st.just(TAKEN_AWAY), VALUES), max_size=2),
)
def test_messages_of_any_shape_are_taken_whole_or_refused(each: Lms, message: str, changes: dict[str, Any]) -> None:
    event(f"answered {launched(each, changes, message)}")


@pytest.mark.parametrize("value", ["x" * 300, "x" * 4000, "\0", "\ud800"], ids=["long", "longer", "nul", "half"])
@pytest.mark.parametrize("claim", ["resource_link", "context", "tool_platform", "for_user", "deployment_id"])
@pytest.mark.parametrize("message", ["LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"])
def test_an_id_that_no_database_stores_is_refused(each: Lms, message: str, claim: str, value: str) -> None:
    members = {"id": value, "guid": value, "user_id": value}
    status = launched(each, {LTI + claim: value if claim == "deployment_id" else members}, message)
    assert status == (303 if claim == "for_user" and message != "LtiSubmissionReviewRequest" else 400)


ODD = {
    "nul": "%00",
    "no UTF-8": "%ff",
    "half a character": "%ed%a0%80",
    "long": "x" * 3000,
    "quote": "'",
    "hat": "%F0%9F%8E%93",
}


@pytest.mark.parametrize("role", ["Learner", "Instructor"])
@pytest.mark.parametrize("kind", ODD)
def test_a_target_with_an_odd_query_opens_a_page_or_says_what_is_wrong(each: Lms, kind: str, role: str) -> None:
    for name in ("attempt", "activity", "x"):
        target = f"{TOOL}/lti/launch?{name}={ODD[kind]}"
        launched(each, {LTI + "target_link_uri": target, LTI + "roles": [f"{MEMBERSHIP}#{role}"]})


@MANY
@given(
    fields=st.dictionaries(st.one_of(st.sampled_from(sorted(LOGIN_FIELDS)), st.text(max_size=5)), st.text(max_size=30)),
    by_form=st.booleans(),
)
def test_a_login_request_of_any_words_begins_a_sign_in_or_says_what_is_wrong(
    embedded_lms: Lms, fields: dict[str, str], by_form: bool
) -> None:
    given_fields = {"iss": embedded_lms.issuer, "client_id": embedded_lms.client_id, **fields}

    answer = (
        embedded_lms.client.post("/lti/login", data=given_fields)
        if by_form
        else embedded_lms.client.get("/lti/login", query_string=given_fields)
    )

    assert answer.status_code in (302, 303) or 400 <= answer.status_code < 500


@MANY
@given(claims=st.one_of(VALUES, st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), VALUES)))
def test_a_token_of_anything_but_a_launch_is_refused(embedded_lms: Lms, claims: Any) -> None:
    asked = embedded_lms.login()

    answer = embedded_lms.post(embedded_lms.sign(claims), asked["state"])

    assert 400 <= answer.status_code < 500, answer.text
    assert visits() == 0


@MANY
@given(
    token=st.one_of(st.binary(max_size=60), st.text(max_size=60)), header=st.dictionaries(st.text(max_size=6), SIMPLE)
)
def test_a_token_of_any_bytes_is_refused(embedded_lms: Lms, token: bytes | str, header: dict[str, Any]) -> None:
    asked = embedded_lms.login()
    first = embedded_lms.client.post("/lti/launch", data={"state": asked["state"], "id_token": token})

    asked = embedded_lms.login()
    head = {**header, "alg": "RS256", "kid": embedded_lms.kid}
    part = jwt.utils.base64url_encode(json.dumps(head).encode()).decode()
    second = embedded_lms.client.post("/lti/launch", data={"state": asked["state"], "id_token": f"{part}.e30.AAAA"})

    assert 400 <= first.status_code < 500
    assert 400 <= second.status_code < 500
    assert visits() == 0
