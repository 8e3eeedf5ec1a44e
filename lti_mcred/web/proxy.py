"""Belief in X-Forwarded-* headers, from trusted proxies only."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_mcred.settings import Settings

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TrustedProxies:
    """WSGI middleware: applies the forwarded headers when the peer is a trusted proxy, drops them otherwise."""

    def __init__(self, wsgi: Wsgi, networks: tuple[str, ...]) -> None:
        self.plain = wsgi
        self.fixed = ProxyFix(wsgi, x_for=1, x_proto=1, x_host=1, x_port=1)
        self.networks = [ipaddress.ip_network(network, strict=False) for network in networks]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        if self._trusted(environ.get("REMOTE_ADDR", "")):
            return self.fixed(environ, start_response)
        return self.plain(environ, start_response)

    def _trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:  # a Unix socket has no address: whoever can reach it is the proxy
            return peer == "" and bool(self.networks)
        # A server that listens on [::] sees an IPv4 address in an IPv6 one.
        same = {address, getattr(address, "ipv4_mapped", None) or address}
        return any(one in network for one in same for network in self.networks)


def init_proxy(app: Flask, settings: Settings) -> None:
    """Put the middleware around `app` when proxies are named."""
    if settings.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]  # as Flask documents it
