"""The outbound client against real servers on loopback: where it may go, how much it reads, which pages it follows."""

import contextlib
import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from babel.support import NullTranslations
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lti_mcred.outbound.guarded import Deadline, is_public
from lti_mcred.outbound.http import (
    Answer,
    HttpClient,
    HttpError,
    HttpRefused,
    HttpTooLarge,
    HttpUnreachable,
    HttpUntrusted,
    bare,
    origin,
)

Reply = Callable[[BaseHTTPRequestHandler], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        self.server.routes[self.path.partition("?")[0]](self)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_args):
        pass

    def answer(self, status=200, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.routes, server.seen = {}, []
    server.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def http(server) -> HttpClient:
    return HttpClient((f"127.0.0.1:{server.server_port}",), connect_seconds=2, read_seconds=0.4, max_bytes=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://2130706433:{port}/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.7/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://224.0.0.1/",
    ],
)
def test_private_addresses_are_refused_and_never_connected(server, url):
    server.routes["/"] = lambda handler: handler.answer(200, b"secret")
    with pytest.raises(HttpRefused, match="private address"):
        HttpClient().request("GET", url.format(port=server.server_port))
    assert server.seen == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://x", "//example.org", "", "x"])
def test_other_schemes_are_refused(url):
    with pytest.raises(HttpRefused, match="not a web address"):
        HttpClient().request("GET", url)


def test_a_listed_pair_is_reached_and_another_port_of_that_host_is_not(server, http):
    server.routes["/"] = lambda handler: handler.answer(200, b'{"a": 1}')
    assert http.request("GET", server.base + "/").json() == {"a": 1}
    with pytest.raises(HttpRefused):
        http.request("GET", f"http://127.0.0.1:{server.server_port + 1}/")


def test_a_redirect_to_a_private_address_is_refused(server, http):
    server.routes["/"] = lambda handler: handler.answer(302, Location="http://10.0.0.7/inside")
    with pytest.raises(HttpRefused):
        http.request("GET", server.base + "/")


def test_a_redirect_takes_the_bearer_along_on_one_origin_only(server):
    other = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    other.routes, other.seen = {"/there": lambda handler: handler.answer(200, b"ok")}, []
    threading.Thread(target=other.serve_forever, daemon=True).start()
    http = HttpClient((f"127.0.0.1:{server.server_port}", f"127.0.0.1:{other.server_port}"))
    server.routes["/here"] = lambda handler: handler.answer(200, b"ok")
    server.routes["/same"] = lambda handler: handler.answer(302, Location="/here")
    server.routes["/away"] = lambda handler: handler.answer(302, Location=f"http://127.0.0.1:{other.server_port}/there")
    try:
        for path in ("/same", "/away"):
            assert http.request("GET", server.base + path, headers={"Authorization": "Bearer t"}).ok
    finally:
        other.shutdown()
        other.server_close()
    assert server.seen[1][2]["Authorization"] == "Bearer t"
    assert "Authorization" not in other.seen[0][2]


def test_a_cookie_of_a_server_is_not_kept(server, http):
    server.routes["/"] = lambda it: it.answer(200, b"{}", Set_Cookie="affinity=1; Path=/")
    for _turn in range(2):
        assert http.request("GET", f"{server.base}/").ok
    assert [headers.get("Cookie") for _method, _path, headers in server.seen] == [None, None]


def test_endless_redirects_end(server, http):
    server.routes["/"] = lambda handler: handler.answer(302, Location="/")
    with pytest.raises(HttpUnreachable, match="redirects too often"):
        http.request("GET", server.base + "/")


NO_ADDRESSES = ["https://[x", "https://x.example:99999/", "http://x.example:port/", "//[::1"]


@pytest.mark.parametrize("location", NO_ADDRESSES)
def test_a_redirect_to_what_is_no_address_is_refused_in_words(server, http, location):
    server.routes["/"] = lambda handler: handler.answer(302, Location=location)
    with pytest.raises(HttpUnreachable, match=r"redirects to .* which is no web address") as refused:
        http.request("GET", server.base + "/")
    assert location in refused.value.words


