"""A tool for testing the practice LMS: keys, signed answers, and a whole launch over plain HTTP."""

from __future__ import annotations

import itertools
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import TestResponse

from lti_mcred.practice.app import create_practice_app
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.config import PracticeConfig
from lti_mcred.practice.ground.fetch import FetchError
from lti_mcred.practice.ground.jose import new_rsa_jwk
from tests.tables import new_folder

Json = dict[str, Any]
BASE = "http://localhost:8001"
TOOL = "http://127.0.0.1:8000"
LAUNCH = f"{TOOL}/lti/launch"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CAMPUS_KEYS = itertools.cycle([new_rsa_jwk(str(number)) for number in range(4)])
SCORE_SCOPES = " ".join((*v.GRADE_SCOPES, v.MEMBERSHIP))


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **kwargs: float) -> None:
        self.moment += timedelta(**kwargs)

    def stamp(self) -> int:
        return int(self.moment.timestamp())


@dataclass
class Internet:
    """What the practice LMS can fetch: documents by address; ``down`` addresses time out."""

    documents: dict[str, bytes] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url in self.down:
            raise FetchError("timed out", timed_out=True)
        if url not in self.documents:
            raise FetchError("answered 404")
        return self.documents[url]


class Forms(HTMLParser):
    """The forms of a page: action and fields by form id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, tuple[str, dict[str, str]]] = {}
        self._current: dict[str, str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._current = {}
            self.forms[found.get("id", "")] = (found.get("action", ""), self._current)
        elif tag == "input" and self._current is not None and found.get("type") == "hidden":
            self._current[found["name"]] = found["value"]


@dataclass
class Campus:
    """The practice LMS under test, with a tool's hands to work it."""

    app: Flask
    client: FlaskClient
    clock: Clock
    internet: Internet
    slug: str
    tool: Json = field(default_factory=dict)

    @property
    def root(self) -> str:
        return f"{BASE}/{self.slug}"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.open(f"/{self.slug}/control/{path}", method=method, json=body)
        assert answer.status_code < 300, answer.text
        return answer.get_json()

    def install(self, **more: Any) -> Json:
        body = {
            "name": "Micro-credentials",
            "login_url": f"{TOOL}/lti/login",
            "redirect_uris": [LAUNCH],
            "jwks_uri": f"{TOOL}/jwks.json",
            "target_link_uri": LAUNCH,
            **more,
        }
        self.internet.documents[f"{TOOL}/jwks.json"] = key_set(("tool-1", KEY))
        self.tool = self.control("POST", "tools", body)
        return self.tool

    def sign_in(self, person: str) -> None:
        answer = self.client.post(f"/{self.slug}/sign-in", data={"person": person})
        assert answer.status_code == 303

    def course(self) -> Json:
        found = self.control("GET", "courses")[0]
        assert isinstance(found, dict)
        return found

    def picker_url(self, placement: str | None = None) -> str:
        pickers = self.course()["pickers"]
        return next(p["launch_url"] for p in pickers if placement in (None, p["placement"]))

    def begin(self, launch_url: str) -> dict[str, str]:
        """The login fields that the launch page would post to the tool."""
        page = self.client.get(local(launch_url))
        assert page.status_code == 200, page.text
        action, fields = Forms(page.text).forms["login-form"]
        assert action == f"{TOOL}/lti/login"
        return fields

    def authorize(self, login: dict[str, str], **changes: str | None) -> TestResponse:
        """The tool's authentication request; a change of None leaves a parameter out."""
        params: dict[str, str | None] = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": LAUNCH,
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": "st-1",
            "nonce": "no-1",
            **changes,
        }
        query = urlencode({name: value for name, value in params.items() if value is not None})
        return self.client.get(f"{local(self.tool['authorization_endpoint'])}?{query}")

    def posted(self, answer: TestResponse) -> dict[str, str]:
        """The fields that the authorisation response posts to the tool."""
        action, fields = Forms(answer.text).forms["launch-form"]
        assert action == LAUNCH
        return fields

    def launch(self, launch_url: str) -> Json:
        """A whole launch: login, authorisation, and the verified claims of the id_token."""
        fields = self.posted(self.authorize(self.begin(launch_url)))
        assert fields["state"] == "st-1"
        return self.claims(fields["id_token"])

    def claims(self, token: str) -> Json:
        """The claims, after checking the signature with PyJWT against the campus's published keys."""
        keys = self.client.get(local(self.tool["jwks_uri"])).get_json()["keys"]
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(key for key in keys if key["kid"] == kid)
        public = RSAAlgorithm.from_jwk(json.dumps(key))
        options: Any = {"verify_exp": False, "verify_iat": False}
        return jwt.decode(token, public, algorithms=["RS256"], audience=self.tool["client_id"], options=options)

    def response_claims(self, items: list[Json], **changes: Any) -> Json:
        """What a deep linking response says; a change of None leaves a claim out."""
        now = self.clock.stamp()
        claims = {
            "iss": self.tool["client_id"],
            "aud": self.tool["issuer"],
            "iat": now,
            "exp": now + 300,
            "nonce": secrets.token_hex(8),
            v.LTI + "message_type": v.DEEP_LINKING_RESPONSE,
            v.LTI + "version": "1.3.0",
            v.LTI + "deployment_id": self.tool["deployment_id"],
            v.DL + "content_items": items,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def response_jwt(self, items: list[Json], **changes: Any) -> str:
        """A deep linking response, signed by the tool."""
        return sign(self.response_claims(items, **changes))

    def pick(self, *items: Json, placement: str | None = None) -> TestResponse:
        """A teacher picks in the tool, and the tool returns ``items``."""
        claims = self.launch(self.picker_url(placement))
        settings = claims[v.DL + "deep_linking_settings"]
        url = local(settings["deep_link_return_url"])
        return self.client.post(url, data={"JWT": self.response_jwt(list(items))})

    def add_activity(self, item: Json | None = None) -> Json:
        """An activity in the course, by the campus's own way of deep linking."""
        self.sign_in("teacher")
        answer = self.pick(item or link_item())
        assert answer.status_code == 200, answer.text
        if self.slug == "moodle":
            target = answer.text.partition('data-target="')[2].partition('"')[0]
            assert self.client.post(target, data={"do": "save"}).status_code == 303
        found = self.course()["activities"][-1]
        assert isinstance(found, dict)
        return found

    def assertion(self, **changes: Any) -> Json:
        now = self.clock.stamp()
        claims = {
            "iss": self.tool["client_id"],
            "sub": self.tool["client_id"],
            "aud": self.tool["token_endpoint"],
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(8),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def ask_token(self, assertion: str, scope: str = SCORE_SCOPES, **changes: str) -> TestResponse:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": v.ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": scope,
            **changes,
        }
        return self.client.post(local(self.tool["token_endpoint"]), data=form)

    def token(self, scope: str = SCORE_SCOPES) -> str:
        answer = self.ask_token(sign(self.assertion()), scope)
        assert answer.status_code == 200, answer.text
        return str(json.loads(answer.text)["access_token"])

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> TestResponse:
        """A service call with a bearer token; header names are given with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.token()}")
        data = json.dumps(body) if body is not None else None
        return self.client.open(local(url), method=method, data=data, headers=sent)

    def score(self, item: Json, person: str = "learner-1", **members: Any) -> TestResponse:
        """POST a score for ``item`` (a line item of the control JSON)."""
        url, _mark, query = str(item["id"]).partition("?")
        url = f"{url}/scores" + (f"?{query}" if query else "")
        body = {
            "userId": self.sub(person),
            "timestamp": self.clock().isoformat().replace("+00:00", "Z"),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 15,
            "scoreMaximum": 20,
            **members,
        }
        sent = {name: value for name, value in body.items() if value is not ...}
        return self.call("POST", url, sent, Content_Type=v.SCORE_TYPE)

    def sub(self, person: str) -> str:
        people = self.control("GET", "people")
        return str(next((one["sub"] for one in people if one["key"] == person), person))

    def cell(self, person: str = "learner-1") -> Json:
        """The gradebook cell of the newest line item."""
        rows = [row for row in self.control("GET", "gradebook") if row["person"] == person]
        assert rows
        found = rows[-1]
        assert isinstance(found, dict)
        return found


@cache
def _planted_file() -> Path:
    """Return the data of a new practice LMS, planted once a process, whose campuses have published their keys."""
    file = new_folder() / "planted.sqlite3"
    app = create_practice_app(PracticeConfig(data=file, now=Clock(), fetch=Internet(), new_key=ready_key))
    practice = app.extensions["practice"]
    for campus in practice.campuses.values():
        assert app.test_client().get(campus.url(campus.temperament.paths.jwks)).get_json()["keys"]
    practice.store.close()
    return file


def make_campus(folder: Path, slug: str) -> Campus:
    clock, internet = Clock(), Internet()
    config = PracticeConfig(data=folder / "practice.sqlite3", now=clock, fetch=internet, new_key=ready_key)
    if not config.data.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_planted_file(), config.data)
    app = create_practice_app(config)
    app.testing = True
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    return Campus(app, client, clock, internet, slug)


def ready_key(kid: str) -> Json:
    """One of a few keys made beforehand: making RSA keys is most of a test's time."""
    return {**next(CAMPUS_KEYS), "kid": kid}


def close(campus: Campus) -> None:
    campus.app.extensions["practice"].store.close()


@contextmanager
def opened_campus(folder: Path, slug: str, *, installed: bool = True) -> Iterator[Campus]:
    """A campus that closes by itself, with the tool installed or without."""
    campus = make_campus(folder, slug)
    try:
        if installed:
            campus.install()
        yield campus
    finally:
        close(campus)


def key_set(*keys: tuple[str, rsa.RSAPrivateKey]) -> bytes:
    """A JWKS document with the public halves."""
    found = [
        {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", "alg": "RS256"}
        for kid, key in keys
    ]
    return json.dumps({"keys": found}).encode()


def sign(claims: Json, key: Any = KEY, kid: str | None = "tool-1", algorithm: str = "RS256") -> str:
    headers = {"kid": kid} if kid is not None else None
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def link_item(**members: Any) -> Json:
    item = {
        "type": "ltiResourceLink",
        "url": f"{LAUNCH}?activity=a17",
        "title": "Evidence: criterion 2",
        "text": "<p>Upload your <b>evidence</b>.</p>",
        "custom": {"activity": "a17"},
        "lineItem": {"scoreMaximum": 20, "label": "Evidence, part 2", "resourceId": "a17", "tag": "evidence"},
        **members,
    }
    return {name: value for name, value in item.items() if value is not ...}


def local(url: str) -> str:
    """The path and query of an address of the practice LMS, for the test client."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
