"""The example of a proxy, run by nginx itself on loopback: what it logs, whom it turns away, how often it lets ask."""

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import need
from tests.ports import free_port

pytestmark = pytest.mark.live
EXAMPLE = (Path(__file__).resolve().parents[2] / "config/nginx.example.conf").read_text(encoding="utf-8")
HOST = "tool.example.edu"


class Tool(BaseHTTPRequestHandler):
    """Stands where the tool would: answers everything and remembers what reached it."""

    def do_GET(self) -> None:
        """Answer with the headers of interest."""
        seen = "\n".join(f"{name}: {self.headers[name]}" for name in ("Host", "X-Forwarded-For", "X-Forwarded-Host"))
        self.send_response(200)
        self.send_header("Content-Length", str(len(seen)))
        self.end_headers()
        self.wfile.write(seen.encode())

    def log_message(self, *_facts: object) -> None:
        """Write nothing."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str | None
    text: str


@dataclass(frozen=True)
class Proxy:
    """A running nginx. `log` and `errors` are its files."""

    plain: int
    tls: int
    log: Path
    errors: Path

    def get(self, path: str, host: str = HOST, **headers: str) -> Answer:
        """Ask over TLS, naming `host` in the handshake and in the request."""
        return self.get_often(path, 1, host, **headers)[0]

    def get_often(self, path: str, times: int, host: str = HOST, **headers: str) -> list[Answer]:
        """Ask several times on one connection, each time with its number instead of `{}`."""
        context = ssl._create_unverified_context()
        with (
            socket.create_connection(("127.0.0.1", self.tls), 10) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
            closing(HTTPSConnection("127.0.0.1", self.tls)) as connection,
        ):
            connection.sock = tls
            return [_asked(connection, path.format(one), {"Host": host, **headers}) for one in range(times)]

    def get_plainly(self, path: str, host: str = HOST) -> Answer:
        """Ask without TLS."""
        with closing(HTTPConnection("127.0.0.1", self.plain, timeout=10)) as connection:
            return _asked(connection, path, {"Host": host})


def _asked(connection: HTTPConnection, path: str, headers: dict[str, str]) -> Answer:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.getheader("Location"), answer.read().decode())


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _settings(folder: Path, plain: int, tls: int, tool: int) -> Path:
    """Write the example with this test's ports and files into `folder`; return the file that nginx is started with."""
    comment = EXAMPLE.partition("# /etc/nginx/lti-mcred-proxy.conf\n")[2]
    proxied = re.sub(r"^#\s*", "", comment, flags=re.MULTILINE).replace("127.0.0.1:8000", f"127.0.0.1:{tool}")
    (folder / "proxy.conf").write_text(proxied)
    example = EXAMPLE.replace("/etc/nginx/lti-mcred-proxy.conf;", f"{folder}/proxy.conf;")
    example = example.replace(f"/etc/letsencrypt/live/{HOST}", str(folder)).replace("/var/log/nginx", str(folder))
    # What comes in beyond the first burst does not depend on how quick this machine is.
    example = re.sub(r"rate=\d+r/s", "rate=1r/m", example)
    example = re.sub(r"listen 443\b", f"listen 127.0.0.1:{tls}", example)
    example = re.sub(r"listen 80\b", f"listen 127.0.0.1:{plain}", example)
    temporary = "".join(
        f"{one}_temp_path {folder}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    start = folder / "nginx.conf"
    start.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/start.log warn; worker_processes 1;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ {temporary}\n{example}\n}}\n"
    )
    return start


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    need("nginx", program)
    assert program
    folder = tmp_path
    _certificate(folder)
    plain, tls, port = free_port(), free_port(), free_port()
    tool = ThreadingHTTPServer(("127.0.0.1", port), Tool)
    Thread(target=tool.serve_forever, daemon=True).start()
    start = _settings(folder, plain, tls, port)
    tried = subprocess.run([program, "-t", "-q", "-c", start], capture_output=True, text=True, check=False)
    assert (tried.returncode, tried.stderr) == (0, ""), tried.stderr
    running = subprocess.Popen([program, "-c", start])
    found = Proxy(plain, tls, folder / "lti-mcred.log", folder / "lti-mcred.error.log")
    try:
        _until_it_answers(found)
        yield found
    finally:
        running.terminate()
        running.wait(10)
        tool.shutdown()
        tool.server_close()


def _until_it_answers(proxy: Proxy) -> None:
    for _time in range(100):
        try:
            proxy.get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("nginx did not start")


def _lines(proxy: Proxy, after: str) -> str:
    """Return the log once it has the line of a request that was made last."""
    for _time in range(50):
        if after in (text := proxy.log.read_text()):
            return text
        time.sleep(0.1)
    return pytest.fail(f"no line with {after}")


def test_no_secret_of_an_address_is_logged(proxy: Proxy) -> None:
    proxy.get("/lti/register?invite=SECRET-INVITATION&registration_token=SECRET-TOKEN")
    proxy.get("/evidence-files/SECRET-FILE", Referer="https://lms.example.edu/SECRET-PAGE")
    proxy.get("/v/SECRET-VISIT/course/scores?search=SECRET-NAME")
    proxy.get("/achievements/last-of-this-test/1.0.0")

    log = _lines(proxy, "/achievements/last-of-this-test")

    assert "GET /lti/register 200" in log
    assert "GET /evidence-files/- 200" in log
    assert "GET /v/-/course 200" in log
    assert "SECRET" not in log + proxy.errors.read_text()


def test_an_address_that_is_turned_away_stands_in_no_log_either(proxy: Proxy) -> None:
    answers = proxy.get_often("/lti/register?invite=SECRET-{}", 40)

    assert (answers[0].status, answers[-1].status) == (200, 429)
    assert "SECRET" not in _lines(proxy, " 429 ") + proxy.errors.read_text()


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/verify", 20), ("/admin/enter", 20), ("/lti/register", 20), ("/lti/login", 400), ("/lti/launch", 400),
        ("/lti/launch/confirm", 400),
        ("/lti/notices", 400), ("/credentials/x.json", 100), ("/status/1", 100), ("/issuers/x/did.json", 100),
        ("/.well-known/jwks.json", 100),
    ],
)  # fmt: skip
def test_public_addresses_are_limited_and_a_class_is_let_in(proxy: Proxy, path: str, first: int) -> None:
    statuses = [answer.status for answer in proxy.get_often(path, first + 20)]
    assert statuses[:first] == [200] * first
    assert statuses[-1] == 429


def test_pages_of_a_visit_are_not_counted(proxy: Proxy) -> None:
    assert {answer.status for answer in proxy.get_often("/v/x/work", 450)} == {200}


def test_a_foreign_host_gets_no_answer(proxy: Proxy) -> None:
    with pytest.raises(OSError, match=r"(?i)unrecognized|handshake|alert"):
        proxy.get("/", host="somebody-else.example")
    with pytest.raises(RemoteDisconnected):
        proxy.get_plainly("/", host="somebody-else.example")


def test_the_tool_is_told_our_host_whatever_was_sent(proxy: Proxy) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    seen = proxy.get("/", **forged).text
    assert seen.splitlines() == [f"Host: {HOST}", "X-Forwarded-For: 127.0.0.1", f"X-Forwarded-Host: {HOST}"]


def test_plain_http_leads_to_the_same_page_by_https(proxy: Proxy) -> None:
    answer = proxy.get_plainly("/verify?x=1")
    assert (answer.status, answer.location) == (301, f"https://{HOST}/verify?x=1")
