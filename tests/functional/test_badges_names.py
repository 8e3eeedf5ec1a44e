"""A holder's name: hiding always works, and a withdrawn badge names nobody, anywhere."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from lti_mcred.badges import lists, share, signing
from lti_mcred.badges.models import Award, StatusList
from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.revoke import REASONS, revoke
from lti_mcred.badges.share import show_name
from lti_mcred.engine.db import db, utcnow
from lti_mcred.secretbox import SealBroken
from tests import factories
from tests.badges_rows import awarded

HTML = {"Accept": "text/html"}
NAME = "Nadia Okafor"


def named(**given: Any) -> Award:
    """Return a badge that shows its holder's name."""
    return show_name(awarded(**given), show=True)


def everything(client: FlaskClient, row: Award) -> str:
    """Return all that a stranger can get at a badge's addresses, headers too."""
    found = []
    for path, accept in (
        ("", "text/html"),
        ("", "application/vc"),
        ("", "application/ld+json"),
        (".json", "*/*"),
        ("/badge.png", "*/*"),
    ):
        for ask in (client.get, client.head):
            answer = ask(f"/credentials/{row.id}{path}", headers={"Accept": accept})
            assert answer.status_code == 200
            body = answer.data
            found += [str(answer.headers), body.decode("utf-8", "replace")]
            if body.startswith(b"\x89PNG"):
                found.append(baking.extract(body) or "")
    asked = {"address": f"http://127.0.0.1:8000/credentials/{row.id}"}
    found.append(client.post("/verify", data=asked, headers=HTML).get_data(as_text=True))
    return "\n".join(found)


class Holder:
    """A learner whose badge shows her name, with an open visit."""

    def __init__(self) -> None:
        course = factories.course()
        person = factories.person(course)
        self.award = named(who=person, at=course)
        visit = factories.visit(person, course)
        db.session.commit()
        self.headers = {**HTML, **factories.auth(visit)}
        self.url = f"/v/{visit.id}/badges/{self.award.id}"

    def choose(self, client: FlaskClient, choice: str) -> int:
        """Send the form; return the status."""
        return client.post(self.url + "/share", data={"show_name": choice}, headers=self.headers).status_code

    def page(self, client: FlaskClient) -> str:
        """Return her page of the badge."""
        return client.get(self.url, headers=self.headers).get_data(as_text=True)


@pytest.mark.parametrize("reason", REASONS)
def test_withdrawing_takes_the_name_off_page_file_and_picture(client: FlaskClient, reason: str) -> None:
    row = named()
    assert NAME in everything(client, row)
    revoke(row.id, reason)
    seen = everything(client, row)
    assert "Okafor" not in seen
    assert "Nadia" not in seen
    assert "Withdrawn" in seen
    assert db.session.get_one(Award, row.id).shown_name is None


def test_the_file_of_a_withdrawn_badge_says_withdrawn_to_whoever_checks_it(client: FlaskClient) -> None:
    row = named()
    revoke(row.id, "integrity")
    served = client.get(f"/credentials/{row.id}.json").data
    answer = client.post(
        "/verify", data={"file": (io.BytesIO(served), "b.json")}, headers={"Accept": "application/json"}
    )
    assert answer.get_json()["verdict"] == "revoked"


def test_her_page_of_a_withdrawn_badge_has_the_form_and_hiding_works(client: FlaskClient) -> None:
    holder = Holder()
    revoke(holder.award.id, "mistake")
    page = holder.page(client)
    assert 'name="show_name"' in page
    assert "A withdrawn badge names nobody" in page
    assert holder.choose(client, "no") == 303
    assert holder.choose(client, "yes") == 409
    assert NAME not in everything(client, db.session.get_one(Award, holder.award.id))


def test_a_name_on_an_expired_badge_can_be_hidden_and_shown(client: FlaskClient) -> None:
    with time_machine.travel(utcnow() - timedelta(days=366 * 4), tick=False):
        row = named()
    assert NAME in everything(client, row)
    show_name(row, show=False)
    seen = everything(client, row)
    assert "Okafor" not in seen
    assert "Expired" in seen
    show_name(row, show=True)
    badge = json.loads(row.credential)
    assert badge["validFrom"] < badge["validUntil"]
    assert NAME in everything(client, row)


def test_a_badge_that_is_withdrawn_after_its_last_day_names_nobody(client: FlaskClient) -> None:
    with time_machine.travel(utcnow() - timedelta(days=366 * 4), tick=False):
        row = named()
    revoke(row.id, "request")
    seen = everything(client, row)
    assert "Okafor" not in seen
    assert "Withdrawn" in seen


def broken_key(*_given: object) -> None:
    """Stand for a key that cannot be opened."""
    message = "a stored badge-signing-key cannot be read"
    raise SealBroken(message)


def test_hiding_works_while_nothing_can_be_signed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Holder()
    monkeypatch.setattr(signing, "signing_key", broken_key)
    assert holder.choose(client, "no") == 303
    assert 'name="show_name"' in holder.page(client)
    url = f"/credentials/{holder.award.id}"
    page = client.get(url, headers=HTML)
    assert page.status_code == 200
    assert "Okafor" not in page.get_data(as_text=True)
    assert client.get(url + ".json").status_code == 503
    assert client.get(url + "/badge.png").status_code == 503
    assert "signed again" in client.post("/verify", data={"address": "http://127.0.0.1:8000" + url}).get_data(True)
    monkeypatch.undo()
    assert "Okafor" not in everything(client, db.session.get_one(Award, holder.award.id))


def test_what_needs_a_key_that_cannot_be_opened_says_so_and_changes_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Holder()
    assert holder.choose(client, "no") == 303
    db.session.execute(update(StatusList).values(signed=None))
    db.session.commit()
    monkeypatch.setattr(share, "signed_text", broken_key)
    monkeypatch.setattr(lists, "signing_key", broken_key)
    assert holder.choose(client, "yes") == 503
    assert client.get(f"/status/{holder.award.status_list_id}").status_code == 503
    assert db.session.get_one(Award, holder.award.id).shown_name is None


def test_a_withdrawal_holds_while_nothing_can_be_signed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    row = named()
    monkeypatch.setattr(signing, "signing_key", broken_key)
    monkeypatch.setattr(lists, "signing_key", broken_key)
    revoke(row.id, "mistake")
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert "Withdrawn" in page
    assert "Okafor" not in page


def test_showing_while_the_badge_is_withdrawn_shows_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = awarded()
    really = share.signed_text

    def slow(*given: Any) -> str:
        """Let the withdrawal happen while the badge is signed with the name."""
        text = really(*given)
        revoke(row.id, "mistake")
        return text

    monkeypatch.setattr(share, "signed_text", slow)
    with pytest.raises(ValueError, match="cannot show"):
        show_name(row, show=True)
    assert "Okafor" not in everything(client, row)


@pytest.mark.parametrize("name", ["_:x", "@type", "https://example.org/a b", "李\u0001明", "\u202eevil"])
def test_a_name_of_any_form_can_be_shown_and_hidden(client: FlaskClient, name: str) -> None:
    course = factories.course()
    row = named(who=factories.person(course, name=name), at=course)
    assert client.get(f"/credentials/{row.id}", headers=HTML).status_code == 200
    assert show_name(row, show=False).shown_name is None
