"""The 1EdTech certification list: bad payloads are refused with a visible error, good ones launch, for both roles."""

import time
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from lti_mcred.engine.db import db
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import RefusedLaunch
from lti_mcred.tool.protocol.claims import LTI
from lti_mcred.web.models import Visit
from tests.conformance.lms import INSTRUCTOR, LEARNER, Lms, rsa_key


def visits() -> int:
    """How many visits are open."""
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def _bad(lms: Lms, kind: str) -> tuple[str, str]:
    asked = lms.login()
    good = lms.claims(asked["nonce"])
    now = int(time.time())
    wrong: dict[str, Any] = {
        "wrong LTI version": {LTI + "version": "1.1.0"},
        "no LTI version": {LTI + "version": None},
        "missing LTI claims": dict.fromkeys(name for name in good if name.startswith(LTI)),
        "timestamps incorrect": {"iat": now - 90_000, "exp": now - 80_000},
        "message type missing": {LTI + "message_type": None},
        "roles missing": {LTI + "roles": None},
        "deployment id missing": {LTI + "deployment_id": None},
        "resource link id missing": {LTI + "resource_link": {"title": "no id"}},
        "user missing": {"sub": None},
    }.get(kind, {})
    claims = {name: value for name, value in {**good, **wrong}.items() if value is not None}
    token = lms.sign(claims)
    if kind == "no kid":
        token = lms.sign(claims, kid=None)
    elif kind == "incorrect kid":
        token = lms.sign(claims, kid="nobody-knows-this-key")
    elif kind == "invalid LTI message":
        token = jwt.PyJWS().encode(b"not JSON", lms.key, "RS256", headers={"kid": lms.kid})
    return token, asked["state"]


# case -> status, code for support, and what the page says about the reason
INCOMPLETE, UNTRUSTED = "launch-incomplete", "launch-not-trusted"
BAD = {
    "no kid": (401, UNTRUSTED, "does not say which key signed it"),
    "incorrect kid": (401, UNTRUSTED, "does not publish the key that signed it"),
    "wrong LTI version": (400, INCOMPLETE, "does not say that it is LTI 1.3"),
    "no LTI version": (400, INCOMPLETE, "does not say that it is LTI 1.3"),
    "invalid LTI message": (400, INCOMPLETE, "could not be read as a signed token"),
    "missing LTI claims": (400, INCOMPLETE, "does not say which installation of the tool is meant"),
    "timestamps incorrect": (401, "launch-too-late", "out of date when it arrived"),
    "message type missing": (400, INCOMPLETE, "does not ask for anything that this tool offers"),
    "roles missing": (400, INCOMPLETE, "does not list the roles of the person"),
    "deployment id missing": (400, INCOMPLETE, "does not say which installation of the tool is meant"),
    "resource link id missing": (400, INCOMPLETE, "does not say which link in the course was opened"),
    "user missing": (403, "launch-anonymous", "does not name a person"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_known_bad_payload_is_refused_with_a_visible_error_and_no_visit(lms: Lms, kind: str) -> None:
    answer = lms.post(*_bad(lms, kind))

    status, code, reason = BAD[kind]
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "What to do now" in answer.text
    assert f"<code>{code}</code>" in answer.text
    assert f"<code>{answer.headers['X-Request-Id']}</code>" in answer.text
    assert reason in answer.text
    assert "Traceback" not in answer.text
    assert visits() == 0


GOOD: dict[str, dict[str, Any]] = {
    "plain": {},
    "several roles": {
        "roles": [LEARNER, INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff"]
    },
    "short role": {},
    "unknown role": {"roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Wizard"]},
    "no role": {"roles": []},
    "e-mail only": {"name": None, "given_name": None, "family_name": None},
    "names only": {"email": None},
    "no personal data": {"name": None, "given_name": None, "family_name": None, "email": None},
    "e-mail without context": {"name": None, "given_name": None, "family_name": None, "context": None},
}


@pytest.mark.parametrize("role", ["Instructor", "Learner"])
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_payload_launches(lms: Lms, kind: str, role: str) -> None:
    roles = [role] if kind == "short role" else [INSTRUCTOR if role == "Instructor" else LEARNER]

    answer = lms.launch(**{"roles": roles, **GOOD[kind]})

    assert answer.status_code == 303, answer.text
    assert answer.location.startswith("/v/")
    assert visits() == 1


def test_a_person_without_a_name_is_stored_without_one(lms: Lms) -> None:
    lms.launch(**GOOD["no personal data"])

    person = db.session.scalars(select(Person)).one()
    assert (person.name, person.email) == (None, None)


def test_the_last_refusal_is_kept_for_the_admin_without_names(lms: Lms) -> None:
    lms.launch(version="1.1.0")

    kept = db.session.scalars(select(RefusedLaunch)).one()
    assert kept.failed == "version"
    assert "signature" in kept.passed
    assert "nonce" in kept.passed
    assert "Nadia" not in str(vars(kept))
    assert "nadia@example.edu" not in str(vars(kept))


def test_a_token_signed_with_another_key_is_refused(lms: Lms) -> None:
    asked = lms.login()

    answer = lms.post(lms.sign(lms.claims(asked["nonce"]), key=rsa_key(1)), asked["state"])

    assert answer.status_code == 401
    assert visits() == 0
