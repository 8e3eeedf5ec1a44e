"""Keys of issuers: a new one keeps old badges valid; one that leaked ends, and our badges are signed again."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred import outbox
from lti_mcred.badges import issuer as issuers
from lti_mcred.badges import key_care, lists, signing
from lti_mcred.badges.award import consider
from lti_mcred.badges.models import Award, Issuer, IssuerEvent, IssuerKey, StatusList
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.share import show_name
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.cli import main
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Done, Later
from lti_mcred.secretbox import SealBroken
from lti_mcred.settings import Settings, as_environment
from tests import factories
from tests.admin_helpers import sign_in
from tests.badges_rows import awarded, earned_decision

pytestmark = pytest.mark.usefixtures("app")
HTML = {"Accept": "text/html"}


def verdict(text: str) -> str:
    """Check a badge as it is given away."""
    return verify(json.loads(text), LocalResolver(), utcnow()).verdict.value


def only_key() -> IssuerKey:
    """Return the one key that there is."""
    return db.session.scalars(select(IssuerKey)).one()


def taken_out(row: Award) -> IssuerKey:
    """Take the key out that signed a badge."""
    key = only_key()
    key_care.take_out(row.issuer, key, "somebody")
    return key


def test_a_key_is_found_by_its_end_by_itself_and_by_its_whole_id() -> None:
    row = awarded()
    key = only_key()
    whole = json.loads(row.credential)["proof"][0]["verificationMethod"]
    for given in (key.public_multibase[-6:], key.public_multibase, whole, f"#{key.public_multibase}"):
        assert key_care.find_key(row.issuer, given) == key
    assert key_care.find_key(row.issuer, f"{whole[:-1]}#") is None


def test_a_key_that_leaked_leaves_the_did_document_and_signs_nothing_more() -> None:
    row = awarded()
    forged = row.credential
    key = taken_out(row)
    document = issuers.issuer_document(row.issuer.slug)
    assert document is not None
    assert key.public_multibase not in json.dumps(document)
    assert len(document["assertionMethod"]) == 1
    assert verdict(forged) != "valid"
    listed = json.loads(lists.signed_list(db.session.get_one(StatusList, row.status_list_id)))
    assert listed["proof"][0]["verificationMethod"] == document["assertionMethod"][0]


def test_badges_of_a_key_that_leaked_are_signed_again_and_stay_the_same_badges() -> None:
    row = show_name(awarded(), show=True)
    before = json.loads(row.credential)
    taken_out(row)
    news = db.session.scalars(select(outbox.OutboxRow).filter_by(topic=key_care.TOPIC)).one()
    assert key_care.perform(news.payload) == Done()
    after = json.loads(db.session.get_one(Award, row.id).credential)
    assert verdict(json.dumps(after)) == "valid"
    for name in ("id", "awardedDate", "validUntil", "credentialStatus", "credentialSubject"):
        assert before[name] == after[name]


def test_many_badges_are_signed_again_in_several_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_care, "_AT_ONCE", 2)
    course, version = factories.course(), factories.version()
    rows = [awarded(who=factories.person(course), of=version, at=course) for _ in range(3)]
    payload = {"key": taken_out(rows[0]).public_multibase}
    assert key_care.perform(payload) == Later("", 0)
    assert key_care.perform(payload) == Done()
    assert [verdict(row.credential) for row in rows] == ["valid"] * 3


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_badge_is_right_at_once_before_the_delivery_comes_to_it(client: FlaskClient, *, withdrawn: bool) -> None:
    row = awarded()
    if withdrawn:
        revoke(row.id, "mistake")
    taken_out(row)
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert ("Withdrawn" if withdrawn else "Valid today") in page
    served = client.get(f"/credentials/{row.id}.json").get_data(as_text=True)
    assert verdict(served) == ("revoked" if withdrawn else "valid")


def test_a_badge_that_cannot_be_signed_again_now_is_signed_later(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = awarded()
    key = taken_out(row)

    def broken(*_given: Any) -> None:
        """Stand for a key that cannot be opened."""
        message = "cannot be read"
        raise SealBroken(message)

    with monkeypatch.context() as now:
        now.setattr(signing, "signing_key", broken)
        assert key_care.perform({"key": key.public_multibase}) == Done()
    assert db.session.get_one(Award, row.id).credential == ""
    assert key_care.lines()[0].waiting == 1
    assert "Valid today" in client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert key_care.lines()[0].waiting == 0


def test_taking_an_older_key_out_keeps_the_newer_ones_badges() -> None:
    old = awarded()
    first = only_key()
    key_care.rotate(old.issuer, "somebody")
    new = awarded(of=factories.version(factories.example().model_copy(update={"version": "1.1.0"})))
    text = new.credential
    key_care.take_out(old.issuer, first, "somebody")
    assert key_care.perform({"key": first.public_multibase}) == Done()
    assert db.session.get_one(Award, new.id).credential == text
    assert verdict(text) == verdict(db.session.get_one(Award, old.id).credential) == "valid"


def test_what_is_done_to_keys_is_kept_on_record() -> None:
    row = awarded()
    key_care.rotate(row.issuer, "Ada")
    key = key_care.find_key(row.issuer, key_care.lines()[0].keys[0].public_multibase[-6:])
    assert key is not None
    key_care.take_out(row.issuer, key, "Ben")
    key_care.take_out(row.issuer, key, "Ben")
    events = [
        (event.who, event.what.split()[2]) for event in db.session.scalars(select(IssuerEvent).order_by(IssuerEvent.id))
    ]
    assert events == [("Ada", "signs"), ("Ben", "is")]


def test_the_commands_list_rotate_and_retire(settings: Settings) -> None:
    row = awarded()
    slug, first = row.issuer.slug, only_key().public_multibase
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lti_mcred.cli.base.migrate.current", lambda _app: "now")
        patch.setattr("lti_mcred.cli.base.migrate.newest", lambda: "now")

        def run(*words: str, typed: str = "") -> tuple[int, str]:
            """Run a command on this database."""
            done = CliRunner().invoke(main, ["issuers", *words], env=as_environment(settings), input=typed)
            return done.exit_code, done.output

        assert f"{first}  signs" in run("list")[1]
        assert "badges: 1" in run("list")[1]
        assert run("rotate", "nobody")[0] == 1
        assert "signs from now on" in run("rotate", slug)[1]
        assert f"{first}  published, signs no more" in run("list")[1]
        assert run("retire-key", slug, "zzzzzz")[0] == 1
        assert run("retire-key", slug, first[-6:], typed="n\n")[0] == 1
        code, said = run("retire-key", slug, first[-6:], typed="y\n")
        assert (code, "Badges to sign again: 1" in said) == (0, True)
        assert f"{first}  taken out" in run("list")[1]
    db.session.expire_all()
    assert verdict(db.session.get_one(Award, row.id).credential) == "valid"


def test_the_operator_makes_a_new_key_and_takes_one_out(client: FlaskClient) -> None:
    row = awarded()
    slug, first = row.issuer.slug, only_key().public_multibase
    operator = sign_in(client)
    page = operator.get("/issuers/").get_data(as_text=True)
    assert issuers.did_of(row.issuer) in page
    assert first in page
    assert operator.post(f"/issuers/{slug}/rotate").status_code == 303
    assert "a new key signs" in operator.get("/issuers/", told="rotated").get_data(as_text=True).lower()
    ask = f"/issuers/{slug}/keys/{first[-12:]}/out"
    assert "signed again" in operator.get(ask).get_data(as_text=True)
    assert operator.post(ask, confirmation="wrong").status_code == 422
    assert operator.post(ask, confirmation=first[-6:]).status_code == 303
    assert "Taken out" in operator.get("/issuers/").get_data(as_text=True)
    assert operator.get("/issuers/nobody/keys/zzzzzz/out").status_code == 404
    assert operator.post("/issuers/nobody/rotate").status_code == 404


def test_keys_are_the_operators_alone(app: Flask) -> None:
    row = awarded()
    stranger = app.test_client()
    assert stranger.get("/admin/issuers/").status_code == 401
    assert stranger.post(f"/admin/issuers/{row.issuer.slug}/rotate").status_code == 401
    assert len(db.session.scalars(select(IssuerKey)).all()) == 1


def test_the_operator_reads_which_badges_could_not_be_made_and_tries_again(client: FlaskClient) -> None:
    decision = earned_decision(criteria={})
    news = outbox.put("decision.final", decision.attempt_id, {"decision_id": decision.id})
    outcome = consider(news.payload)
    news.state, news.reason = "given_up", getattr(outcome, "reason", "")
    db.session.commit()
    operator = sign_in(client)
    page = operator.get("/issuers/").get_data(as_text=True)
    assert "criterion C1 has no result" in page
    assert operator.post(f"/issuers/again/{news.id}").status_code == 303
    db.session.expire_all()
    assert news.state == "waiting"


def test_an_issuer_without_a_key_is_listed() -> None:
    db.session.add(Issuer(slug="0" * 16, name="New College"))
    db.session.commit()
    assert [(line.badges, line.keys) for line in key_care.lines()] == [(0, ())]