@pytest.mark.parametrize("url", ["https://[x", "https://x.example:99999/", "http://x.example:port/"])
def test_what_is_no_address_is_refused_before_anything_is_sent(url):
    with pytest.raises(HttpRefused, match="not a web address"):
        HttpClient().request("GET", url)


def test_a_post_is_not_redirected(server, http):
    server.routes["/"] = lambda handler: handler.answer(302, Location="/elsewhere")
    assert http.request("POST", server.base + "/", form={"a": "b"}).status == 302


def test_a_huge_answer_is_not_read_to_its_end(server, http):
    server.routes["/"] = lambda handler: handler.answer(200, b"x" * 200_000)
    with pytest.raises(HttpTooLarge, match="more than 10000 bytes"):
        http.request("GET", server.base + "/")


@pytest.mark.parametrize("status", [200, 302])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked(server, http, layers, status):
    packed = b"x" * 40_000_000
    for _layer in range(layers):
        packed = gzip.compress(packed, 9)
    assert len(packed) < 50_000
    how = {"Content_Encoding": ", ".join(["gzip"] * layers), "Location": "/there"}
    server.routes["/"] = lambda handler: handler.answer(status, packed, **how)
    tracemalloc.start()
    try:
        with pytest.raises(HttpTooLarge, match="more than 10000 bytes"):
            http.request("GET", server.base + "/")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_answer_of_a_decent_size_is_read(server, http):
    server.routes["/"] = lambda handler: handler.answer(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    assert http.request("GET", server.base + "/").json() == {"a": 1}


def test_a_silent_server_is_given_up(server, http):
    server.routes["/"] = lambda handler: time.sleep(1.2)
    with pytest.raises(HttpUnreachable, match="did not answer in time"):
        http.request("GET", server.base + "/")


def _drip(handler, head: bytes, pieces: list[bytes]) -> None:
    handler.wfile.write(head)
    for piece in pieces:
        time.sleep(0.1)
        handler.wfile.write(piece)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"x", id="the body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x", id="a body without length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n", id="the headers"),
    ],
)
def test_a_server_that_answers_byte_by_byte_is_given_up(server, head, piece):
    def slowly(handler):
        with contextlib.suppress(OSError):  # we hang up
            _drip(handler, head, [piece] * 80)

    server.routes["/"] = slowly
    pair = server.base.removeprefix("http://")
    client = HttpClient(allowed_private_hosts=(pair,), connect_seconds=0.3, read_seconds=0.3)
    started = time.monotonic()
    with pytest.raises(HttpUnreachable, match="did not answer in time"):
        client.request("GET", server.base + "/")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("given", [{"read_seconds": 0.2}, {"read_seconds": 9}], ids=["the client's", "the caller's"])
def test_redirects_share_one_deadline(server, given):
    """Each of them takes half a second, all of them have 0.7."""

    def slowly(handler):
        head = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 5\r\n\r\n"
        with contextlib.suppress(OSError):  # we hang up
            _drip(handler, head, [b"x"] * 5)

    server.routes["/"] = slowly
    client = HttpClient((server.base.removeprefix("http://"),), connect_seconds=0.1, **given)
    started = time.monotonic()
    with pytest.raises(HttpUnreachable, match="did not answer in time"):
        client.request("GET", server.base + "/", seconds=0.7)
    assert 0.6 < time.monotonic() - started < 0.95
    assert len(server.seen) == 2


def test_a_caller_cannot_wait_longer_than_the_client(server):
    server.routes["/"] = lambda handler: time.sleep(0.8)
    client = HttpClient((server.base.removeprefix("http://"),), connect_seconds=0.1, read_seconds=0.1)
    started = time.monotonic()
    with pytest.raises(HttpUnreachable):
        client.request("GET", server.base + "/", seconds=60)
    assert time.monotonic() - started < 0.7


