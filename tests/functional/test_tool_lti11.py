"""From LTI 1.1 to 1.3: who proves the old id keeps what was put down for it; nobody else gets anything."""

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.people import grants
from lti_mcred.people.models import Grant, Person
from lti_mcred.tool.known import people
from lti_mcred.tool.known.models import Lti11Key, Platform
from lti_mcred.tool.known.platforms import PlatformError
from lti_mcred.tool.known.powers import find_visit
from lti_mcred.tool.launch import lti11
from lti_mcred.tool.protocol.claims import LTI, read_launch
from lti_mcred.web.models import Visit
from tests.conformance.lms import Lms, stand_up

KEY, SECRET = "key-of-2014", "a secret from 2014"
OLD = "old-user-7"


@pytest.fixture
def lti11_lms(lms: Lms) -> Lms:
    """An LMS whose LTI 1.1 key is known here."""
    lti11.add_key(db.session.scalars(select(Platform.id)).one(), KEY, SECRET)
    return lms


def launch(lms: Lms, *, key: str = KEY, secret: str = SECRET, old: Any = OLD, sub: str = "sub-1", **wrong: Any) -> None:
    """Launch with a migration claim that is signed with `secret` for this very launch, or for the `wrong` one."""
    asked = lms.login()
    exp = int(time.time()) + 300
    about = {"deployment": lms.deployment_id, "iss": lms.issuer, "client": lms.client_id, "exp": exp}
    about = {**about, "nonce": asked["nonce"], **wrong}
    signed = "&".join((key, *(str(value) for value in about.values())))
    claim = {"oauth_consumer_key": key, "oauth_consumer_key_sign": lti11.signature(signed, secret), "user_id": old}
    claims = {**lms.claims(asked["nonce"], sub=sub), "exp": exp, LTI + "lti1p1": claim}
    answer = lms.post(lms.sign(claims), asked["state"])
    assert answer.status_code == 303, answer.text


def granted_before(sub: str = OLD) -> str:
    """Give a role to somebody who has not been here, by her LTI 1.1 id; return the person's id."""
    wanted = people.Wanted(sub=sub, platform_id=db.session.scalars(select(Platform.id)).one())
    grants.grant(people.not_seen_yet(wanted), "assessor")
    return db.session.scalars(select(Person.id).where(Person.sub == sub)).one()


def person(sub: str) -> Person:
    """The person with that id."""
    return db.session.scalars(select(Person).where(Person.sub == sub)).one()


def test_the_signature_is_the_one_of_the_migration_guides_example() -> None:
    claims = {
        "nonce": "172we8671fd8z", "exp": 1551290856, "iss": "https://lmsvendor.com", "aud": "PM48OJSfGDTAzAo",
        LTI + "deployment_id": "689302",
        LTI + "lti1p1": {
            "user_id": "34212", "oauth_consumer_key": "179248902",
            "oauth_consumer_key_sign": "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps=",
        },
    }  # fmt: skip

    read = read_launch(claims, "PM48OJSfGDTAzAo", "").lti11

    assert read is not None
    assert lti11.signature(read.signed, "my-lti11-secret") == read.signature


def test_a_proved_old_id_keeps_what_was_put_down_for_it(lti11_lms: Lms) -> None:
    before = granted_before()

    launch(lti11_lms)

    found = person("sub-1")
    assert (found.id, found.lti11_user_id) == (before, OLD)
    assert db.session.scalars(select(Grant.role).where(Grant.person_id == found.id)).all() == ["assessor"]
    assert find_visit(db.session.scalars(select(Visit.id)).one()).granted == ("assessor",)


def test_the_second_launch_changes_nothing(lti11_lms: Lms) -> None:
    before = granted_before()
    launch(lti11_lms)

    launch(lti11_lms)

    assert person("sub-1").id == before
    assert len(db.session.scalars(select(Person)).all()) == 1


WRONG: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "guessed"},
    "a key that is not known": {"key": "key-of-2009"},
    "the deployment of another launch": {"deployment": "another"},
    "another issuer": {"iss": "https://elsewhere.example"},
    "another client": {"client": "client-2"},
    "another expiry": {"exp": 1551290856},
    "the nonce of another launch": {"nonce": "172we8671fd8z"},
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_claim_that_proves_nothing_carries_nobody_over_but_launches(lti11_lms: Lms, kind: str) -> None:
    before = granted_before()

    launch(lti11_lms, **WRONG[kind])

    assert person("sub-1").lti11_user_id is None
    assert person(OLD).id == before


def test_somebody_who_has_been_here_is_never_taken_over(lti11_lms: Lms) -> None:
    lti11_lms.launch(sub=OLD)
    before = person(OLD).id

    launch(lti11_lms)

    assert person(OLD).id == before
    assert person("sub-1").id != before


def test_two_people_who_are_both_known_are_never_merged(lti11_lms: Lms) -> None:
    before = granted_before()
    lti11_lms.launch(sub="sub-1")

    launch(lti11_lms)

    assert person(OLD).id == before
    assert person("sub-1").lti11_user_id == OLD


def test_the_key_of_one_lms_proves_nothing_for_another(app: Flask, client: FlaskClient, lti11_lms: Lms) -> None:
    other = stand_up(app, client, issuer="https://other.example.edu", client_id="client-9")
    other.register()

    launch(other)

    assert person("sub-1").lti11_user_id is None


@pytest.mark.parametrize(
    "claim",
    [
        [], "text", {}, {"user_id": OLD}, {"oauth_consumer_key": 7, "oauth_consumer_key_sign": [], "user_id": {}},
        {"oauth_consumer_key": KEY, "oauth_consumer_key_sign": "é\0", "user_id": OLD},
        {"oauth_consumer_key": KEY, "oauth_consumer_key_sign": "x", "user_id": "u" * 300},
    ],
)  # fmt: skip
def test_a_claim_of_an_odd_shape_is_passed_over(lti11_lms: Lms, claim: Any) -> None:
    answer = lti11_lms.launch(lti1p1=claim)

    assert answer.status_code == 303
    assert person("sub-1").lti11_user_id is None


def test_the_secret_at_rest_is_not_readable(lti11_lms: Lms) -> None:
    assert SECRET not in db.session.scalars(select(Lti11Key.secret_encrypted)).one()


def test_a_key_may_get_another_secret_and_be_forgotten(lti11_lms: Lms) -> None:
    platform_id = db.session.scalars(select(Platform.id)).one()
    lti11.add_key(platform_id, KEY, "a newer secret")
    launch(lti11_lms, secret="a newer secret")
    assert person("sub-1").lti11_user_id == OLD

    lti11.forget_key(platform_id, KEY)

    assert lti11.consumer_keys(platform_id) == []
    with pytest.raises(PlatformError, match="has no LTI"):
        lti11.forget_key(platform_id, KEY)


@pytest.mark.parametrize(("key", "secret"), [("", "s"), ("k" * 256, "s"), ("k", "")])
def test_a_key_without_its_secret_is_not_kept(lti11_lms: Lms, key: str, secret: str) -> None:
    with pytest.raises(PlatformError, match="consumer key"):
        lti11.add_key(db.session.scalars(select(Platform.id)).one(), key, secret)
