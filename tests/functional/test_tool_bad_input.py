"""What strangers send to the LMS's door: refused in plain words with a code, or shown escaped. No visit opens."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import db
from lti_mcred.tool.known.models import Deployment, LoginAttempt
from lti_mcred.tool.refusals.fields import LAUNCH_FIELDS, LOGIN_FIELDS, REGISTER_FIELDS
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.conformance.lms import INSTRUCTOR, Lms, open_pages, stand_up

MEGABYTE = "x" * 1_000_000
DOORS = {
    "/lti/login": ("GET", "POST", LOGIN_FIELDS),
    "/lti/launch": ("POST", "POST", LAUNCH_FIELDS),
    "/lti/register": ("GET", "GET", REGISTER_FIELDS),
}
FIELDS = [(door, name) for door, (_first, _second, names) in DOORS.items() for name in names]
BAD_VALUES = {"doubled": ["a", "b"], "doubled with the same": ["a", "a"], "a megabyte": [MEGABYTE], "nul": ["a\0b"]}


def count(model: Any) -> int:
    """Rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def refused(answer: TestResponse) -> None:
    """A page in plain words, with a code for support and the reference of this very answer; and nothing has opened."""
    assert 400 <= answer.status_code < 500, answer.status_code
    assert answer.mimetype == "text/html"
    assert "<h1>" in answer.text
    assert "What to do now" in answer.text
    assert "When you ask for help, give this reference" in answer.text
    assert f"<code>{answer.headers['X-Request-Id']}</code>" in answer.text
    assert "Traceback" not in answer.text
    assert "/v/" not in answer.headers.get("Location", "")
    assert count(Visit) == 0


def good(lms: Lms, door: str) -> dict[str, Any]:
    """What the door takes from a well-behaved LMS."""
    if door == "/lti/login":
        return {"iss": lms.issuer, "client_id": lms.client_id, "login_hint": "h", "target_link_uri": "http://t/"}
    if door == "/lti/launch":
        asked = lms.login()
        return {"state": asked["state"], "id_token": lms.sign(lms.claims(asked["nonce"]))}
    return {"openid_configuration": f"{lms.issuer}/conf", "registration_token": "t", "invite": "i"}


@pytest.mark.parametrize(("hint", "status"), [("x" * 4000, 303), ("é" * 2000, 303), ("é" * 2001, 400)])
def test_a_hint_is_measured_in_bytes(lms: Lms, hint: str, status: int) -> None:
    assert lms.begin(login_hint=hint).status_code == status


@pytest.mark.parametrize("kind", BAD_VALUES)
@pytest.mark.parametrize(("door", "name"), FIELDS)
def test_a_field_that_is_doubled_enormous_or_holds_a_nul_is_refused(lms: Lms, door: str, name: str, kind: str) -> None:
    method = DOORS[door][1]
    fields = {**good(lms, door), name: BAD_VALUES[kind]}
    attempts = count(LoginAttempt)

    answer = lms.client.open(
        door,
        method=method,
        **{"data" if method == "POST" else "query_string": fields},
    )

    refused(answer)
    assert count(LoginAttempt) == attempts


