"""Where the reading of an LMS's configuration may lead: real servers on loopback that try to lead it elsewhere."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.app import create_app
from lti_mcred.db import close_connections, db
from lti_mcred.settings import Settings
from lti_mcred.tool.invitations import invite
from lti_mcred.tool.models import Platform
from tests.functional.test_tool_registration import code_of


class _Trap(BaseHTTPRequestHandler):
    """Answers as its path says; remembers who came."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        kind = self.path.partition("?")[0]
        if kind == "/redirect":
            return self._answer(302, b"", Location=self.server.elsewhere)
        if kind == "/scheme":
            return self._answer(302, b"", Location="file:///etc/passwd")
        if kind == "/slow":
            time.sleep(1.2)
            return self._answer(200, b"{}")
        if kind == "/huge":
            return self._answer(200, b'"' + b"x" * 200_000 + b'"')
        if kind == "/endless":
            return self._drip()
        return self._answer(200, json.dumps({"issuer": "https://never.example"}).encode())

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _byte in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_words: Any) -> None:
        """Keep the test's output quiet."""


def _serve() -> ThreadingHTTPServer:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Trap)
    server.seen, server.elsewhere = [], ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def inside() -> Iterator[Any]:
    """A service of the campus network that nobody may be led to."""
    server = _serve()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def lms() -> Iterator[Any]:
    """A server that the settings allow."""
    server = _serve()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def app(settings: Settings, lms: Any) -> Iterator[Flask]:
    """The application with its real client, which may reach the LMS and is impatient."""
    app = create_app(
        Settings.load(
            {}, environment="development", secret_key=settings.secret_key, public_url=settings.public_url,
            database_url=settings.database_url, data_dir=settings.data_dir, log_level="ERROR",
            allowed_private_hosts=(f"127.0.0.1:{lms.server_port}",), http_max_bytes=50_000,
            http_connect_seconds=1.0, http_read_seconds=0.4,
        )
    )  # fmt: skip
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        close_connections()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["redirect", "scheme", "slow", "huge", "endless"])
def test_a_configuration_that_leads_elsewhere_or_never_ends_is_refused(app: Flask, inside, lms, path, method) -> None:
    lms.elsewhere = f"http://127.0.0.1:{inside.server_port}/secrets"
    code = code_of(invite())
    given = {"invite": code, "openid_configuration": f"http://127.0.0.1:{lms.server_port}/{path}"}
    client, began = app.test_client(), time.monotonic()
    page = (
        client.get("/lti/register", query_string=given) if method == "GET" else client.post("/lti/register", data=given)
    )
    assert page.status_code == 502
    assert "We could not reach your LMS" in page.text
    assert time.monotonic() - began < 5
    assert inside.seen == []
    assert db.session.scalar(select(func.count()).select_from(Platform)) == 0
    assert client.get("/lti/register", query_string={"invite": code}).status_code == 200, "the invitation is still good"


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{port}/", "https://localhost:{port}/", "https://[::1]:{port}/", "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data", "https://0.0.0.0:{port}/", "https://2130706433:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/", "http://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "//127.0.0.1:{port}/", "https://127.0.0.1:{port}@public.example/",
    ],
)  # fmt: skip
def test_a_configuration_in_a_private_network_is_not_asked_for(app: Flask, inside, address: str) -> None:
    given = {"invite": code_of(invite()), "openid_configuration": address.format(port=inside.server_port)}
    page = app.test_client().get("/lti/register", query_string=given)
    assert page.status_code in (400, 502)
    assert inside.seen == []


def test_without_an_invitation_nothing_is_fetched_at_all(app: Flask, lms) -> None:
    given = {"invite": "guessed", "openid_configuration": f"http://127.0.0.1:{lms.server_port}/anything"}
    for answer in (
        app.test_client().get("/lti/register", query_string=given),
        app.test_client().post("/lti/register", data=given),
    ):
        assert answer.status_code == 403
    assert lms.seen == []
