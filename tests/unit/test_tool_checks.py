"""Each check of a launch and of a notice, at its limits: what passes, what does not, and what is told of it."""

import hashlib
import math
from dataclasses import replace
from typing import Any, get_args

import pytest

from lti_mcred.tool.protocol import checks
from lti_mcred.tool.protocol.checks import CHECKS, NOTICE_CHECKS, Check, Expected, Kind, Refused, check_claims
from lti_mcred.tool.protocol.claims import DEEP_LINKING, LTI
from tests.frozen import loose

NOW = 1_800_000_000.0
EXPECTED = Expected(
    issuer="https://lms.example.edu",
    client_id="client-1",
    nonce_hash=hashlib.sha256(b"nonce-1").hexdigest(),
    deployment_hint=None,
    target_hint="",
    own_origin="https://tool.example.edu",
    now=NOW,
)
LAUNCH: dict[str, Any] = {
    "iss": "https://lms.example.edu",
    "aud": "client-1",
    "sub": "sub-1",
    "nonce": "nonce-1",
    "iat": NOW,
    "exp": NOW + 300,
    LTI + "deployment_id": "deployment-1",
    LTI + "message_type": "LtiResourceLinkRequest",
    LTI + "version": "1.3.0",
    LTI + "target_link_uri": "https://tool.example.edu/lti/launch",
    LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    LTI + "resource_link": {"id": "link-1"},
    LTI + "context": {"id": "course-1"},
    LTI + "tool_platform": {"guid": "lms-1"},
}
PICKER = LAUNCH | {
    LTI + "message_type": "LtiDeepLinkingRequest",
    LTI + "resource_link": None,
    DEEP_LINKING: {"deep_link_return_url": "https://lms.example.edu/return", "accept_types": ["ltiResourceLink"]},
}
REVIEW = LAUNCH | {LTI + "message_type": "LtiSubmissionReviewRequest", LTI + "for_user": {"user_id": "sub-2"}}
NOTICE: dict[str, Any] = {
    "iss": "https://lms.example.edu",
    "aud": "client-1",
    "nonce": "any",
    "iat": NOW,
    "exp": NOW + 300,
    LTI + "deployment_id": "deployment-1",
    LTI + "version": "1.3.0",
    LTI + "notice": {"id": "notice-1", "type": "LtiContextCopyNotice"},
}
TOP = ("iss", "aud", "azp", "sub", "nonce", "iat", "exp", "nbf", DEEP_LINKING)
LONG = "x" * 256
KINDS = {
    "issuer": ("registration", 401), "audience": ("registration", 401), "authorised party": ("registration", 401),
    "expiry": ("late", 401), "not before": ("early", 401), "issued at": ("late", 401), "nonce": ("other-login", 401),
    "deployment": ("message", 400), "deployment of the login": ("registration", 400), "message type": ("message", 400),
    "version": ("message", 400), "target link": ("message", 400), "target link of the login": ("other-login", 400),
    "roles": ("message", 400), "resource link": ("message", 400), "signed in": ("anonymous", 403),
    "subject": ("message", 400), "context": ("message", 400), "platform guid": ("message", 400),
    "deep linking settings": ("message", 400), "for user": ("message", 400),
}  # fmt: skip
NOTICE_KINDS = {
    "issuer": ("registration", 401), "audience": ("registration", 401), "authorised party": ("registration", 401),
    "expiry": ("late", 401), "not before": ("early", 401), "issued at": ("late", 401), "nonce": ("message", 400),
    "deployment": ("message", 400), "version": ("message", 400), "no launch": ("message", 400),
    "notice": ("message", 400), "context": ("message", 400),
}  # fmt: skip


