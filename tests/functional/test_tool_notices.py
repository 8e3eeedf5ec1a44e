"""Notices of an LMS: believed when the platform signed them for one of its deployments, refused otherwise."""

import time
import uuid
from typing import Any

import pytest
from jwt.utils import base64url_encode

from lti_mcred.engine.db import db
from lti_mcred.tool.known.models import CourseCopy, Deployment
from lti_mcred.tool.protocol.claims import LTI
from tests.conformance.lms import Lms, rsa_key, stand_up


def notice(lms: Lms, **changes: Any) -> dict[str, Any]:
    """A copy notice as Canvas sends it; `changes` by short or full name, None takes a claim away."""
    now = int(time.time())
    claims: dict[str, Any] = {
        LTI + "version": "1.3.0",
        LTI + "notice": {"id": str(uuid.uuid4()), "timestamp": "2026-11-24T11:24:25Z", "type": "LtiContextCopyNotice"},
        "aud": lms.client_id, "azp": lms.client_id, "iss": lms.issuer, "nonce": str(uuid.uuid4()),
        "exp": now + 3600, "iat": now,
        LTI + "deployment_id": lms.deployment_id,
        LTI + "context": {"id": "spring", "label": "MC-S", "title": "Spring"},
        LTI + "origin_contexts": ["autumn"],
    }  # fmt: skip
    for name, value in changes.items():
        claims[name if name in claims or name in ("sub", "nbf") else LTI + name] = value
    return {name: value for name, value in claims.items() if value is not None}


def send(lms: Lms, *tokens: Any):
    return lms.client.post("/lti/notices", json={"notices": [{"jwt": token} for token in tokens]})


def copies() -> list[tuple[str, str]]:
    return [(row.context_id, row.origin_context_id) for row in db.session.query(CourseCopy)]


def test_a_copy_notice_is_remembered(lms):
    answer = send(lms, lms.sign(notice(lms)))
    assert (answer.status_code, answer.json) == (200, {"believed": 1, "refused": 0})
    assert copies() == [("spring", "autumn")]


def test_the_same_notice_twice_is_the_same_as_once(lms):
    token = lms.sign(notice(lms))
    for _turn in range(3):
        assert send(lms, token).status_code == 200
    assert copies() == [("spring", "autumn")]


def test_several_notices_come_in_one_delivery(lms):
    more = notice(lms, context={"id": "summer"}, origin_contexts=["spring", "autumn"])
    assert send(lms, lms.sign(notice(lms)), lms.sign(more)).json["believed"] == 2
    assert sorted(copies()) == [("spring", "autumn"), ("summer", "autumn"), ("summer", "spring")]


def test_an_audience_may_be_a_list_of_one(lms):
    assert send(lms, lms.sign(notice(lms, aud=[lms.client_id]))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"origin_contexts": None}, {"origin_contexts": "autumn"}, {"origin_contexts": [7, "", "x" * 300, "spring"]},
     {"context": None}, {"context": {"id": ""}}, {"notice": {"id": "1", "type": "LtiHelloWorldNotice"}},
     {"notice": {"id": "1", "type": "Other"}}],
    ids=["no origin", "text", "odd origins", "no context", "empty context", "hello", "unknown type"],
)  # fmt: skip
def test_a_notice_that_says_nothing_of_use_is_taken_and_changes_nothing(lms, changes):
    assert send(lms, lms.sign(notice(lms, **changes))).status_code == 200
    assert copies() == []


WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "another issuer": ({"iss": "https://elsewhere.example.edu"}, 401),
    "another audience": ({"aud": "client-2"}, 401),
    "an audience too many": ({"aud": ["client-1", "client-2"]}, 401),
    "no audience": ({"aud": None}, 401),
    "another authorised party": ({"azp": "client-2"}, 401),
    "too late": ({"exp": int(time.time()) - 3600}, 401),
    "no expiry": ({"exp": None}, 401),
    "from the future": ({"iat": int(time.time()) + 3600}, 401),
    "not good yet": ({"nbf": int(time.time()) + 3600}, 401),
    "no nonce": ({"nonce": None}, 400),
    "no deployment": ({"deployment_id": None}, 400),
    "an unknown deployment": ({"deployment_id": "deployment-2"}, 403),
    "another version": ({"version": "1.1"}, 400),
    "no notice": ({"notice": None}, 400),
    "a notice without type": ({"notice": {"id": "1"}}, 400),
    "a launch": ({"message_type": "LtiResourceLinkRequest"}, 400),
    "a context without id": ({"context": {"title": "Spring"}}, 400),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_a_notice_for_us_is_refused(lms, name):
    changes, status = WRONG[name]
    answer = send(lms, lms.sign(notice(lms, **changes)))
    assert answer.status_code == status
    assert copies() == []


