"""Where the reading of an LMS's configuration may lead: real servers on loopback that try to lead it elsewhere."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db
from lti_mcred.settings import Settings
from lti_mcred.tool.install import exchange as registration_exchange
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.known.models import Platform
from tests.functional.test_tool_registration import code_of

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoxfQ.signed-by-the-lms"


# path -> what is answered at once
_AT_ONCE: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "/scheme": (302, b"", {"Location": "file:///etc/passwd"}),
    "/nowhere": (302, b"", {"Location": f"https://[?registration_token={TOKEN}"}),
    "/port": (302, b"", {"Location": "https://lms.example.edu:99999/"}),
    "/away": (503, b"<html>Maintenance</html>", {}),
    "/page": (200, b"<html>Please sign in</html>", {}),
    "/huge": (200, b'"' + b"x" * 200_000 + b'"', {}),
}


class _Trap(BaseHTTPRequestHandler):
    """Answers as its path says; remembers who came."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        kind = self.path.partition("?")[0]
        if kind == "/refused":  # as many servers do, it repeats what it was asked for
            return self._answer(401, f"Cannot GET {self.path} with {self.headers['Authorization']}".encode())
        if kind in _AT_ONCE:
            status, body, headers = _AT_ONCE[kind]
            return self._answer(status, body, **headers)
        if kind == "/redirect":
            return self._answer(302, b"", Location=self.server.elsewhere)
        if kind == "/header":
            self._headers_buffer = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno header at all\r\n"]
            self.end_headers()
            return self.wfile.write(b"{}")
        if kind == "/loop":
            time.sleep(0.3)
            return self._answer(302, b"", Location="/loop")
        if kind == "/slow":
            time.sleep(1.2)
            return self._answer(200, b"{}")
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
def lms_server() -> Iterator[Any]:
    """A server that the settings allow."""
    server = _serve()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def app(settings: Settings, lms_server: Any) -> Iterator[Flask]:
    """The application with its real client, which may reach the LMS and is impatient."""
    app = create_app(
        Settings.load(
            {}, environment="development", secret_key=settings.secret_key, public_url=settings.public_url,
            database_url=settings.database_url, data_dir=settings.data_dir, log_level="ERROR",
            allowed_private_hosts=(f"127.0.0.1:{lms_server.server_port}",), http_max_bytes=50_000,
            http_connect_seconds=1.0, http_read_seconds=0.4,
        )
    )  # fmt: skip
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        close_connections()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["redirect", "scheme", "nowhere", "port", "slow", "huge", "endless"])
def test_a_configuration_that_leads_elsewhere_or_never_ends_is_refused(
    app: Flask, inside, lms_server, path, method
) -> None:
    lms_server.elsewhere = f"http://127.0.0.1:{inside.server_port}/secrets"
    code = code_of(invite())
    given = {"invite": code, "openid_configuration": f"http://127.0.0.1:{lms_server.server_port}/{path}"}
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


TROUBLES = {
    "refused": 422, "away": 422, "page": 422, "header": 422, "slow": 502, "nowhere": 502, "port": 502, "redirect": 502,
    "huge": 502,
}  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", TROUBLES)
def test_the_token_of_the_lms_is_neither_in_the_log_nor_on_the_page(
    app: Flask, inside, lms_server, caplog: pytest.LogCaptureFixture, path: str, accept: str, method: str
) -> None:
    lms_server.elsewhere = f"http://127.0.0.1:{inside.server_port}/secrets?registration_token={TOKEN}"
    address = f"http://127.0.0.1:{lms_server.server_port}/{path}?registration_token={TOKEN}"
    given = {"invite": code_of(invite()), "openid_configuration": address, "registration_token": TOKEN}
    how = {"query_string": given} if method == "GET" else {"data": given}
    with caplog.at_level(logging.DEBUG):
        page = app.test_client().open("/lti/register", method=method, headers={"Accept": accept}, **how)
    assert page.status_code == TROUBLES[path]
    assert lms_server.seen == [f"/{path}?registration_token={TOKEN}"], "the LMS gets it"
    assert "registration-" in caplog.text
    for part in (TOKEN, *TOKEN.split(".")):
        assert part not in page.text
        assert part not in caplog.text


def test_an_address_that_is_refused_is_shown_without_its_token(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    given = {
        "invite": code_of(invite()),
        "openid_configuration": f"http://lms.example.edu/conf?registration_token={TOKEN}",
    }
    with caplog.at_level(logging.DEBUG):
        page = app.test_client().get("/lti/register", query_string=given)
    assert page.status_code == 400
    assert "http://lms.example.edu/conf" in page.text
    assert TOKEN not in page.text + caplog.text


def test_a_configuration_with_redirects_has_one_time_limit(
    app: Flask, lms_server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration_exchange, "_SECONDS", 0.5)
    given = {"invite": code_of(invite()), "openid_configuration": f"http://127.0.0.1:{lms_server.server_port}/loop"}
    began = time.monotonic()
    page = app.test_client().get("/lti/register", query_string=given)
    assert (page.status_code, "did not answer in time" in page.text) == (502, True)
    assert time.monotonic() - began < 1.0
    assert len(lms_server.seen) == 2


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


def test_without_an_invitation_nothing_is_fetched_at_all(app: Flask, lms_server) -> None:
    given = {"invite": "guessed", "openid_configuration": f"http://127.0.0.1:{lms_server.server_port}/anything"}
    for answer in (
        app.test_client().get("/lti/register", query_string=given),
        app.test_client().post("/lti/register", data=given),
    ):
        assert answer.status_code == 403
    assert lms_server.seen == []