def changed(claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The claims with others, by short or full name."""
    return claims | {name if name in TOP else LTI + name: value for name, value in changes.items()}


def refused(claims: dict[str, Any], expected: Expected = EXPECTED, rows: tuple[Check, ...] = CHECKS) -> tuple[str, str]:
    """The name of the check that does not pass, and its fact."""
    with pytest.raises(Refused) as caught:
        check_claims(claims, expected, rows)
    names = [row.name for row in rows]
    assert list(caught.value.passed) == names[: names.index(caught.value.check)]
    return caught.value.check, caught.value.fact


def passes(claims: dict[str, Any], expected: Expected = EXPECTED, rows: tuple[Check, ...] = CHECKS) -> bool:
    """Whether every check passes."""
    return check_claims(claims, expected, rows) == [row.name for row in rows]


@pytest.mark.parametrize("claims", [LAUNCH, PICKER, REVIEW])
def test_a_launch_that_says_all_that_it_has_to_passes_every_check(claims: dict[str, Any]) -> None:
    assert check_claims(claims, EXPECTED) == list(KINDS)


def test_a_notice_that_says_all_that_it_has_to_passes_every_check_of_a_notice() -> None:
    assert check_claims(NOTICE, EXPECTED, NOTICE_CHECKS) == list(NOTICE_KINDS)


def test_each_check_has_its_page_and_its_status() -> None:
    assert {row.name: (row.kind, row.status) for row in CHECKS} == KINDS
    assert {row.name: (row.kind, row.status) for row in NOTICE_CHECKS} == NOTICE_KINDS
    assert {row.kind for row in CHECKS} | {"moment"} == set(get_args(Kind))


def test_a_refusal_says_which_page_it_gets_and_what_had_passed() -> None:
    with pytest.raises(Refused) as caught:
        check_claims(changed(LAUNCH, sub=None), EXPECTED)
    found = caught.value
    assert (found.check, found.kind, found.status) == ("signed in", "anonymous", 403)
    assert found.passed[-1] == "resource link"


def test_what_is_expected_cannot_be_changed_on_the_way_and_a_refusal_is_an_error_like_any() -> None:
    assert loose(checks) == []
    one, other = (Refused("key", "moment", 401, "not asked") for _ in range(2))
    assert one.passed == ()
    assert len({one, other}) == 2  # Python keeps errors in sets


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"iss": "https://lms.example.edu/"}, "issuer", "iss is 'https://lms.example.edu/…', not 'https://lms.example.edu'"),
    ({"iss": None}, "issuer", "iss is missing, not 'https://lms.example.edu'"),
    ({"aud": "client-2"}, "audience", "aud 'client-2' does not name 'client-1'"),
    ({"aud": []}, "audience", "aud [] does not name 'client-1'"),
    ({"aud": ["client-1", "client-2"]}, "audience", "aud ['client-1', 'client-2'] names others too"),
    ({"aud": ["client-1", "client-1"]}, "authorised party", "azp is missing"),
    ({"aud": ["client-1", "client-1"], "azp": ""}, "authorised party", "azp is missing"),
    ({"azp": "client-2"}, "authorised party", "azp is 'client-2', not 'client-1'"),
    ({"azp": 0}, "authorised party", "azp is no text but int, not 'client-1'"),
    ({"exp": NOW - 60}, "expiry", "expired 60 s ago"),
    ({"exp": NOW - 3600}, "expiry", "expired 3600 s ago"),
    ({"exp": "soon"}, "expiry", "exp is missing or no number"),
    ({"exp": None}, "expiry", "exp is missing or no number"),
    ({"exp": True}, "expiry", "exp is missing or no number"),
    ({"exp": math.inf}, "expiry", "exp is missing or no number"),
    ({"exp": 10**400}, "expiry", "exp is missing or no number"),
    ({"nbf": NOW + 61}, "not before", "nbf lies 61 s in the future"),
    ({"nbf": "now"}, "not before", "nbf is no number"),
    ({"iat": NOW + 61}, "issued at", "iat lies 61 s in the future"),
    ({"iat": NOW - 661}, "issued at", "iat is 661 s old"),
    ({"iat": None}, "issued at", "iat is missing or no number"),
    ({"nonce": "nonce-2"}, "nonce", "the nonce belongs to another login"),
    ({"nonce": "\ud800"}, "nonce", "the nonce belongs to another login"),
    ({"nonce": None}, "nonce", "nonce is missing"),
    ({"deployment_id": None}, "deployment", "deployment_id is missing or no text"),
    ({"deployment_id": ""}, "deployment", "deployment_id is missing or no text"),
    ({"deployment_id": LONG}, "deployment", "deployment_id is longer than 255 characters or not ASCII"),
    ({"deployment_id": "\x1f"}, "deployment", "deployment_id is longer than 255 characters or not ASCII"),
    ({"deployment_id": "\x7f"}, "deployment", "deployment_id is longer than 255 characters or not ASCII"),
    ({"message_type": "LtiStartProctoring"}, "message type", "message_type is 'LtiStartProctoring'"),
    ({"version": "1.3"}, "version", "version is '1.3'"),
    ({"target_link_uri": None}, "target link", "target_link_uri is missing"),
    ({"target_link_uri": "http://tool.example.edu/lti/launch"}, "target link",
     "target_link_uri is 'http://tool.example.edu/…'"),
    ({"target_link_uri": "https://tool.example.edu/v/1"}, "target link",
     "target_link_uri 'https://tool.example.edu/…' is not an address of this tool"),
    ({"target_link_uri": "https://tool.example.edu/lti"}, "target link",
     "target_link_uri 'https://tool.example.edu/…' is not an address of this tool"),
    ({"target_link_uri": "https://evil.example/lti/launch"}, "target link",
     "target_link_uri 'https://evil.example/…' is not an address of this tool"),
    ({"roles": None}, "roles", "roles is missing or no list of words"),
    ({"roles": "Learner"}, "roles", "roles is missing or no list of words"),
    ({"roles": ["Learner", 1]}, "roles", "roles is missing or no list of words"),
    ({"resource_link": None}, "resource link", "resource_link.id is missing or no text"),
    ({"resource_link": {"id": LONG}}, "resource link", "resource_link.id is longer than 255 characters or not ASCII"),
    ({"sub": None}, "signed in", "sub is missing: an anonymous launch"),
    ({"sub": ""}, "signed in", "sub is missing: an anonymous launch"),
    ({"sub": 5}, "subject", "sub is missing or no text"),
    ({"context": {}}, "context", "context.id is missing or no text"),
    ({"context": "course"}, "context", "context.id is missing or no text"),
    ({"tool_platform": {"guid": LONG}}, "platform guid",
     "tool_platform.guid is longer than 255 characters or not ASCII"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "check", "fact"), WRONG)
def test_a_launch_is_refused_at_the_first_check_that_it_does_not_pass(
    changes: dict[str, Any], check: str, fact: str
) -> None:
    assert refused(changed(LAUNCH, **changes)) == (check, fact)


RIGHT: list[dict[str, Any]] = [
    {"aud": ["client-1"]},
    {"aud": ["client-1"], "azp": None},
    {"aud": ["client-1", "client-1"], "azp": "client-1"},
    {"azp": ""},
    {"exp": NOW - 59},
    {"nbf": NOW + 60},
    {"nbf": None},
    {"iat": NOW + 60},
    {"iat": NOW - 660},
    {"deployment_id": "x" * 255},
    {"deployment_id": " ~"},
    {"target_link_uri": "https://tool.example.edu"},
    {"target_link_uri": "https://tool.example.edu/"},
    {"target_link_uri": "https://tool.example.edu/lti/a?b=c"},
    {"roles": []},
    {"context": None},
    {"context": {"id": None}},
    {"context": {"id": ""}},
    {"tool_platform": None},
    {"tool_platform": {"guid": ""}},
    {"tool_platform": {"guid": 7}},
    {"for_user": {"user_id": 5}},
    {DEEP_LINKING: "nothing asked for"},
]


@pytest.mark.parametrize("changes", RIGHT)
def test_a_launch_passes_up_to_each_limit(changes: dict[str, Any]) -> None:
    assert passes(changed(LAUNCH, **changes))


def test_a_tool_on_plain_http_is_launched_at_its_own_address() -> None:
    own = replace(EXPECTED, own_origin="http://tool.internal")
    assert passes(changed(LAUNCH, target_link_uri="http://tool.internal/lti/launch"), own)
    assert refused(changed(LAUNCH, target_link_uri="http://tool.internal.evil.example/lti/launch"), own) == (
        "target link", "target_link_uri is 'http://tool.internal.evil.example/…'",
    )  # fmt: skip


def test_the_deployment_is_the_one_that_the_login_named() -> None:
    assert passes(LAUNCH, replace(EXPECTED, deployment_hint="deployment-1"))
    assert refused(LAUNCH, replace(EXPECTED, deployment_hint="deployment-2")) == (
        "deployment of the login", "deployment_id is 'deployment-1', the login request said 'deployment-2'",
    )  # fmt: skip


SAME_TARGETS = [
    ("https://tool.example.edu/lti/launch?b=&a=1", "https://tool.example.edu/lti/launch?a=%31&b="),
    ("https://tool.example.edu/lti/launch", "https://TOOL.example.edu/lti/launch"),
    ("https://tool.example.edu/lti/launch", ""),
]
OTHER_TARGETS = [
    ("https://tool.example.edu/lti/launch?a=1&b=", "https://tool.example.edu/lti/launch?a=1"),
    ("https://tool.example.edu/lti/launch?a=1", "https://tool.example.edu/lti/launch?a=2"),
    ("https://tool.example.edu/lti/launch", "https://tool.example.edu/lti/Launch"),
    ("https://tool.example.edu/lti/launch", "http://tool.example.edu/lti/launch"),
    ("https://tool.example.edu/lti/launch", "https://[::1"),
]


@pytest.mark.parametrize(("said", "named"), SAME_TARGETS)
def test_the_target_is_the_one_that_the_login_named_however_it_is_written(said: str, named: str) -> None:
    assert passes(changed(LAUNCH, target_link_uri=said), replace(EXPECTED, target_hint=named))


@pytest.mark.parametrize(("said", "named"), OTHER_TARGETS)
def test_another_target_than_the_login_named_is_refused(said: str, named: str) -> None:
    found = refused(changed(LAUNCH, target_link_uri=said), replace(EXPECTED, target_hint=named))
    assert found == ("target link of the login", "target_link_uri is not the one of the login request")


def test_a_picker_may_come_without_roles_and_without_a_link() -> None:
    assert passes(changed(PICKER, roles=None))
    assert refused(changed(PICKER, roles="Learner"))[0] == "roles"
    assert passes(changed(PICKER, resource_link={"id": ""}))
    assert passes(changed(PICKER, resource_link={"id": "link-1"}))
    assert refused(changed(PICKER, resource_link={"id": LONG}))[0] == "resource link"


PICKERS = [
    (None, "deep_linking_settings is missing"),
    ({"accept_types": []}, "deep_link_return_url is missing"),
    ({"deep_link_return_url": "http://campus.local:8080/r", "accept_types": []},
     "deep_link_return_url is 'http://campus.local:8080/…'"),
    ({"deep_link_return_url": "https://lms.example.edu/r"}, "accept_types is missing"),
    ({"deep_link_return_url": "https://lms.example.edu/r", "accept_types": "link"}, "accept_types is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "fact"), PICKERS)
def test_a_picker_has_an_address_to_return_to_and_says_what_it_takes(asked: Any, fact: str) -> None:
    assert refused(changed(PICKER, **{DEEP_LINKING: asked})) == ("deep linking settings", fact)


def test_a_picker_may_return_to_a_host_of_the_campus_that_the_operator_allowed() -> None:
    asked = {"deep_link_return_url": "http://campus.local:8080/r", "accept_types": []}
    campus = replace(EXPECTED, private_hosts=("campus.local:8080",))
    assert passes(changed(PICKER, **{DEEP_LINKING: asked}), campus)


@pytest.mark.parametrize("whose", [None, {}, {"user_id": None}, {"user_id": ""}, {"user_id": "sub-2"}])
def test_a_review_names_a_learner_or_nobody(whose: Any) -> None:
    assert passes(changed(REVIEW, for_user=whose))


@pytest.mark.parametrize("whose", [{"name": "nobody"}, {"user_id": 5}, {"user_id": LONG}, "sub-2", []])
def test_a_review_names_a_learner_by_an_id(whose: Any) -> None:
    check, fact = refused(changed(REVIEW, for_user=whose))
    assert (check, fact.partition(" ")[0]) == ("for user", "for_user.user_id")


WRONG_NOTICES: list[tuple[dict[str, Any], str, str]] = [
    ({"iss": "x"}, "issuer", "iss is 'x', not 'https://lms.example.edu'"),
    ({"exp": NOW - 60}, "expiry", "expired 60 s ago"),
    ({"iat": NOW + 61}, "issued at", "iat lies 61 s in the future"),
    ({"iat": "now"}, "issued at", "iat is missing or no number"),
    ({"nonce": ""}, "nonce", "nonce is missing"),
    ({"nonce": 5}, "nonce", "nonce is missing"),
    ({"message_type": None}, "no launch", "it is a launch"),
    ({"notice": None}, "notice", "notice is missing"),
    ({"notice": {"type": "LtiContextCopyNotice"}}, "notice", "notice.id is missing or no text"),
    ({"notice": {"id": "notice-1"}}, "notice", "notice.type is missing or no text"),
    ({"context": {"id": LONG}}, "context", "context.id is longer than 255 characters or not ASCII"),
]


@pytest.mark.parametrize(("changes", "check", "fact"), WRONG_NOTICES)
def test_a_notice_is_refused_at_the_first_check_that_it_does_not_pass(
    changes: dict[str, Any], check: str, fact: str
) -> None:
    assert refused(changed(NOTICE, **changes), rows=NOTICE_CHECKS) == (check, fact)


@pytest.mark.parametrize("iat", [NOW + 60, NOW - 10_000_000, 0])
def test_a_notice_may_have_waited_as_long_as_it_is_good(iat: float) -> None:
    assert passes(changed(NOTICE, iat=iat), rows=NOTICE_CHECKS)


SAID = [
    (["a"] * 11, "[" + ", ".join(["'a'"] * 10) + "]"),
    ({"name": "Nadia Okafor"}, "no text but dict"),
    ("x" * 101, repr("x" * 100)),
    ("https://nadia:secret@lms.example.edu?token=1", "'https://lms.example.edu/…'"),
    ("https://lms.example.edu/users/nadia@example.edu", "'https://lms.example.edu/…'"),
    ("https://lms.example.edu//a://b", "'https://lms.example.edu/…'"),
    ("a-long-scheme://" + "h" * 101, f"'a-long-sch://{'h' * 100}/…'"),
]


@pytest.mark.parametrize(("value", "said"), SAID, ids=range(len(SAID)))
def test_a_refusal_tells_a_value_in_short_and_of_an_address_its_host(value: Any, said: str) -> None:
    assert refused(changed(LAUNCH, iss=value)) == ("issuer", f"iss is {said}, not 'https://lms.example.edu'")
