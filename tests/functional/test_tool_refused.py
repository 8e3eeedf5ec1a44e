"""Refused launches are kept for support: in order, bounded, without persons, and each for its own installation."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Worker
from lti_mcred.services import site
from lti_mcred.tool.known import refused
from lti_mcred.tool.known.models import Deployment, Platform, RefusedLaunch
from lti_mcred.tool.protocol.checks import CHECKS
from lti_mcred.tool.protocol.claims import LTI
from lti_mcred.tool.protocol.token import SIGNATURE_CHECKS
from tests import factories as make
from tests.conformance.lms import Lms, rsa_key

CLAIM_CHECKS = [check.name for check in CHECKS]


def _platform() -> Platform:
    return db.session.scalars(select(Platform)).one()


def _kept() -> list[RefusedLaunch]:
    return refused.latest(_platform())


def test_a_refusal_says_what_failed_what_passed_and_which_reference_the_person_saw(lms: Lms) -> None:
    page = lms.launch(version="1.1.0")

    [row] = _kept()
    assert (row.failed, row.fact) == ("version", "version is '1.1.0'")
    assert row.passed == [*SIGNATURE_CHECKS, *CLAIM_CHECKS[: CLAIM_CHECKS.index("version")]]
    assert row.verified
    assert row.reference == page.headers["X-Request-Id"]
    assert row.reference in page.text
    assert row.claims[LTI + "version"] == "1.1.0"


def test_a_launch_that_succeeds_is_not_kept(lms: Lms) -> None:
    assert lms.launch().status_code == 303
    assert _kept() == []


def test_claims_that_nobody_signed_are_marked_and_belong_to_no_installation(lms: Lms) -> None:
    asked = lms.login()
    lms.post(lms.sign(lms.claims(asked["nonce"]), key=rsa_key(1)), asked["state"])

    [row] = _kept()
    assert row.failed == "signature"
    assert not row.verified
    assert row.deployment_id is None
    assert row.claims["iss"] == lms.issuer
    assert "Nadia" not in str(row.claims)


def test_a_token_for_another_tool_does_not_speak_for_an_installation(lms: Lms) -> None:
    lms.launch(aud="another-tool")

    assert (_kept()[0].failed, _kept()[0].deployment_id) == ("audience", None)


def test_what_is_no_token_is_kept_without_claims(lms: Lms) -> None:
    lms.post("not-a-token", lms.login()["state"])

    assert (_kept()[0].failed, _kept()[0].passed, _kept()[0].claims) == ("shape", [], {})


def test_a_number_that_is_none_does_not_break_the_record(lms: Lms) -> None:
    assert lms.launch(exp=float("nan")).status_code == 401
    assert _kept()[0].failed == "expiry"


def _post_error(lms: Lms, error: str, description: str = "") -> Any:
    fields = {"error": error, "error_description": description, "state": lms.login()["state"]}
    return lms.client.post("/lti/launch", data=fields)


def test_of_an_error_that_the_lms_posted_the_code_is_kept_and_no_word(
    lms: Lms, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    page = _post_error(lms, "access_denied", "Nadia Okafor (nadia@example.edu) may not")

    assert (_kept()[0].failed, _kept()[0].fact) == ("answer of the LMS", "access_denied")
    assert "access_denied" in caplog.text
    assert "Nadia" not in caplog.text
    assert "Nadia Okafor" in page.text, "who sent it may read it"


CODES = {
    "invalid_request_object": "invalid_request_object",
    "Vendor.error-7": "Vendor.error-7",
    "x" * 65: "(no code)",
    "Nadia Okafor": "(no code)",
    "a\r\n2026-11-29 ERROR": "(no code)",
    "cod\u202ee": "(no code)",
    "кот": "(no code)",
}


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_is_none_is_not_kept(lms: Lms, caplog: pytest.LogCaptureFixture, code: str) -> None:
    caplog.set_level("INFO")
    page = _post_error(lms, code, "line one\r\nline two\u202e\x1b[2J")

    assert _kept()[0].fact == CODES[code]
    assert all("\n" not in one.getMessage() and "line two" not in one.getMessage() for one in caplog.records)
    assert not set("\u202e\x1b") & set(page.text)


def _forge(lms: Lms, kid: str, **claims: Any) -> None:
    asked = lms.login()
    lms.post(lms.sign(lms.claims(asked["nonce"], **claims), kid=kid), asked["state"])


@pytest.mark.parametrize("words", ["Nadia Okafor failed", "Nadia\nERROR", "Nadia\u202eOkafor"])
def test_of_a_token_that_nobody_signed_no_words_are_kept(
    lms: Lms, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    caplog.set_level("INFO")
    _forge(lms, words, iss=words, aud=[words, "client-1"], version=words)

    [row] = _kept()
    assert (row.fact, row.claims["iss"]) == ("https://lms.example.edu/jwks has no key (no id)", refused.HIDDEN)
    assert row.claims["aud"] == [refused.HIDDEN, "client-1"], "ids help whoever supports the administrator"
    assert "Nadia" not in json.dumps(row.claims) + caplog.text


def test_what_strangers_post_pushes_out_nothing_that_the_platform_signed(lms: Lms) -> None:
    lms.launch(version="1.1.0")
    lms.launch(aud="another-tool")
    _forge(lms, "key-of-a-wrong-address")
    for number in range(refused.KEPT + 3):
        _post_error(lms, f"made_up_{number}", "by a stranger")
        lms.post("no token", lms.login()["state"])

    rows = refused.latest(_platform(), most=200)
    assert [row.failed for row in rows if row.verified] == ["audience", "version"]
    assert [row.failed for row in rows].count("key") == 1, "nor another failure that may be real"
    assert len(rows) == 3 + 2 * refused.KEPT
    first, second = refused.last(_platform())
    assert (first.failed, second.failed) == ("audience", "shape")


def test_the_last_refusal_is_the_one_that_the_platform_signed(lms: Lms) -> None:
    assert refused.last(_platform()) == []
    lms.post("no token", lms.login()["state"])
    assert [row.failed for row in refused.last(_platform())] == ["shape"]
    lms.launch(version="1.1.0")
    assert [row.failed for row in refused.last(_platform())] == ["version"]


def test_an_installation_that_waits_is_kept_with_every_check_passed(lms: Lms) -> None:
    lms.launch(deployment_id="another")

    [row] = _kept()
    assert row.failed == "deployment approval"
    assert row.passed == [*SIGNATURE_CHECKS, *CLAIM_CHECKS]
    assert db.session.get_one(Deployment, row.deployment_id).deployment_id == "another"


def test_a_launch_of_an_unknown_platform_is_not_kept(lms: Lms) -> None:
    assert lms.begin(client_id="nobody").status_code == 403
    assert db.session.scalar(select(func.count()).select_from(RefusedLaunch)) == 0


def _refuse(of: Platform, deployment: str = "", **more: Any) -> None:
    claims = {LTI + "deployment_id": deployment, **more}
    passed = [*SIGNATURE_CHECKS, "issuer", "audience", "authorised party"] if deployment else []
    refused.record(of, "nonce", "the nonce belongs to another login", passed, claims)


def test_the_newest_twenty_of_each_installation_are_kept(either: Flask) -> None:
    platform = make.platform()
    mine, quiet = make.deployment(platform), make.deployment(platform)
    _refuse(platform, quiet.deployment_id)
    for number in range(refused.KEPT + 3):
        _refuse(platform, mine.deployment_id, exp=number)
        _refuse(platform)

    rows = refused.latest(platform, [mine.id], most=100)
    assert [row.claims["exp"] for row in rows] == list(range(refused.KEPT + 2, 2, -1))
    assert len(refused.latest(platform, [quiet.id])) == 1
    assert len(refused.latest(platform, most=100)) == 2 * refused.KEPT + 1


def test_an_installation_sees_neither_another_one_nor_what_nobody_vouched_for(either: Flask) -> None:
    platform, elsewhere = make.platform(), make.platform()
    mine, hers = make.deployment(platform), make.deployment(platform)
    same_name = make.deployment(elsewhere, deployment_id=mine.deployment_id)
    for one in (mine.deployment_id, hers.deployment_id, "", "never seen"):
        _refuse(platform, one)
    _refuse(elsewhere, same_name.deployment_id)

    assert [row.deployment_id for row in refused.latest(platform, [mine.id])] == [mine.id]
    assert refused.latest(platform, [same_name.id]) == []
    assert refused.latest(platform, []) == []
    assert len(refused.latest(platform)) == 4


def test_refusals_are_forgotten_after_the_days_of_the_settings(either: Flask) -> None:
    platform = make.platform()
    with time_machine.travel(utcnow() - timedelta(days=31), tick=False):
        _refuse(platform)
    with time_machine.travel(utcnow() - timedelta(days=29), tick=False):
        _refuse(platform)
    Worker(either, site()).tidy()

    assert len(refused.latest(platform)) == 1
