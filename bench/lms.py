"""The LMS side of the launch benchmark: a key, its JWKS on loopback, and a browser on kept connections."""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
CLIENT = "bench-client"
DEPLOYMENT = "1"


class BenchLms:
    """Signs id_tokens with one RSA key and answers for it at `jwks_url`."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        document = json.dumps({"keys": [{**jwk, "kid": "bench", "alg": "RS256", "use": "sig"}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.issuer = f"http://{self.host}"
        self.jwks_url = f"{self.issuer}/jwks"

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()

    def id_token(self, nonce: str, user: str, activity: str, launch_url: str) -> str:
        """Return a learner's launch, as Moodle words it."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": user, "iat": now, "exp": now + 60, "nonce": nonce,
            LTI + "deployment_id": DEPLOYMENT, LTI + "message_type": "LtiResourceLinkRequest", LTI + "version": "1.3.0",
            LTI + "target_link_uri": launch_url, LTI + "resource_link": {"id": "9", "title": "Bench"},
            LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            LTI + "context": {"id": "2", "label": "B", "title": "Bench course", "type": ["CourseSection"]},
            LTI + "custom": {"activity": activity}, "name": "Bench Learner", "given_name": "Bench",
        }  # fmt: skip
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "bench"})


@dataclass
class LaunchingBrowser:
    """One person who launches again and again over one kept connection."""

    lms: BenchLms
    tool: str
    activity: str
    user: str
    seconds: list[float] = field(default_factory=list)
    last_page: bytes = b""

    def __post_init__(self) -> None:
        parts = urlsplit(self.tool)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
        self.cookie = ""

    def launch(self) -> None:
        """Login request, launch, page; raises RuntimeError when a step is refused."""
        target = f"{self.tool}/lti/launch"
        query = {
            "iss": self.lms.issuer, "client_id": CLIENT, "login_hint": self.user, "lti_message_hint": "h",
            "target_link_uri": target, "lti_deployment_id": DEPLOYMENT,
        }  # fmt: skip
        if not self.cookie:  # a browser's very first launch takes one hop more, to see whether the cookie stays
            self._ask("GET", f"/lti/login?{urlencode(query)}", 303)
        started = time.perf_counter()
        to_lms = self._ask("GET", f"/lti/login?{urlencode(query)}", 302)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(to_lms).query).items()}
        signing = time.perf_counter()
        form = {
            "state": asked["state"],
            "id_token": self.lms.id_token(asked["nonce"], self.user, self.activity, target),
        }
        signed = time.perf_counter() - signing
        page = self._ask("POST", "/lti/launch", 303, urlencode(form))
        page = self._ask("GET", urlsplit(page).path, 303)  # the learner's home knows where her work stands
        self._ask("GET", urlsplit(page).path, 200)
        self.seconds.append(time.perf_counter() - started - signed)

    def _ask(self, method: str, path: str, wanted: int, body: str | None = None) -> str:
        headers = {"Cookie": self.cookie, "Accept": "text/html"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.last_page = answer.read()
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        if answer.status != wanted:
            message = f"{method} {path.partition('?')[0]} answered {answer.status}: {self.last_page[:300]!r}"
            raise RuntimeError(message)
        return answer.headers.get("Location", "")
