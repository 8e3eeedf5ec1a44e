"""Certificates: whom we trust, besides the public authorities, and what is said to whom when one cannot be trusted."""

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from lti_mcred.app import create_app
from lti_mcred.cli import badge
from lti_mcred.engine.db import db
from lti_mcred.outbound.http import HttpClient, HttpError, HttpUnreachable, HttpUntrusted
from lti_mcred.services import service_of
from lti_mcred.settings import Settings, SettingsError
from lti_mcred.tool.health.checks import unreachable
from lti_mcred.tool.install.invitations import invite
from tests.ports import free_port


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """A campus CA, and the certificates that it makes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key, self.name = folder, ec.generate_private_key(ec.SECP256R1()), named("Larkspur Campus CA")
        made = self._built(self.name, self.key, -1, 30)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = made.sign(self.key, hashes.SHA256())
        # A process reads such a file once; the folder of an earlier test may have had the same name.
        self.file = folder / f"campus-ca-{self.certificate.serial_number}.pem"
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def _built(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begins: int, ends: int):
        now = datetime.now(UTC)
        built = x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number())
        return built.not_valid_before(now + timedelta(days=begins)).not_valid_after(now + timedelta(days=ends))

    def makes_out(self, address: str = "127.0.0.1", begins: int = -1, ends: int = 1) -> Path:
        """A certificate for an address with its key, in one file; good from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        made = self._built(named("server"), key, begins, ends).add_extension(alternative, critical=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = self.folder / f"{address}-{begins}-{ends}.pem"
        path.write_bytes(private + made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        return path


@dataclass
class Place:
    """A server on loopback."""

    pair: str

    def asked(self, ca_file: str = "") -> bytes:
        return HttpClient((self.pair,), connect_seconds=2, ca_file=ca_file).request("GET", f"https://{self.pair}/").body


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_said: object) -> None: ...


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_about: object) -> None:
        """The client hangs up in the handshake, as it should."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[[Path | None], Place]]:
    """Serves https with a certificate, or plain http without one."""
    running: list[Quiet] = []

    def begin(certificate: Path | None) -> Place:
        server = Quiet(("127.0.0.1", 0), Hello)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return Place(f"127.0.0.1:{server.server_port}")

    yield begin
    for server in running:
        server.shutdown()
        server.server_close()


def test_a_campus_ca_is_trusted_where_the_operator_names_its_file(authority: Authority, serve) -> None:
    place = serve(authority.makes_out())
    with pytest.raises(HttpUntrusted):
        place.asked()
    assert place.asked(str(authority.file)) == b"{}"


def test_the_public_authorities_stay_trusted_beside_it(authority: Authority) -> None:
    alone, both = HttpClient(), HttpClient(ca_file=str(authority.file))
    held = [
        one._session.get_adapter("https://x/").poolmanager.connection_pool_kw["ssl_context"] for one in (alone, both)
    ]
    public, with_ours = ({one["serialNumber"] for one in context.get_ca_certs()} for context in held)
    assert len(public) > 50
    assert public <= with_ours
    assert {int(one, 16) for one in with_ours - public} == {authority.certificate.serial_number}


def test_every_request_of_the_application_trusts_it(authority: Authority, serve, settings: Settings) -> None:
    place = serve(authority.makes_out())
    app = create_app(replace(settings, ca_file=str(authority.file), allowed_private_hosts=(place.pair,)))
    assert service_of(app, HttpClient).request("GET", f"https://{place.pair}/").ok


def test_the_command_line_trusts_it_too(
    authority: Authority, serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = serve(authority.makes_out())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LTI_MCRED_CA_FILE", str(authority.file))
    monkeypatch.setenv("LTI_MCRED_ALLOWED_PRIVATE_HOSTS", place.pair)
    assert badge._client().request("GET", f"https://{place.pair}/").ok


CASES = {
    "untrusted": ("LTI_MCRED_CA_FILE", "administrator of this tool", True),
    "expired": ("has expired", "administrator of the LMS", True),
    "not yet": ("not good yet", "administrator of this tool", True),
    "another name": ("another host name", "administrator of the LMS", True),
    "plain": ("does not speak https", "administrator of the LMS", False),
    "closed": ("refuses connections", "administrator of the LMS", False),
    "no name": ("no server of this name", "administrator of this tool", False),
}


def failing(case: str, authority: Authority, serve) -> HttpError:
    """The error of a request that fails in this way."""
    ca_file = "" if case == "untrusted" else str(authority.file)
    certificate = {
        "untrusted": authority.makes_out,
        "expired": lambda: authority.makes_out(begins=-9, ends=-2),
        "not yet": lambda: authority.makes_out(begins=1, ends=9),
        "another name": lambda: authority.makes_out("127.0.0.2"),
    }.get(case, lambda: None)()
    place = Place(f"127.0.0.1:{free_port()}") if case == "closed" else serve(certificate)
    if case == "no name":
        place = Place("no-such-host.invalid:443")
    with pytest.raises(HttpUnreachable) as failed:
        place.asked(ca_file)
    return failed.value


@pytest.mark.parametrize("case", CASES)
def test_the_advice_fits_the_cause_and_says_who_can_follow_it(
    app: Flask, authority: Authority, serve, case: str
) -> None:
    advice, who, about_the_certificate = CASES[case]
    error = failing(case, authority, serve)
    assert isinstance(error, HttpUntrusted) is about_the_certificate
    assert advice in error.advice
    assert who in error.who

    line = unreachable("token", error)
    assert advice in line.words
    assert who in line.who


def test_a_server_that_says_nothing_is_a_matter_of_time(app: Flask, authority: Authority, serve) -> None:
    place = serve(None)
    handler = Hello.do_GET
    try:
        Hello.do_GET = lambda self: self.connection.recv(1)
        with pytest.raises(HttpUnreachable) as failed:
            HttpClient((place.pair,), read_seconds=0.2).request("GET", f"http://{place.pair}/")
    finally:
        Hello.do_GET = handler
    assert "took too long" in failed.value.advice


@pytest.mark.parametrize(
    ("held", "cure"),
    [(None, "cannot be read"), (b"", "holds no certificate"), (b"0\x82\x01\x02", "openssl x509 -inform der"),
     (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
     (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no certificate")],
    ids=["missing", "empty", "der", "broken", "a key"],
)  # fmt: skip
def test_a_file_without_certificates_stops_the_start(tmp_path: Path, held: bytes | None, cure: str) -> None:
    path = tmp_path / "ca.pem"
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(SettingsError, match=r"^LTI_MCRED_CA_FILE names") as refused:
        Settings.load({"LTI_MCRED_CA_FILE": str(path), "LTI_MCRED_ENVIRONMENT": "development"})
    assert cure in str(refused.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.load({"LTI_MCRED_CA_FILE": str(tmp_path), "LTI_MCRED_ENVIRONMENT": "development"})


def test_a_good_file_is_taken(authority: Authority) -> None:
    given = {"LTI_MCRED_CA_FILE": str(authority.file), "LTI_MCRED_ENVIRONMENT": "development"}
    assert Settings.load(given).ca_file == str(authority.file)


@pytest.mark.parametrize(("known", "status"), [(False, 502), (True, 422)])
def test_a_registration_names_the_setting_where_a_campus_ca_is_not_known(
    authority: Authority, serve, settings: Settings, known: bool, status: int
) -> None:
    place = serve(authority.makes_out())
    ca_file = str(authority.file) if known else ""
    app = create_app(replace(settings, ca_file=ca_file, allowed_private_hosts=(place.pair,)))
    with app.app_context():
        db.drop_all()
        db.create_all()
        query = {"invite": invite().partition("invite=")[2], "openid_configuration": f"https://{place.pair}/openid"}
        page = app.test_client().get("/lti/register", query_string=query)
        db.session.remove()
    assert page.status_code == status
    assert ("LTI_MCRED_CA_FILE" in page.text) is not known
    assert "from the internet" not in page.text


def test_of_an_unknown_cause_nothing_is_advised() -> None:
    assert (HttpUnreachable("down").advice, HttpUnreachable("down").who) == ("", "")