def test_a_launch_that_could_not_be_read_uses_up_nobodys_sign_in(lms: Lms) -> None:
    fields = good(lms, "/lti/launch")
    refused(lms.client.post("/lti/launch", data={**fields, "id_token": MEGABYTE}))

    assert lms.client.post("/lti/launch", data=fields).status_code == 303


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
BODIES = {
    "JSON": (json.dumps({"iss": "https://lms.example.edu", "login_hint": "h", "state": "s"}), "application/json"),
    "text": ("iss=https://lms.example.edu&login_hint=h&state=s", "text/plain"),
    "XML": ("<iss>https://lms.example.edu</iss>", "application/xml"),
    "a form in parts without its boundary": ("--x\r\n\r\n--x--", PARTS),
    "a form in parts that breaks off": (
        '--b\r\nContent-Disposition: form-data; name="state"\r\n\r\ns', f"{PARTS}; boundary=b"
    ),
    "a form in an unknown charset": ("iss=%ff%fe&state=%ff&login_hint=%00", f"{FORM}; charset=no-such"),
    "no type at all": ("iss=https://lms.example.edu", ""),
    "nothing": ("", FORM),
    "brackets": ("[" * 100_000, "application/json"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("door", ["/lti/login", "/lti/launch"])
def test_a_body_of_another_kind_is_refused(lms: Lms, door: str, kind: str) -> None:
    body, content_type = BODIES[kind]

    refused(lms.client.post(door, data=body, headers={"Content-Type": content_type} if content_type else {}))
    assert count(LoginAttempt) == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LTI"])
@pytest.mark.parametrize("door", ["/lti/login", "/lti/launch", "/lti/launch/confirm", "/.well-known/jwks.json"])
def test_another_method_is_refused_and_the_right_ones_are_named(lms: Lms, door: str, method: str) -> None:
    answer = lms.client.open(door, method=method)

    refused(answer)
    assert answer.status_code == 405
    assert {"GET", "POST"} & set(answer.headers["Allow"].split(", "))


def _replayed(lms: Lms) -> TestResponse:
    fields = good(lms, "/lti/launch")
    lms.client.post("/lti/launch", data={**fields, "id_token": "used up"})
    return lms.client.post("/lti/launch", data=fields)


def _swapped(lms: Lms) -> TestResponse:
    one, other = good(lms, "/lti/launch"), good(lms, "/lti/launch")
    return lms.client.post("/lti/launch", data={"state": one["state"], "id_token": other["id_token"]})


def _another_platforms(lms: Lms) -> TestResponse:
    """The state of a login at this LMS, the token of another one that is registered too."""
    asked = lms.login()
    other = stand_up(lms.app, lms.client, issuer="https://other.example.edu", client_id="client-9", kid="key-9")
    other.register()
    lms.http.routes.update(other.http.routes)
    return other.post(other.sign(other.claims(asked["nonce"])), asked["state"])


STRANGE = {
    "a launch without its state": lambda lms: lms.client.post("/lti/launch", data={"id_token": "x"}),
    "a state that we never gave out": lambda lms: lms.post("x", "guessed"),
    "a launch that was used already": _replayed,
    "the states of two launches swapped": _swapped,
    "the token of another LMS": _another_platforms,
    "an error of the LMS with markup": lambda lms: lms.client.post(
        "/lti/launch",
        data={"state": lms.login()["state"], "error": "<b>x</b>", "error_description": "<script>alert(1)</script>"},
    ),
    "an issuer with markup": lambda lms: lms.begin(iss="https://x/<script>alert(1)</script>"),
    "a client with markup": lambda lms: lms.begin(client_id="<script>alert(1)</script>"),
    "a message type with markup": lambda lms: lms.launch(message_type="<script>alert(1)</script>"),
    "a deployment with markup": lambda lms: lms.launch(deployment_id="<script>alert(1)</script>"),
    "half a character": lambda lms: lms.client.post("/lti/launch", data=b"state=%ed%a0%80&id_token=%ff"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_strange_is_refused_in_plain_words_with_a_code(lms: Lms, kind: str) -> None:
    answer = STRANGE[kind](lms)

    refused(answer)
    assert "<script>alert" not in answer.text
    assert "<b>x" not in answer.text


def test_a_launch_in_a_foreign_browser_opens_nothing(lms: Lms) -> None:
    fields = good(lms, "/lti/launch")
    victim = lms.app.test_client()

    answer = victim.post("/lti/launch", data=fields)

    assert count(Visit) == 0
    assert 'target="_blank"' in answer.text, "she may sign in anew, as herself"
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("door", ["/lti/login", "/lti/launch"])
def test_a_program_that_asks_for_json_is_refused_in_json(lms: Lms, door: str) -> None:
    answer = lms.client.post(door, data={"iss": "https://x", "state": "s"}, headers={"Accept": "application/json"})

    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["reference"] == answer.headers["X-Request-Id"]


MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


def test_markup_in_names_and_titles_is_shown_as_text_on_every_page_that_shows_them(app: Flask, lms: Lms) -> None:
    open_pages(app)
    here = make.course(db.session.scalars(select(Deployment)).one(), context_id="course-1")
    make.activity(make.version(), here)
    db.session.commit()
    given = {
        "name": MARKUP, "given_name": MARKUP, "family_name": MARKUP, "email": f"{MARKUP}@example.edu",
        "context": {"id": "course-1", "title": MARKUP, "label": MARKUP},
        "resource_link": {"id": "link-1", "title": MARKUP},
        "custom": {"activity": db.session.scalars(select(Activity.id)).one(), "x": MARKUP},
        "launch_presentation": {"locale": MARKUP},
    }  # fmt: skip
    pages = [lms.client.get(lms.launch(**given).location, follow_redirects=True)]
    teaching = lms.launch(**given, sub="teacher", roles=[INSTRUCTOR])
    pages.append(lms.client.get(teaching.location, follow_redirects=True))

    assert [page.status_code for page in pages] == [200, 200]
    assert "&lt;script&gt;alert(2)" in pages[1].text
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
