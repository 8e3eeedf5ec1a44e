"""What is kept of a refused launch names no person, whatever the LMS sent."""

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_mcred.tool.known.refused import HIDDEN, redacted
from lti_mcred.tool.protocol.checks import Expected, Refused, check_claims
from lti_mcred.tool.protocol.claims import AGS, DEEP_LINKING, LTI, NRPS

# Somebody's name, in every personal value that is made below.
WHO = "Zebulon"
REST = st.text(max_size=10)
PERSONAL = REST.map(lambda rest: f"{WHO}{rest}") | REST.map(lambda rest: f"{rest} {WHO}")
NESTED = st.recursive(
    PERSONAL,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
OBJECT = st.dictionaries(st.sampled_from(["id", "title", "name", "user_id"]), NESTED, min_size=1)
NAMES = ["name", "given_name", "family_name", "middle_name", "email", "picture", "sub", "locale", "ext", "nonce"]
CLAIMS = [
    AGS, NRPS, DEEP_LINKING, "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome",
    *(LTI + name for name in ("context", "resource_link", "lis", "for_user", "launch_presentation", "custom",
                              "lti1p1", "tool_platform", "role_scope_mentor", "roles")),
]  # fmt: skip
# Objects in place of the words and numbers that are kept as they are.
KEPT = ["iss", "aud", "azp", "exp", "iat", *(LTI + name for name in ("deployment_id", "message_type", "version"))]
_TARGET = LTI + "target_link_uri"
ADDRESS = PERSONAL.map(lambda name: f"https://t.example/{name}?email={name}")

# What each claim may hold; one of each kind is drawn, and stands in every claim of that kind.
MADE = st.fixed_dictionaries({"nested": NESTED, "objects": OBJECT | st.lists(OBJECT, max_size=2), "address": ADDRESS})
KINDS = {**dict.fromkeys((*NAMES, *CLAIMS), "nested"), **dict.fromkeys(KEPT, "objects"), _TARGET: "address"}
NOW = time.time()
GOOD: dict[str, Any] = {
    "iss": "https://lms", "aud": "client", "sub": "1", "nonce": "n", "iat": NOW, "exp": NOW + 60,
    LTI + "deployment_id": "d", LTI + "message_type": "LtiResourceLinkRequest", LTI + "version": "1.3.0",
    LTI + "target_link_uri": "https://t.example/lti/launch", LTI + "roles": [], LTI + "resource_link": {"id": "l"},
}  # fmt: skip
EXPECTED = Expected("https://lms", "client", hashlib.sha256(b"n").hexdigest(), None, "", "https://t.example", NOW)


def _each(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what was made in each claim by itself, and in all of them."""
    claims = {name: made[kind] for name, kind in KINDS.items()}
    yield from ({name: value} for name, value in claims.items())
    yield claims


@given(st.dictionaries(st.text(max_size=10), NESTED, max_size=3), MADE)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_no_personal_value_is_kept(strange: dict[str, Any], made: dict[str, Any]) -> None:
    for claims in _each(made):
        assert WHO not in json.dumps(redacted({**strange, **claims}, "secret"))


@given(MADE)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_no_personal_value_stands_in_the_reason(made: dict[str, Any]) -> None:
    for claims in _each(made):
        assert WHO not in _reason({**GOOD, **claims})


def _reason(claims: dict[str, Any]) -> str:
    try:
        check_claims(claims, EXPECTED)
    except Refused as refused:
        return refused.fact
    return ""


def test_what_names_systems_is_kept_for_support() -> None:
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
    said = {**GOOD, LTI + "roles": [role, "Learner", "Zebulon"], LTI + "custom": {"activity": "a", "who is": "Z"}}

    kept = redacted(said, "secret")

    assert (kept["iss"], kept["aud"], kept["exp"]) == ("https://lms", "client", NOW + 60)
    assert kept[LTI + "deployment_id"] == "d"
    assert kept[LTI + "target_link_uri"] == "t.example"
    assert kept[LTI + "roles"] == [role, "Learner"]
    assert kept[LTI + "custom"] == {"activity": HIDDEN}
    assert kept[LTI + "resource_link"] == HIDDEN


def test_a_person_gets_a_pseudonym_that_only_this_installation_could_make() -> None:
    one, same, other = (redacted({"sub": sub}, "secret")["sub"] for sub in ("5", "5", "6"))

    assert one == same != other
    assert one != redacted({"sub": "5"}, "another secret")["sub"]
    assert hashlib.sha256(b"5").hexdigest()[:10] not in one


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400)])
def test_numbers_that_no_database_takes_are_not_kept(value: float) -> None:
    assert redacted({"exp": value}, "secret") == {"exp": HIDDEN}


def test_an_address_that_cannot_be_read_is_hidden() -> None:
    assert redacted({LTI + "target_link_uri": "https://[::1"}, "secret") == {LTI + "target_link_uri": HIDDEN}