def test_a_connection_is_waited_for_no_longer_than_the_deadline_leaves():
    assert Deadline.within(5.0) == 5.0
    with Deadline(0.2):
        assert 0 < Deadline.within(5.0) <= 0.2
        assert 0 < Deadline.within(None) <= 0.2
        assert Deadline.within(0.01) == 0.01
    with Deadline(0):
        assert 0 < Deadline.within(5.0) < 0.1, "0 would not wait at all"


def test_the_deadline_leaves_a_connection_alone_that_it_has_let_go():
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0.1) as deadline:
        Deadline.hold(ours)
        deadline.let_go()
        time.sleep(0.3)
        ours.sendall(b"still there")
        assert theirs.recv(20) == b"still there"


def test_the_deadline_of_an_answered_request_leaves_its_connection_alone(server):
    def ports(handler):
        handler.answer(200, str(handler.client_address[1]).encode())

    server.routes["/"] = ports
    pair = server.base.removeprefix("http://")
    client = HttpClient(allowed_private_hosts=(pair,), connect_seconds=0.1, read_seconds=0.1)
    first = client.request("GET", server.base + "/")
    time.sleep(0.6)
    assert client.request("GET", server.base + "/").text == first.text


def test_a_redirect_from_https_to_http_is_refused(monkeypatch):
    def once(_self, _method, url, *_rest, **_named):
        assert url.startswith("https:")
        return Answer(302, "Found", {"location": "http://lms.example.edu/jwks"}, b"", url, 0.0)

    monkeypatch.setattr(HttpClient, "_once", once)
    with pytest.raises(HttpRefused, match="from https to http"):
        HttpClient().request("GET", "https://lms.example.edu/jwks")


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
        *("::1", "fd00::1", "fe80::1%eth0", "fec0::1", "2002:7f00:1::", "2001:0:1::1"),
        *("::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    ],
)
def test_no_spelling_of_a_private_address_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_a_server_that_hangs_up_is_unreachable(server, http):
    server.routes["/"] = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(HttpUnreachable):
        http.request("GET", server.base + "/")


def test_an_unknown_name_is_unreachable():
    with pytest.raises(HttpUnreachable):
        HttpClient(connect_seconds=1).request("GET", "http://no-such-host.invalid/")


def test_what_is_no_json_is_said_plainly(server, http):
    server.routes["/"] = lambda handler: handler.answer(502, b"<html>Bad gateway")
    with pytest.raises(HttpError, match=r"did not answer with JSON \(status 502\)"):
        http.request("GET", server.base + "/").json()


def _answer(link: str) -> Answer:
    return Answer(200, "OK", {"link": link}, b"", "https://lms.example.edu/a?x=1", 0.1)


def test_the_next_page_keeps_its_case():
    assert _answer('<https://lms.example.edu/a?page=bookmark:WyJBYkMi>; rel="next"').next_link() == (
        "https://lms.example.edu/a?page=bookmark:WyJBYkMi"
    )


def test_moodles_curly_quotes_and_entities_are_understood():
    link = "<https://lms.example.edu/a?limit=2&amp;from=2>; rel=“next”, <https://lms.example.edu/a>; rel=“first”"
    assert _answer(link).next_link() == "https://lms.example.edu/a?limit=2&from=2"


def test_moodles_curly_quotes_are_understood_as_they_travel(server, http):
    def page(handler):
        link = f"<{server.base}/list?from=2>; rel=“next”".encode().decode("latin-1")
        handler.answer(200, b"1", **({} if "from" in handler.path else {"Link": link}))

    server.routes["/list"] = page
    assert http.request("GET", server.base + "/list").next_link() == f"{server.base}/list?from=2"


