"""Who signs: an issuer is bound by what definitions say exactly, and no institution signs in another's name."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_mcred.badges import lists
from lti_mcred.badges.award import consider
from lti_mcred.badges.identity import exact, issuer_for, issuer_of, named
from lti_mcred.badges.issuer import did_of
from lti_mcred.badges.models import Award, IssuerBinding, IssuerKey, StatusList
from lti_mcred.badges.openbadges.attested import CredentialError
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.catalog.definition import Definition, IssuerInfo
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Done, GiveUp
from tests import factories
from tests.badges_helpers import calm
from tests.badges_rows import awarded, earned_decision
from tests.services import change_settings

pytestmark = pytest.mark.usefixtures("app")


def definition(slug: str, version: str = "1.0.0", **issuer: Any) -> Definition:
    """Return an example under another id, of another issuer."""
    info = IssuerInfo.model_validate({"name": "C Academy", **issuer})
    return factories.example().model_copy(update={"id": slug, "version": version, "issuer": info})


def badge_of(slug: str, version: str = "1.0.0", days: int = 0, **issuer: Any) -> dict[str, Any]:
    """Award a badge of a new definition, published in so many days, and return it."""
    made = definition(slug, version, **issuer)
    row = awarded(of=factories.version(made, published_at=utcnow() + timedelta(days=days)))
    badge: dict[str, Any] = json.loads(row.credential)
    assert verify(badge, LocalResolver(), utcnow()).valid
    return badge


NAMES = [
    ("C Academy", "C++ Academy"),
    ("MIT", "北京大学 MIT"),
    ("MIT", "Mit"),
    ("École normale", "Ecole normale"),
    ("Saint-Mary College", "Saint Mary College"),
    ("Kim & Lee School", "Kim Lee School"),
    ("大学", "大學"),
    ("جامعة", "جامعه"),
    ("🎓", "🏫"),
    ("School No. 1", "School No. 2"),
    ("A" * 70 + " North", "A" * 70 + " South"),
    ("Academy!", "Academy?"),
    ("Straße College", "Strasse College"),
    ("Åbo", "Abo"),
    ("½ College", "1/2 College"),
]


@pytest.mark.parametrize(("first", "second"), NAMES)
def test_names_that_differ_in_one_sign_are_two_issuers_with_two_keys(first: str, second: str) -> None:
    one, other = badge_of("first-title", name=first), badge_of("second-title", name=second)
    assert (one["issuer"]["name"], other["issuer"]["name"]) == (first, second)
    assert one["issuer"]["id"] != other["issuer"]["id"]
    assert one["proof"][0]["verificationMethod"] != other["proof"][0]["verificationMethod"]
    assert one["credentialStatus"]["statusListCredential"] != other["credentialStatus"]["statusListCredential"]


@pytest.mark.parametrize(
    ("first", "second"), [("École", "E\u0301cole"), ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"), ("A  B", "A B")]
)
def test_one_name_written_in_two_ways_is_one_issuer(first: str, second: str) -> None:
    assert badge_of("first-title", name=first)["issuer"]["id"] == badge_of("second-title", name=second)["issuer"]["id"]


@calm
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_names_are_one_only_where_their_signs_are(first: str, second: str) -> None:
    assert exact(exact(first)) == exact(first)
    if exact(first) == exact(second):
        assert "".join(exact(first).split()) == "".join(exact(second).split())


def test_no_letter_of_a_name_stands_in_the_did() -> None:
    did = badge_of("a-title", name="Zzyzx Academy")["issuer"]["id"]
    assert did.rpartition(":")[2] == issuer_for(IssuerInfo(name="Zzyzx Academy")).slug
    assert "zzyzx" not in did


def test_a_corrected_web_address_is_taken_up_and_badges_that_were_issued_keep_theirs() -> None:
    old = awarded(of=factories.version(definition("a-title", url="https://old.example.edu/")))
    before = old.credential
    new = badge_of("a-title", "1.1.0", days=1, url="https://new.example.org/", email="hello@new.example.org")
    assert new["issuer"]["url"] == "https://new.example.org/"
    assert new["issuer"]["email"] == "hello@new.example.org"
    assert new["issuer"]["id"] == json.loads(before)["issuer"]["id"]
    assert db.session.get_one(Award, old.id).credential == before
    assert json.loads(before)["issuer"]["url"] == "https://old.example.edu/"


def test_an_older_version_does_not_bring_an_old_address_back() -> None:
    first = factories.version(definition("a-title", url="https://old.example.edu/"))
    badge_of("a-title", "1.1.0", days=1, url="https://new.example.org/")
    assert json.loads(awarded(of=first).credential)["issuer"]["url"] == "https://new.example.org/"


def test_what_a_newer_version_leaves_out_stays() -> None:
    badge_of("a-title", url="https://c.example.edu/", email="a@c.example.edu")
    newer = badge_of("a-title", "1.1.0", days=1)
    assert (newer["issuer"]["url"], newer["issuer"]["email"]) == ("https://c.example.edu/", "a@c.example.edu")


def test_two_institutions_of_one_name_are_told_apart_by_their_web_addresses() -> None:
    one = badge_of("first-title", name="Central College", url="https://central.example.edu/")
    same = badge_of("second-title", name="Central College", url="https://www.central.example.edu/badges")
    other = badge_of("third-title", name="Central College", url="https://central.example.org/")
    assert one["issuer"]["id"] == same["issuer"]["id"] != other["issuer"]["id"]
    assert one["proof"][0]["verificationMethod"] != other["proof"][0]["verificationMethod"]


def test_a_name_that_two_institutions_bear_is_given_to_neither_without_an_id() -> None:
    one = issuer_of(factories.version(definition("first-title", name="Central", url="https://a.example.edu/")))
    issuer_of(factories.version(definition("second-title", name="Central", url="https://b.example.edu/")))
    decision = earned_decision(of=factories.version(definition("third-title", name="Central")))
    outcome = consider({"decision_id": decision.id})
    assert isinstance(outcome, GiveUp)
    assert "issuer.id" in outcome.reason
    told = badge_of("fourth-title", name="Central", id=one.slug)
    assert told["issuer"]["id"] == did_of(one)


def test_an_id_keeps_an_issuer_whatever_its_name_becomes() -> None:
    old = badge_of("a-title", id="c-academy", name="C Academy")
    new = badge_of("a-title", "2.0.0", days=1, id="c-academy", name="C++ Academy")
    assert old["issuer"]["id"] == new["issuer"]["id"]
    assert (old["issuer"]["name"], new["issuer"]["name"]) == ("C Academy", "C++ Academy")


def test_two_ids_are_two_issuers_also_of_one_name() -> None:
    one = badge_of("first-title", id="central-north", name="Central College")
    other = badge_of("second-title", id="central-south", name="Central College")
    assert one["issuer"]["id"] != other["issuer"]["id"]


def test_an_id_that_is_added_later_keeps_the_issuer() -> None:
    old = badge_of("a-title", name="C Academy")
    new = badge_of("a-title", "1.1.0", days=1, name="C Academy", id="c-academy")
    renamed = badge_of("a-title", "1.2.0", days=2, name="Academy of C", id="c-academy")
    assert old["issuer"]["id"] == new["issuer"]["id"] == renamed["issuer"]["id"]


def test_asking_who_would_sign_makes_nobody() -> None:
    assert named(IssuerInfo(name="C Academy"), "a-title").issuer is None
    assert db.session.query(IssuerBinding).count() == db.session.query(IssuerKey).count() == 0


def test_the_operators_web_address_is_given_to_the_operators_own_issuer_alone(app: Flask) -> None:
    change_settings(app, issuer_name="Our College", issuer_url="https://our.example.edu/")
    assert badge_of("first-title", name="Our College")["issuer"]["url"] == "https://our.example.edu/"
    assert "url" not in badge_of("second-title", name="Another College")["issuer"]


def test_after_the_public_address_changes_badges_are_awarded_at_once(app: Flask, client: FlaskClient) -> None:
    old = awarded()
    lists.signed_list(db.session.get_one(StatusList, old.status_list_id))
    change_settings(app, public_url="https://badges.example.edu")
    new = awarded(of=factories.version(factories.example().model_copy(update={"version": "1.1.0"})))
    badge = json.loads(new.credential)
    assert badge["issuer"]["id"] == f"did:web:badges.example.edu:issuers:{new.issuer.slug}"
    assert new.status_list_id == old.status_list_id
    served = json.loads(client.get(f"/status/{new.status_list_id}", headers={"Host": "badges.example.edu"}).data)
    assert served["issuer"] == badge["issuer"]["id"]
    assert served["id"] == badge["credentialStatus"]["statusListCredential"]


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("http://badges.example.edu", "https://badges.example.edu"),
        ("http://127.0.0.1:8000", "https://127.0.0.1:8000"),
        ("https://badges.example.edu:8443", "https://badges.example.edu"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001"),
    ],
)
def test_whatever_changes_in_the_address_badges_are_awarded_at_once_and_older_ones_confirmed(
    app: Flask, former: str, today: str
) -> None:
    change_settings(app, public_url=former)
    old = json.loads(awarded().credential)
    change_settings(app, public_url=today)
    decision = earned_decision(of=factories.version(factories.example().model_copy(update={"version": "1.1.0"})))
    assert consider({"decision_id": decision.id}) == Done()
    new = json.loads(db.session.scalars(select(Award).filter_by(decision_id=decision.id)).one().credential)
    assert new["credentialStatus"]["statusListCredential"].startswith(today + "/")
    for badge in (old, new):
        assert verify(badge, LocalResolver(), utcnow()).valid


def test_badges_of_a_former_address_are_still_confirmed_here_and_at_that_address(
    app: Flask, client: FlaskClient
) -> None:
    change_settings(app, public_url="https://old.example.edu")
    old = awarded()
    change_settings(app, public_url="https://new.example.edu")
    badge = json.loads(old.credential)
    assert verify(badge, LocalResolver(), utcnow()).valid
    former = {"Host": "old.example.edu"}
    document = client.get(f"/issuers/{old.issuer.slug}/did.json", headers=former).get_json(force=True)
    assert document["id"] == badge["issuer"]["id"]
    assert badge["proof"][0]["verificationMethod"] in document["assertionMethod"]
    listed = json.loads(client.get(f"/status/{old.status_list_id}", headers=former).data)
    assert (listed["issuer"], listed["id"]) == (
        badge["issuer"]["id"],
        badge["credentialStatus"]["statusListCredential"],
    )
    stranger = client.get(f"/issuers/{old.issuer.slug}/did.json", headers={"Host": "evil.example"})
    assert stranger.get_json(force=True)["id"] == did_of(old.issuer)


def test_two_issuers_that_fit_are_named_with_their_ids() -> None:
    for slug, host in (("first-title", "a"), ("second-title", "b")):
        issuer_of(factories.version(definition(slug, name="Central", url=f"https://{host}.example.edu/")))
    with pytest.raises(CredentialError, match=r"write which one as issuer\.id"):
        named(IssuerInfo(name="Central"), "third-title")


def test_drafts_name_an_issuer_by_the_day_they_were_brought_in() -> None:
    draft: Version = factories.version(definition("a-title"), state="draft", published_at=None)
    assert issuer_of(draft).said_at == draft.created_at
