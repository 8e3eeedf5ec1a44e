"""Asking an LMS for notices: once, by the outbox, where and when a launch offers them."""

from datetime import timedelta
from typing import Any

import pytest

from lti_mcred import outbox
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import HttpRefused, HttpUnreachable
from lti_mcred.tool.known.models import Deployment
from lti_mcred.tool.protocol.claims import NOTICE_SCOPE, NOTICES
from lti_mcred.tool.wire import notices as notice_service

SERVICE = "https://lms.example.edu/api/lti/notice-handlers/912"
OFFER = {
    "service_versions": ["1.0"],
    "platform_notification_service_url": SERVICE,
    "scope": [NOTICE_SCOPE],
    "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
}


def asked() -> list[outbox.OutboxRow]:
    return list(db.session.query(outbox.OutboxRow).filter_by(topic=notice_service.TOPIC))


def deployment() -> Deployment:
    return db.session.query(Deployment).populate_existing().one()


def test_a_launch_that_offers_notices_is_answered_by_one_request(lms_with_tokens):
    lms_with_tokens.http.on("PUT", SERVICE, (200, {}))
    for _turn in range(3):
        assert lms_with_tokens.launch(**{NOTICES: OFFER}).status_code == 303
    (row,) = asked()
    assert notice_service.subscribe(row.payload) == outbox.Done()
    (sent,) = [call for call in lms_with_tokens.http.sent if call["method"] == "PUT"]
    assert sent["body"] == b'{"notice_type": "LtiContextCopyNotice", "handler": "http://127.0.0.1:8000/lti/notices"}'
    assert sent["headers"]["Authorization"] == "Bearer t-1"
    assert deployment().notices_set_at is not None


@pytest.mark.parametrize(
    "offer",
    [None, {**OFFER, "scope": []}, {**OFFER, "notice_types_supported": ["LtiHelloWorldNotice"]}, "text", [],
     {**OFFER, "platform_notification_service_url": "ftp://lms.example.edu/"}],
    ids=["none", "no scope", "other types", "text", "list", "no web address"],
)  # fmt: skip
def test_where_nothing_is_offered_nothing_is_asked(lms_with_tokens, offer):
    assert lms_with_tokens.launch(**{NOTICES: offer}).status_code == 303
    assert [row.payload for row in asked()] == []


ANSWERS: dict[str, tuple[Any, type]] = {
    "granted": ((200, {}), outbox.Done),
    "not permitted": ((403, {"errors": {"message": "permission denied"}}), outbox.GiveUp),
    "not there": ((404, {}), outbox.GiveUp),
    "busy": ((429, "slow down"), outbox.Later),
    "a fault of its own": ((503, ""), outbox.Later),
    "away": (HttpUnreachable("away"), outbox.Later),
    "a private address": (HttpRefused("private"), outbox.GiveUp),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_lms_says_decides_whether_we_ask_again(lms_with_tokens, name):
    answer, outcome = ANSWERS[name]
    lms_with_tokens.http.on("PUT", SERVICE, answer)
    lms_with_tokens.launch(**{NOTICES: OFFER})
    (row,) = asked()
    assert isinstance(notice_service.subscribe(row.payload), outcome)
    assert (deployment().notices_set_at is not None) == (outcome is outbox.Done)


def test_a_right_that_is_not_granted_is_asked_for_again_after_a_day(lms_with_tokens):
    lms_with_tokens.http.on("POST", lms_with_tokens.token_url, (400, {"error": "invalid_scope"}))
    lms_with_tokens.launch(**{NOTICES: OFFER})
    (row,) = asked()
    assert isinstance(notice_service.subscribe(row.payload), outbox.GiveUp)
    lms_with_tokens.launch(**{NOTICES: OFFER})
    assert len(asked()) == 1
    deployment().notices_asked_at = utcnow() - timedelta(days=2)
    db.session.commit()
    lms_with_tokens.launch(**{NOTICES: OFFER})
    assert len(asked()) == 2


def test_a_service_that_moved_is_asked_anew(lms_with_tokens):
    lms_with_tokens.http.on("PUT", SERVICE, (200, {}))
    lms_with_tokens.launch(**{NOTICES: OFFER})
    notice_service.subscribe(asked()[0].payload)
    lms_with_tokens.launch(**{NOTICES: {**OFFER, "platform_notification_service_url": SERVICE.replace("912", "913")}})
    assert len(asked()) == 2
    assert deployment().notices_set_at is None


def test_a_deployment_that_is_gone_needs_nothing(lms_with_tokens):
    assert notice_service.subscribe({"deployment_id": "gone"}) == outbox.Done()
