"""A platform for tests: it signs with its own key, answers for its addresses, and launches the tool like a browser."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.landings import openings
from lti_mcred.outbound.http import Answer, HttpClient, HttpUnreachable
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.launch.openings import Openings
from lti_mcred.tool.protocol.claims import LTI
from lti_mcred.tool.wire.jwks import Keyring
from tests import factories
from tests.services import replace_service

TOOL = "http://127.0.0.1:8000"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"


@cache
def rsa_key(number: int = 0) -> RSAPrivateKey:
    """A key pair, made once a process for each number."""
    return generate_private_key(65537, 2048)


def jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half as a JWK."""
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": public["n"], "e": public["e"]}


@dataclass
class FakeHttp:
    """In place of the outbound client: addresses and what they answer; every request is kept."""

    routes: dict[tuple[str, str], Callable[[dict[str, Any]], Answer]] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def on(self, method: str, url: str, *answers: Any, **headers: str) -> None:
        """Answer requests to `url` with each of `answers` in turn, the last one for ever.

        An answer is (status, body) or an exception; a body that is no text is sent as JSON.
        """
        waiting = list(answers)

        def answer(_sent: dict[str, Any]) -> Answer:
            now = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(now, Exception):
                raise now
            status, body = now
            raw = (
                body
                if isinstance(body, bytes)
                else body.encode()
                if isinstance(body, str)
                else json.dumps(body).encode()
            )
            return Answer(status, "", {k.replace("_", "-").lower(): v for k, v in headers.items()}, raw, url, 0.01)

        self.routes[method, url] = answer

    def request(self, method: str, url: str, **given: Any) -> Answer:
        """Answer like lti_mcred.outbound.http.HttpClient.request."""
        call = {"method": method, "url": url, **{k: v for k, v in given.items() if v is not None}}
        self.sent.append(call)
        route = self.routes.get((method, url))
        if route is None:
            raise HttpUnreachable(f"{url} could not be reached")
        return route(call)

    def pages(self, url: str, *, headers: Any, limit: int = 1000) -> Any:
        """Follow next links like the real client."""
        following: str | None = url
        for _page in range(limit):
            answer = self.request("GET", following or url, headers=headers)
            yield answer
            following = answer.next_link() if answer.ok else None
            if not following:
                return

    def asked(self, url: str) -> int:
        """How often `url` was requested."""
        return sum(call["url"] == url for call in self.sent)