@pytest.mark.parametrize("address", ["http://[", *NO_ADDRESSES])
def test_a_next_page_that_is_no_address_is_no_end_of_the_list(address):
    answer = _answer(f"<{address}>; rel=next")
    for read in (answer.named_next, answer.next_link):
        with pytest.raises(HttpError, match="next page, which is no web address"):
            read()


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"[-Infinity]", b"[1e999]"])
def test_numbers_that_no_database_stores_are_no_json(body):
    with pytest.raises(HttpError, match="did not answer with JSON"):
        Answer(200, "OK", {}, body, "https://lms.example.edu/", 0.1).json()
    assert Answer(200, "OK", {}, b"[1.5, 1e9]", "", 0.1).json() == [1.5, 1e9]


def test_an_address_is_shown_without_what_may_be_secret():
    assert bare("https://me:secret@lms.example.edu:8443/a/b?token=x#y") == "https://lms.example.edu:8443/a/b"
    assert bare("https://lms.example.edu?token=x/@y") == "https://lms.example.edu"
    assert bare("https://lms.example.edu/@me") == "https://lms.example.edu/@me"
    assert bare("https://[x?token=y") == "https://[x"
    assert bare("/there#token") == "/there"


def _no_json(http, url):
    http.request("GET", url).json()


TROUBLES = {
    "no JSON": (lambda handler: handler.answer(200, b"<html>"), HttpError),
    "too large": (lambda handler: handler.answer(200, b"x" * 20_000), HttpTooLarge),
    "hangs up": (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), HttpUnreachable),
    "is silent": (lambda handler: time.sleep(0.8), HttpUnreachable),
    "redirects in circles": (lambda handler: handler.answer(302, Location=handler.path), HttpUnreachable),
    "redirects into nothing": (lambda handler: handler.answer(302, Location="https://[?t=secret"), HttpUnreachable),
    "redirects inside": (lambda handler: handler.answer(302, Location="http://10.0.0.7/?t=secret"), HttpRefused),
    "redirects to a file": (lambda handler: handler.answer(302, Location="file:///x?t=secret"), HttpRefused),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_error_repeats_a_query_and_people_read_no_names_of_classes(server, http, trouble):
    answer, kind = TROUBLES[trouble]
    server.routes["/there"] = answer
    with pytest.raises(kind) as refused:
        _no_json(http, f"{server.base}/there?t=secret")
    for text in (str(refused.value), refused.value.words):
        assert "/there" in text or "//10.0.0.7" in text or "10.0.0.7:80" in text or "/x" in text
        assert "secret" not in text
    assert "Error" not in refused.value.words
    assert refused.value.words.endswith(".") or "LTI_MCRED_ALLOWED_PRIVATE_HOSTS=10.0.0.7:80" in refused.value.words


def test_the_log_names_what_broke_and_the_page_speaks_the_reader_s_language(server, http, monkeypatch):
    server.routes["/"] = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(HttpUnreachable) as refused:
        http.request("GET", server.base + "/")
    assert str(refused.value) == f"{server.base}/ could not be reached (ConnectionError)"
    assert refused.value.words == f"{server.base}/ could not be reached."
    catalogue = {"%(place)s could not be reached.": "%(place)s ist nicht zu erreichen."}
    monkeypatch.setattr(NullTranslations, "ugettext", lambda _self, text: catalogue[text])
    assert refused.value.words == f"{server.base}/ ist nicht zu erreichen."


def test_a_next_page_on_another_origin_is_not_followed():
    assert _answer('<https://evil.example.org/a>; rel="next"').next_link() is None
    assert _answer('<http://lms.example.edu/a>; rel="next"').next_link() is None
    assert _answer("").next_link() is None


def test_origin_leaves_default_ports_out():
    assert origin("https://LMS.example.edu:443/x?y") == "https://lms.example.edu"
    assert origin("http://localhost:8001/a") == "http://localhost:8001"


def test_a_certificate_that_nobody_vouches_for_is_told_from_silence(server, tmp_path):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = built.sign(key, hashes.SHA256())
    path = tmp_path / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.handle_error = lambda *_args: None  # the client hangs up in the handshake, as it should
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    pair = f"127.0.0.1:{server.server_port}"

    with pytest.raises(HttpUntrusted):
        HttpClient((pair,)).request("GET", f"https://{pair}/")
