"""Claims from anywhere: reading never raises, checking raises only its own error, and roles are the course's."""

import hashlib
import time
from typing import Any

import pytest
from flask_babel import LazyString
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_mcred.tool.profiles import PROFILES
from lti_mcred.tool.protocol.addresses import frame_sources, usable, usable_issuer
from lti_mcred.tool.protocol.checks import CHECKS, Expected, Refused, check_claims
from lti_mcred.tool.protocol.claims import AGS, DEEP_LINKING, LTI, NRPS, Launch, read_launch
from lti_mcred.tool.protocol.token import SIGNATURE_CHECKS
from lti_mcred.tool.protocol.vocabulary import read_roles
from lti_mcred.tool.refusals.reasons import NAMES as CHECK_NAMES
from lti_mcred.tool.refusals.reasons import REASONS

PLACEMENT = PROFILES["canvas"].placement_claim
M = "http://purl.imsglobal.org/vocab/lis/v2/membership"
NAMES = [
    "iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "name", "given_name", "family_name", "email", "locale",
    AGS, NRPS, DEEP_LINKING, PLACEMENT,
    *(LTI + name for name in (
        "deployment_id", "message_type", "version", "target_link_uri", "roles", "resource_link", "context",
        "tool_platform", "custom", "launch_presentation", "for_user",
    )),
]  # fmt: skip
MEMBERS = [
    "id", "title", "label", "guid", "scope", "lineitems", "lineitem", "context_memberships_url", "service_versions",
    "deep_link_return_url", "accept_types", "accept_multiple", "data", "return_url", "locale", "user_id",
]  # fmt: skip
WORDS = st.sampled_from(
    ["LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "1.3.0", "client", "https://lms",
     "https://[::1", "http://a:99999/", "https://t.example/lti/launch?" + "&".join(f"a{i}=1" for i in range(60)),
     "2.0", "$Person.name", "x" * 300, "\0", "\ud800"]
)  # fmt: skip
SIMPLE = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), WORDS, st.just(10**4000))
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(MEMBERS), inner)),
    max_leaves=8,
)
EXPECTED = Expected(
    "https://lms", "client", hashlib.sha256(b"n").hexdigest(), None, "", "https://t.example", time.time()
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_claims_are_read_without_harm(claims: dict[str, Any]) -> None:
    launch = read_launch(claims, "client", PLACEMENT)

    assert isinstance(launch, Launch)
    assert isinstance(launch.query, dict)
    for text in (launch.name or "", launch.sub, launch.locale, *launch.custom.values()):
        assert "\0" not in text
        text.encode()


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_claims_are_refused_with_our_own_error_alone(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        check_claims(
            {**claims, "nonce": "n", "iss": "https://lms", "aud": "client", "azp": "client", "sub": None}, EXPECTED
        )

    assert refused.value.check in {row.name for row in CHECKS}
    assert refused.value.status in (400, 401, 403)


@given(st.sampled_from(CHECKS), VALUES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_check_takes_any_value(row: Any, value: Any) -> None:
    for name in NAMES:
        assert isinstance(row.fails({name: value, LTI + "message_type": "LtiDeepLinkingRequest"}, EXPECTED), str)


ROLES = [
    ([f"{M}#Learner"], ["learner"]),
    ([f"{M}#Instructor"], ["teacher"]),
    ([f"{M}#Instructor", f"{M}/Instructor#TeachingAssistant"], ["assistant"]),
    ([f"{M}/Instructor#TeachingAssistant"], ["assistant"]),
    ([f"{M}/Instructor#Grader", f"{M}#Instructor"], ["assistant"]),
    ([f"{M}/Instructor#PrimaryInstructor"], ["teacher"]),
    ([f"{M}/Learner#GuestLearner"], ["learner"]),
    ([f"{M}#ContentDeveloper"], ["designer"]),
    ([f"{M}#Mentor"], ["observer"]),
    ([f"{M}#Administrator"], ["admin"]),
    ([f"{M}#Instructor", f"{M}#Learner"], ["learner", "teacher"]),
    (["Learner"], ["learner"]),
    (["Instructor"], ["teacher"]),
    (["Instructor", "TeachingAssistant"], ["assistant"]),
    (["TeachingAssistant"], ["assistant"]),
    (["Instructor#TeachingAssistant"], ["assistant"]),
    ([f"{M}/Instructor#SecondaryInstructor"], ["teacher"]),
    # A learner who helps: a sub-role of staff alone makes no staff of her.
    ([f"{M}#Learner", f"{M}/Instructor#TeachingAssistant"], ["learner"]),
    ([f"{M}/Instructor#TeachingAssistant", f"{M}#Learner"], ["learner"]),
    ([f"{M}#Learner", f"{M}#TeachingAssistant"], ["learner"]),
    (["Learner", "TeachingAssistant"], ["learner"]),
    (["Learner", f"{M}/Instructor#TeachingAssistant"], ["learner"]),
    ([f"{M}/Learner#NonCreditLearner", f"{M}/Instructor#TeachingAssistant"], ["learner"]),
    ([f"{M}#Learner", f"{M}/Instructor#Grader"], ["learner"]),
    ([f"{M}#Learner", f"{M}/Instructor#PrimaryInstructor"], ["learner"]),
    ([f"{M}#Learner", f"{M}/ContentDeveloper#ContentExpert"], ["learner"]),
    ([f"{M}#Learner", f"{M}/Administrator#Support"], ["learner"]),
    ([f"{M}#Learner", f"{M}#Mentor", f"{M}/Instructor#TeachingAssistant"], ["learner", "observer"]),
    ([f"{M}#Learner", f"{M}/Mentor#Reviewer"], ["learner", "observer"]),
    # The principal role of staff is there: she is both.
    ([f"{M}#Learner", f"{M}#Instructor", f"{M}/Instructor#TeachingAssistant"], ["assistant", "learner"]),
    ([f"{M}#Learner", "Instructor", "TeachingAssistant"], ["assistant", "learner"]),
    ([f"{M}#Learner", f"{M}#ContentDeveloper", f"{M}/Instructor#TeachingAssistant"], ["designer", "learner"]),
    ([f"{M}#Manager", f"{M}#Member", f"{M}#Officer"], []),
    (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], []),
    (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"], []),
    (["http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin"], []),
    (["http://evil.example/membership#Instructor", f"{M}#instructor", "instructor", f"x{M}#Instructor"], []),
    ([], []),
]


@pytest.mark.parametrize(("names", "ours"), ROLES)
def test_only_roles_of_the_course_give_course_powers(names: list[str], ours: list[str]) -> None:
    assert list(read_roles(tuple(names)).course) == ours


def test_the_test_user_is_known_by_its_own_vocabulary() -> None:
    assert read_roles(("http://purl.imsglobal.org/vocab/lti/system/person#TestUser",)).test_user
    assert not read_roles((f"{M}#TestUser",)).test_user


FINE = [
    "https://lms.example.edu/x?y=1",
    "https://lms.example.edu:8443",
    "http://localhost:8001/x",
    "http://127.0.0.1/x",
    "http://[::1]:8001/",
    "http://campus.local:8080/",
]
NOT_FINE = [
    "http://lms.example.edu",
    "http://campus.local:8081/",
    "ftp://lms/",
    "https://",
    "https://user:pass@lms/",
    "javascript:alert(1)",
    "//lms.example.edu",
    "https://lms\t.example",
    "https://lms .example",
    "https://a/\nb",
    "https://a:99999/",
    "https://[::1",
    "https://a;b/",
    "https://schülerlms.example/",
    "https://lms.example\x7f/",
    "https://" + "x" * 5000,
    "",
    None,
    5,
]


@pytest.mark.parametrize(("url", "fine"), [*((url, True) for url in FINE), *((url, False) for url in NOT_FINE)])
def test_a_web_address_is_https_or_a_private_one_that_is_allowed(url: Any, fine: bool) -> None:
    assert usable(url, ("campus.local:8080",)) is fine


@pytest.mark.parametrize("url", ["https://lms/?x=1", "https://lms/#a", "https://lms?", "https://lms#", "http://a", 1])
def test_an_issuer_has_neither_query_nor_fragment(url: Any) -> None:
    assert usable_issuer(url) is False


def test_frames_are_named_by_origin_once() -> None:
    urls = ["https://a.example/x", "https://a.example:443/y", None, "http://evil", "https://b.example:8443/"]

    assert (
        frame_sources(tuple(urls), ("https://*.c.example",))
        == "https://a.example https://b.example:8443 https://*.c.example"
    )


def test_every_check_of_a_launch_has_a_sentence_for_people() -> None:
    assert set(REASONS) == {*SIGNATURE_CHECKS, *(row.name for row in CHECKS)}


def test_every_check_of_a_launch_has_a_name_that_can_be_translated() -> None:
    without_a_check = {"deployment approval", "answer of the LMS"}
    assert set(CHECK_NAMES) == {*SIGNATURE_CHECKS, *(row.name for row in CHECKS), *without_a_check}
    assert all(isinstance(name, LazyString) for name in CHECK_NAMES.values())
