"""What launches bring is noted once a day, and a launch that brings nothing new writes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.services import service
from lti_mcred.tool.known import granted
from lti_mcred.tool.known.granted import SeenToday
from lti_mcred.tool.known.models import Deployment, SeenService
from lti_mcred.tool.profiles import PROFILES
from lti_mcred.tool.protocol.claims import AGS, DEEP_LINKING, NOTICES, NRPS, GradeServices, Launch
from tests import factories as make
from tests.conformance.lms import Lms

PLACEMENT = PROFILES["canvas"].placement_claim
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
CLAIMS: dict[str, Any] = {
    AGS: {"scope": [f"{SCOPE}score", f"{SCOPE}lineitem"], "lineitems": "https://lms.example.edu/items"},
    NRPS: {"context_memberships_url": "https://lms.example.edu/members", "service_versions": ["2.0"]},
    NOTICES: {"notice_types_supported": ["LtiContextCopyNotice"]},
    PLACEMENT: "course_navigation",
}

PICKER: dict[str, Any] = {
    "resource_link": None,
    DEEP_LINKING: {
        "deep_link_return_url": "https://lms.example.edu/back", "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    },
}  # fmt: skip


@pytest.fixture
def touched(app: Flask) -> Iterator[list[str]]:
    """The statements that named the table, from here on."""
    found: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "seen_service" in statement:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", look)
    yield found
    event.remove(db.engine, "before_cursor_execute", look)


def _seen() -> dict[str, bool]:
    deployment = db.session.scalars(select(Deployment)).one()
    return {one.name: one.still for one in granted.brought(deployment.id).seen}


def test_scopes_class_list_notices_messages_and_places_are_noted(lms: Lms) -> None:
    lms.launch(**CLAIMS)

    assert list(_seen()) == [
        f"{SCOPE}lineitem", f"{SCOPE}score", "2.0", "LtiContextCopyNotice", "LtiResourceLinkRequest",
        "course_navigation",
    ]  # fmt: skip


def test_a_launch_that_brings_nothing_new_does_not_touch_the_table(lms: Lms, touched: list[str]) -> None:
    lms.launch(**CLAIMS)
    first = len(touched)
    lms.launch(**CLAIMS)
    lms.launch()

    assert first == 7
    assert len(touched) == first


def test_a_refused_launch_notes_nothing(lms: Lms) -> None:
    lms.launch(**CLAIMS, version="1.1.0")
    assert _seen() == {}


def _launched(lms: Lms, days_ago: int, **claims: Any) -> None:
    with time_machine.travel(utcnow() - timedelta(days=days_ago)):
        assert lms.launch(**claims).status_code == 303


def test_a_scope_that_launches_no_longer_bring_is_shown_as_taken_away_on_the_next_day(lms: Lms) -> None:
    _launched(lms, 1, **CLAIMS)
    lms.launch(**{**CLAIMS, AGS: {"scope": [f"{SCOPE}score"], "lineitems": "https://lms.example.edu/items"}})

    assert (_seen()[f"{SCOPE}score"], _seen()[f"{SCOPE}lineitem"]) == (True, False)


def test_rights_that_are_all_taken_away_at_once_are_missed(lms: Lms) -> None:
    _launched(lms, 1, **CLAIMS)
    lms.launch()

    assert _seen() == {
        f"{SCOPE}lineitem": False, f"{SCOPE}score": False, "2.0": False, "LtiContextCopyNotice": False,
        "LtiResourceLinkRequest": True, "course_navigation": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "claims",
    [{"context": None, "resource_link": {"id": "account-1"}}, {"message_type": "LtiDeepLinkingRequest", **PICKER}],
    ids=["outside of any course", "the picker"],
)
def test_a_launch_that_may_lack_rights_takes_none_away(lms: Lms, claims: dict[str, Any]) -> None:
    _launched(lms, 1, **CLAIMS)
    assert lms.launch(**claims).status_code == 303

    assert all(_seen().values())


def test_a_place_or_message_that_is_seldom_used_is_not_taken_away(lms: Lms) -> None:
    _launched(lms, 30, **{**CLAIMS, PLACEMENT: "account_navigation"})
    lms.launch(**CLAIMS)

    assert (_seen()["account_navigation"], _seen()["course_navigation"]) == (True, True)


def _launch(*scopes: str) -> Launch:
    grades = GradeServices(scopes, None, None)
    return Launch("iss", "client", "d", "LtiResourceLinkRequest", "https://t", "sub", grades=grades)


def test_two_processes_note_the_same_thing_once(either: Flask) -> None:
    deployment = make.deployment()
    db.session.commit()
    for _process in range(2):
        granted.note(granted.news(deployment.id, _launch("a-scope"), in_course=True))
        service(SeenToday).clear()

    grades = select(SeenService.name).where(SeenService.family == "grades")
    assert db.session.scalars(grades).all() == ["a-scope"]


def test_what_one_installation_brings_is_bounded_and_its_own(either: Flask) -> None:
    mine, hers = make.deployment(), make.deployment()
    db.session.commit()
    for number in range(12):
        launch = _launch(*(f"{number}-{one}-{'x' * 300}" for one in range(39)))
        granted.note(granted.news(mine.id, launch, in_course=True))

    found = granted.brought(mine.id)
    assert len(found.seen) == 199
    assert found.from_course
    assert all(len(row.name) <= 255 for row in found.seen)
    assert granted.brought(hers.id) == granted.Brought()
