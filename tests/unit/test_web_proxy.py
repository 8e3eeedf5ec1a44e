"""X-Forwarded-* is believed from trusted proxies only."""

from lti_mcred.web.proxy import TrustedProxies

FORWARDED = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "tool.example.edu", "HTTP_HOST": "inside"}


def _scheme_and_host(peer: str, networks: tuple[str, ...]) -> tuple[str, str]:
    seen = {}

    def wsgi(environ, start_response):
        seen.update(environ)
        return []

    TrustedProxies(wsgi, networks)({"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **FORWARDED}, None)
    return seen["wsgi.url_scheme"], seen["HTTP_HOST"]


def test_a_trusted_proxy_is_believed():
    assert _scheme_and_host("10.0.3.4", ("10.0.0.0/8",)) == ("https", "tool.example.edu")


def test_a_trusted_proxy_is_known_through_a_server_of_both_address_families():
    assert _scheme_and_host("::ffff:10.0.3.4", ("10.0.0.0/8",)) == ("https", "tool.example.edu")
    assert _scheme_and_host("::ffff:10.0.3.4", ("::ffff:10.0.3.4",)) == ("https", "tool.example.edu")
    assert _scheme_and_host("::ffff:203.0.113.9", ("10.0.0.0/8",)) == ("http", "inside")


def test_anybody_else_is_not():
    assert _scheme_and_host("203.0.113.9", ("10.0.0.0/8",)) == ("http", "inside")


def test_a_unix_socket_belongs_to_the_proxy():
    assert _scheme_and_host("", ("127.0.0.1",)) == ("https", "tool.example.edu")


def test_a_peer_that_is_no_address_is_not_believed():
    assert _scheme_and_host("garbage", ("127.0.0.1",)) == ("http", "inside")
