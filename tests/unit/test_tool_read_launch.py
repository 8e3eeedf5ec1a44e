"""What is read from the claims of a launch: each claim in its place, and nothing from what cannot be read."""

from dataclasses import replace
from typing import Any

import pytest

from lti_mcred.tool.protocol import claims
from lti_mcred.tool.protocol.claims import (
    AGS,
    DEEP_LINKING,
    LTI,
    MESSAGE_TYPES,
    NOTICES,
    NRPS,
    Context,
    DeepLinkingSettings,
    GradeServices,
    Launch,
    Link,
    Lti11,
    history,
    read_launch,
)
from tests.frozen import loose

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PLACEMENT = "https://www.instructure.com/placement"
NOTICE_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
SETTINGS: dict[str, Any] = {
    "deep_link_return_url": "https://lms.example.edu/return",
    "accept_types": ["link", "ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
    "accept_lineitem": False,
    "auto_create": True,
    "title": "Choose",
    "text": "one of them",
    "data": "csrf:1",
}
ALL: dict[str, Any] = {
    "iss": "https://lms.example.edu",
    "aud": "client-1",
    "sub": "sub-1",
    "exp": 1_800_000_300,
    "nonce": "nonce-1",
    "name": " Nadia Okafor ",
    "given_name": "Nadia",
    "family_name": "Okafor",
    "email": "nadia@example.edu",
    "locale": "de",
    LTI + "deployment_id": "deployment-1",
    LTI + "message_type": "LtiResourceLinkRequest",
    LTI + "target_link_uri": "https://tool.example.edu/lti/launch?activity=a2&attempt=7K",
    LTI + "roles": [f"{MEMBERSHIP}#Instructor"],
    LTI + "context": {"id": "course-1", "title": "Safety", "label": "SAF1", "type": ["CourseSection"]},
    LTI + "resource_link": {"id": "link-1", "title": "Job hazard analysis"},
    LTI + "custom": {
        "activity": "a1", "n": 5, "f": 0.5, "yes": True, "no": False, "none": None, "o": {}, "v": "$User.id",
    },
    LTI + "launch_presentation": {
        "locale": "fr", "return_url": "https://lms.example.edu/back", "document_target": "iframe",
    },
    LTI + "tool_platform": {"product_family_code": "canvas", "name": "Larkspur", "description": "The college"},
    LTI + "for_user": {"user_id": "sub-2"},
    LTI + "lti1p1": {"user_id": "old-1", "oauth_consumer_key": "key-1", "oauth_consumer_key_sign": "sign-1"},
    AGS: {
        "scope": ["score", "lineitem"],
        "lineitems": "https://lms.example.edu/items",
        "lineitem": "https://lms.example.edu/items/1",
    },
    NRPS: {"context_memberships_url": "https://lms.example.edu/members", "service_versions": ["1.0", "2.0"]},
    DEEP_LINKING: SETTINGS,
    NOTICES: {
        "platform_notification_service_url": "https://lms.example.edu/notices",
        "scope": [NOTICE_SCOPE],
        "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
    },
    PLACEMENT: "assignment_selection",
}  # fmt: skip
READ = Launch(
    issuer="https://lms.example.edu",
    client_id="client-1",
    deployment_id="deployment-1",
    message_type="LtiResourceLinkRequest",
    target_link_uri="https://tool.example.edu/lti/launch?activity=a2&attempt=7K",
    sub="sub-1",
    roles=("teacher",),
    is_test_user=False,
    masquerading=False,
    administers=False,
    name="Nadia Okafor",
    given_name="Nadia",
    family_name="Okafor",
    email="nadia@example.edu",
    context=Context("course-1", "Safety", "SAF1", ("CourseSection",)),
    link=Link("link-1", "Job hazard analysis"),
    grades=GradeServices(
        ("score", "lineitem"), "https://lms.example.edu/items", "https://lms.example.edu/items/1"
    ),
    memberships_url="https://lms.example.edu/members",
    deep_linking=DeepLinkingSettings(
        return_url="https://lms.example.edu/return", accept_types=("link", "ltiResourceLink"),
        accept_targets=("iframe", "window"), accept_multiple=True, accept_lineitem=False, auto_create=True,
        title="Choose", text="one of them", data="csrf:1",
    ),
    for_user_id="sub-2",
    lti11=Lti11("key-1", "old-1", "key-1&deployment-1&https://lms.example.edu&client-1&1800000300&nonce-1", "sign-1"),
    custom={"activity": "a1", "n": "5", "f": "0.5", "yes": "true", "no": "false"},
    locale="fr",
    return_url="https://lms.example.edu/back",
    document_target="iframe",
    product="canvas",
    platform_name="Larkspur",
    placement="assignment_selection",
    notices=("LtiHelloWorldNotice", "LtiContextCopyNotice"),
    notices_url="https://lms.example.edu/notices",
)  # fmt: skip
NOTHING = Launch("", "client-1", "", "", "", "")
STANDARD = {
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": AGS,
    "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": NRPS,
    "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": DEEP_LINKING,
    "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice": NOTICES,
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers": claims.NOTICE_SCOPE,
    "LtiContextCopyNotice": claims.COPY_NOTICE,
}


def read(**changes: Any) -> Launch:
    """Read the claims of all kinds with others, by short or full name."""
    named = {name if name in ALL else LTI + name: value for name, value in changes.items()}
    return read_launch(ALL | named, "client-1", PLACEMENT)


def test_every_claim_is_read_into_its_place() -> None:
    assert read() == READ


def test_from_nothing_nothing_is_read() -> None:
    assert read_launch({}, "client-1", PLACEMENT) == NOTHING
    assert read_launch(dict.fromkeys(ALL, 7), "client-1", PLACEMENT) == NOTHING
    assert Launch(
        "", "client-1", "", "", "", "", roles=(), is_test_user=False, masquerading=False, administers=False, name=None,
        given_name=None, family_name=None, email=None, context=None, link=None, grades=None, memberships_url=None,
        deep_linking=None, for_user_id=None, lti11=None, custom={}, locale="", return_url=None, document_target="",
        product="", platform_name="", placement="", notices=(), notices_url=None,
    ) == NOTHING  # fmt: skip


def test_what_was_read_cannot_be_changed_afterwards() -> None:
    assert loose(claims) == []


def test_services_and_messages_are_known_by_the_names_of_their_specifications() -> None:
    assert [*STANDARD.values()] == [*STANDARD]
    assert MESSAGE_TYPES == ("LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest")


NAMES = [
    ({"name": None}, "Nadia Okafor"),
    ({"name": "  "}, "Nadia Okafor"),
    ({"name": None, "given_name": None}, "Okafor"),
    ({"name": None, "family_name": " "}, "Nadia"),
    ({"name": None, "given_name": None, "family_name": None}, None),
]


@pytest.mark.parametrize(("changes", "name"), NAMES)
def test_a_name_that_is_not_sent_is_made_of_its_parts(changes: dict[str, Any], name: str | None) -> None:
    assert read(**changes).name == name


def test_the_test_user_and_who_runs_the_lms_are_known_by_their_roles() -> None:
    lis = "http://purl.imsglobal.org/vocab"
    assert read(roles=[f"{lis}/lti/system/person#TestUser"]).is_test_user
    assert read(roles=[f"{lis}/lis/v2/system/person#SysAdmin"]).administers


def test_who_acts_as_somebody_else_is_known_by_a_value_that_was_put_in() -> None:
    assert read(custom={"masquerade": "7"}).masquerading
    assert not read(custom={"masquerade": "$Canvas.masqueradingUser.id"}).masquerading


@pytest.mark.parametrize("claim", ["context", "resource_link"])
@pytest.mark.parametrize("value", [None, {}, {"id": ""}, {"id": 5}, "course-1"])
def test_a_course_or_link_without_an_id_is_none(claim: str, value: Any) -> None:
    launch = read(**{claim: value})
    assert {"context": launch.context, "resource_link": launch.link}[claim] is None


def test_a_course_may_have_nothing_but_an_id() -> None:
    assert read(context={"id": "c"}).context == Context("c") == Context("c", "", "", ())
    assert read(resource_link={"id": "l"}).link == Link("l") == Link("l", "")


def test_grades_need_a_scope_and_addresses_need_to_be_some() -> None:
    assert read(**{AGS: {"lineitems": "https://lms.example.edu/items"}}).grades is None
    assert read(**{AGS: {"scope": [], "lineitem": "https://lms.example.edu/1"}}).grades is None
    assert read(**{AGS: {"scope": "score", "lineitem": ""}}).grades == GradeServices(("score",), None, None)


def test_a_class_list_is_read_by_version_2_alone() -> None:
    address = {"context_memberships_url": "https://lms.example.edu/members"}
    assert read(**{NRPS: {**address, "service_versions": ["1.0"]}}).memberships_url is None
    assert read(**{NRPS: address}).memberships_url is None
    assert read(**{NRPS: {**address, "service_versions": "2.0"}}).memberships_url == address["context_memberships_url"]


@pytest.mark.parametrize("lacks", ["scope", "notice_types_supported"])
def test_notices_of_copies_are_asked_for_where_they_are_offered_and_allowed(lacks: str) -> None:
    assert read(**{NOTICES: {**ALL[NOTICES], lacks: ["another"]}}).notices_url is None


def test_settings_of_a_picker_keep_what_was_said_and_what_was_not() -> None:
    assert read(**{DEEP_LINKING: {}}).deep_linking is None
    least = read(**{DEEP_LINKING: {"accept_types": "link"}}).deep_linking
    assert least == DeepLinkingSettings("", ("link",), (), False, None, False, "", "", None)
    assert least.as_dict() == {
        "deep_link_return_url": "", "accept_types": ["link"], "accept_presentation_document_targets": [],
        "accept_multiple": False, "auto_create": False, "title": "", "text": "",
    }  # fmt: skip


def test_settings_of_a_picker_go_into_the_visit_under_their_own_names() -> None:
    found = read().deep_linking
    assert found is not None
    assert found.as_dict() == SETTINGS
    assert replace(found, data="").as_dict()["data"] == ""


@pytest.mark.parametrize(
    ("said", "meant"), [("true", True), ("False", False), ("TRUE", True), ("yes", None), (1, None)]
)
def test_a_flag_may_come_as_a_word(said: Any, meant: bool | None) -> None:
    found = read(**{DEEP_LINKING: {"accept_lineitem": said, "accept_multiple": said, "auto_create": said}}).deep_linking
    assert found is not None
    assert (found.accept_lineitem, found.accept_multiple, found.auto_create) == (meant, meant or False, meant or False)


OLD = ALL[LTI + "lti1p1"]


@pytest.mark.parametrize("lacks", ["user_id", "oauth_consumer_key", "oauth_consumer_key_sign"])
def test_who_somebody_was_in_lti_1_1_is_said_whole_or_not_at_all(lacks: str) -> None:
    assert read(lti1p1={**OLD, lacks: ""}).lti11 is None


def test_an_older_id_is_at_most_255_long_and_its_signature_covers_a_whole_number_of_seconds() -> None:
    kept = read(lti1p1={**OLD, "user_id": "x" * 255}).lti11
    assert kept is not None
    assert kept.user_id == "x" * 255
    assert read(lti1p1={**OLD, "user_id": "x" * 256}).lti11 is None
    assert read(exp=1.5).lti11 is None


def test_the_language_is_that_of_the_page_around_us_or_of_the_person() -> None:
    assert read(launch_presentation={}).locale == "de"
    assert read(tool_platform={"description": "The college"}).platform_name == "The college"


def test_custom_values_of_any_length_are_read() -> None:
    assert read(custom={"n": 10**5000, "price": "$5", "a\0b": "c\0d"}).custom == {"n": "", "price": "$5", "ab": "cd"}


HISTORIES = [
    ("a,b", ("a", "b")),
    (" a , b%2Cc ", ("a", "b,c")),
    ("a,a,b,a", ("a", "b")),
    ("a,,truncated", ("a",)),
    ("$ResourceLink.id.history", ()),
    ("$5,a", ("$5", "a")),
    ("", ()),
    (",".join(str(n) for n in range(101)), tuple(str(n) for n in range(100))),
]


@pytest.mark.parametrize(("value", "ids"), HISTORIES, ids=range(len(HISTORIES)))
def test_a_history_of_copies_is_read_the_newest_first_each_once(value: str, ids: tuple[str, ...]) -> None:
    assert history(value) == ids
    assert read(custom={"link_history": value}).link_history == ids


def test_a_link_that_was_never_copied_has_no_history() -> None:
    assert READ.link_history == ()


def test_the_activity_is_named_by_the_link_itself_or_by_its_address() -> None:
    assert READ.activity == "a1"
    assert read(custom={}).activity == "a2"
    assert read(custom={"activity": ""}, target_link_uri="https://tool.example.edu/").activity is None


def test_the_query_of_the_target_is_text_that_can_be_stored() -> None:
    assert READ.query == {"activity": "a2", "attempt": "7K"}
    assert replace(READ, target_link_uri="https://t/?a=%00b&c=").query == {"a": "b"}


@pytest.mark.parametrize(("fields", "read_as"), [(50, 50), (51, 0)])
def test_a_query_of_more_than_50_fields_is_as_absent(fields: int, read_as: int) -> None:
    address = "https://t/?" + "&".join(f"a{n}=1" for n in range(fields))
    assert len(replace(READ, target_link_uri=address).query) == read_as


def test_an_address_that_falls_apart_has_no_query() -> None:
    assert replace(READ, target_link_uri="https://[::1").query == {}


ADDRESSES = [
    ("https://lms.example.edu/", True),
    ("http://localhost/", True),
    ("https://" + "x" * 3992, True),
    ("https://" + "x" * 3993, False),
    ("HTTPS://lms.example.edu/", False),
    ("javascript:alert(1)", False),
    ("https://[::1", False),
    (5, False),
]


@pytest.mark.parametrize(("value", "is_one"), ADDRESSES, ids=range(len(ADDRESSES)))
def test_an_address_is_one_of_the_web_that_can_be_taken_apart(value: Any, is_one: bool) -> None:
    assert read(launch_presentation={"return_url": value}).return_url == (value if is_one else None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("x" * 4001, "x" * 4000), ("a\0b", "ab"), ("a\ud800b", "a?b"), ("é", "é")],
    ids=["long", "NUL", "half a letter", "letter"],
)
def test_text_is_kept_as_every_database_stores_it(sent: str, kept: str) -> None:
    assert read(context={"id": sent}).context == Context(kept)


def test_words_of_a_list_are_its_texts() -> None:
    assert read(context={"id": "c", "type": ["a", 5, None, "b"]}).context == Context("c", "", "", ("a", "b"))
    assert read(context={"id": "c", "type": "a"}).context == Context("c", "", "", ("a",))