def test_another_signature_is_refused(lms):
    assert send(lms, lms.sign(notice(lms), key=rsa_key(1))).status_code == 401
    assert send(lms, lms.sign(notice(lms))[:-4] + "AAAA").status_code == 401
    assert copies() == []


@pytest.mark.parametrize("member", ["iss", "aud"])
@pytest.mark.parametrize("words", ["https://lms\0.example", "\ud800", ["\0"], {"a": 1}, 7], ids=repr)
def test_a_notice_from_a_registration_that_nobody_can_store_is_refused(either, member, words):
    app = either
    lms = stand_up(app, app.test_client())
    lms.register()
    assert send(lms, lms.sign(notice(lms, **{member: words}))).status_code == 401


def test_an_origin_that_no_database_stores_is_passed_over(either):
    lms = stand_up(either, either.test_client())
    lms.register()
    answer = send(lms, lms.sign(notice(lms, origin_contexts=["\ud800", "a\0b", "autumn"])))
    assert (answer.status_code, copies()) == (200, [("spring", "autumn")])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_unsigned_notice_is_refused(lms, algorithm):
    _head, body, _signature = lms.sign(notice(lms)).split(".")
    head = base64url_encode(f'{{"alg":"{algorithm}","kid":"{lms.kid}"}}'.encode()).decode()
    assert send(lms, f"{head}.{body}.").status_code == 401
    assert copies() == []


def test_a_platform_speaks_for_its_own_deployments_only(app, client, lms):
    """The other school signs well, with its own key, and names the deployment and courses of the first."""
    other = Lms(app, client, lms.http, issuer="https://other.example.edu", client_id="client-9", key=rsa_key(1),
                kid="key-9", deployment_id="deployment-9")  # fmt: skip
    other.register()
    assert send(other, other.sign(notice(other, deployment_id=lms.deployment_id))).status_code == 403
    assert (
        send(other, other.sign(notice(other, iss=lms.issuer, aud=lms.client_id, azp=lms.client_id))).status_code == 401
    )
    assert send(other, other.sign(notice(other))).status_code == 200
    mine = db.session.query(Deployment).filter_by(deployment_id="deployment-9").one()
    assert [row.deployment_id for row in db.session.query(CourseCopy)] == [mine.id]


def test_a_deployment_that_waits_for_approval_is_not_heard(app, client):
    lms = stand_up(app, client)
    lms.register("pending")
    assert send(lms, lms.sign(notice(lms))).status_code == 403


def test_a_removed_registration_is_not_heard(app, client):
    lms = stand_up(app, client)
    lms.register().state = "removed"
    db.session.commit()
    assert send(lms, lms.sign(notice(lms))).status_code == 401


def test_one_bad_notice_does_not_spoil_a_good_one(lms):
    answer = send(lms, "rubbish", lms.sign(notice(lms)), None, 7, lms.sign(notice(lms, aud="client-2")))
    assert (answer.status_code, answer.json) == (200, {"believed": 1, "refused": 4})
    assert copies() == [("spring", "autumn")]


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"{}", b'{"notices": {}}', b'{"notices": []}', b"[" * 100_000,
     b'{"notices": [' + b",".join([b"{}"] * 51) + b"]}", b"\xff\xfe", b'{"notices": "x"}'],
    ids=["empty", "words", "a list", "an object", "no list", "an empty list", "brackets", "too many", "bytes", "text"],
)  # fmt: skip
def test_a_delivery_without_notices_is_refused(lms, body):
    answer = lms.client.post("/lti/notices", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "1 to 50 signed notices" in answer.text


@pytest.mark.parametrize("body", [b'{"notices": [{"jwt": "' + b"A" * 400_000 + b'"}]}', b"x" * 300_000])
def test_a_huge_delivery_is_refused_unread(lms, body):
    assert lms.client.post("/lti/notices", data=body, content_type="application/json").status_code == 413


def test_nobody_reads_notices(lms):
    assert lms.client.get("/lti/notices").status_code == 405