@dataclass
class Lms:
    """A registered platform and the browser in front of it."""

    app: Flask
    client: FlaskClient
    http: FakeHttp
    issuer: str = "https://lms.example.edu"
    client_id: str = "client-1"
    deployment_id: str = "deployment-1"
    kid: str = "key-1"
    key: RSAPrivateKey = field(default_factory=rsa_key)
    profile: str = "generic"
    auth_url: str = ""
    jwks_url: str = ""
    token_url: str = ""

    def register(self, deployment: str = "active") -> Platform:
        """Store the platform, with its deployment unless that is ""."""
        self.answer()
        platform = Platform(
            name="Larkspur College", issuer=self.issuer, client_id=self.client_id, auth_url=self.auth_url,
            token_url=self.token_url, jwks_url=self.jwks_url, profile=self.profile,
        )  # fmt: skip
        db.session.add(platform)
        db.session.flush()
        if deployment:
            db.session.add(Deployment(platform_id=platform.id, deployment_id=self.deployment_id, state=deployment))
        db.session.commit()
        return platform

    def answer(self) -> None:
        """Have addresses, and publish its key at one of them."""
        self.auth_url = self.auth_url or f"{self.issuer}/auth"
        self.jwks_url = self.jwks_url or f"{self.issuer}/jwks"
        self.token_url = self.token_url or f"{self.issuer}/token"
        self.publish(jwk(self.key, self.kid))

    def publish(self, *keys: dict[str, Any], **headers: str) -> None:
        """Publish these keys."""
        self.http.on("GET", self.jwks_url, (200, {"keys": list(keys)}), **headers)

    def login(self, client: FlaskClient | None = None, **extra: Any) -> dict[str, str]:
        """Go through the login as a browser that keeps cookies; return the query of the authorization request."""
        answer = self.begin(client, **extra)
        while answer.status_code in (302, 303) and not answer.location.startswith(self.auth_url):
            answer = (client or self.client).get(answer.location)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}

    def begin(self, client: FlaskClient | None = None, **extra: Any) -> TestResponse:
        """Post the login request."""
        fields = {
            "iss": self.issuer, "client_id": self.client_id, "login_hint": "hint-7",
            "target_link_uri": f"{TOOL}/lti/launch", "lti_message_hint": "opaque hint/+=", **extra,
        }  # fmt: skip
        fields = {name: value for name, value in fields.items() if value is not None}
        return (client or self.client).post("/lti/login", data=fields)

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """The claims of a learner's launch; `changes` by short or full name, None takes a claim away."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": self.client_id, "sub": "sub-1", "nonce": nonce, "iat": now, "exp": now + 300,
            "name": "Nadia Okafor", "given_name": "Nadia", "family_name": "Okafor", "email": "nadia@example.edu",
            LTI + "deployment_id": self.deployment_id,
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "version": "1.3.0",
            LTI + "target_link_uri": f"{TOOL}/lti/launch",
            LTI + "roles": [LEARNER],
            LTI + "resource_link": {"id": "link-1", "title": "Job hazard analysis"},
            LTI + "context": {"id": "course-1", "title": "Safety", "label": "SAF1"},
        }  # fmt: skip
        for name, value in changes.items():
            full = name if name in claims or name in ("azp", "nbf", "sub", "locale") or ":" in name else LTI + name
            claims[full] = value
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: Any, **header: Any) -> str:
        """Sign claims as an id_token."""
        key = header.pop("key", self.key)
        headers = {name: value for name, value in {"kid": self.kid, **header}.items() if value is not None}
        return jwt.PyJWS().encode(json.dumps(claims).encode(), key, "RS256", headers={"typ": "JWT", **headers})

    def post(self, token: str, state: str, client: FlaskClient | None = None, **extra: Any) -> TestResponse:
        """Post the authentication response."""
        return (client or self.client).post("/lti/launch", data={"id_token": token, "state": state, **extra})

    def launch(self, **changes: Any) -> TestResponse:
        """Log in and launch with the usual claims, changed. The login names the target that the launch names."""
        target = changes.get("target_link_uri", f"{TOOL}/lti/launch")
        asked = self.login(target_link_uri=target if isinstance(target, str) else None)
        return self.post(self.sign(self.claims(asked["nonce"], **changes)), asked["state"])


def open_pages(app: Flask) -> None:
    """Let launches open the pages of the application again."""
    replace_service(app, Openings, openings())


def with_activity(app: Flask, client: FlaskClient) -> Lms:
    """Put a registered platform in front of the application as it is; its course-1 holds an activity."""
    lms = stand_up(app, client)
    lms.register()
    open_pages(app)
    here = factories.course(db.session.scalars(select(Deployment)).one(), context_id="course-1", title="Safety")
    factories.activity(factories.version(), here)
    db.session.commit()
    return lms


def stand_up(app: Flask, client: FlaskClient, **values: Any) -> Lms:
    """Put a fake platform in front of the application, with landings that name what they were given."""
    http = FakeHttp()
    replace_service(app, HttpClient, http)
    replace_service(app, Keyring, Keyring(http))
    landings = {kind: lambda visit, _launch, kind=kind: f"/v/{visit.id}/{kind}" for kind in openings().landings}
    replace_service(app, Openings, Openings(landings, lambda *_what: None, lambda *_what: None))
    return Lms(app, client, http, **values)
