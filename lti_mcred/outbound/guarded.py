"""Connections that lead to public addresses only, and that end when their time is over.

The address is checked where the connection is made, after name resolution, so neither a redirect nor a name that
changes its address between check and use can lead inside the campus network. Time is limited for the whole exchange,
because a limit for each read lets a server hold a thread for days, one byte at a time.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from functools import cache
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry
from urllib3.util.ssl_ import create_urllib3_context

_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# Site-local (RFC 3879), 6to4 (RFC 7526) and Teredo (RFC 4380): nobody serves an LMS there, and all may end inside.
_RETIRED = tuple(ipaddress.IPv6Network(net) for net in ("fec0::/10", "2002::/16", "2001::/32"))
_MOST_ADDRESSES = 4  # of one name that are tried


class RefusedAddressError(Exception):
    """The address is private and not listed; `pair` is the host:port with which an operator allows it."""

    def __init__(self, pair: str) -> None:
        super().__init__(f"{pair} is a private address, not listed in LTI_MCRED_ALLOWED_PRIVATE_HOSTS")
        self.pair = pair


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet, also when IPv6 only wraps an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in net for net in _RETIRED):
            return False
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip in _V4_COMPATIBLE or any(ip in net for net in _NAT64):
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


class Deadline:
    """Ends an exchange after `seconds`, whatever it is doing: `with Deadline(9.0) as deadline:`.

    An exchange may take several connections, one after the other: `let_go` says that one has answered.
    """

    _of_thread = threading.local()

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._over = False
        self._lever: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._of_thread.current = self
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over = True
            self._drop()
        self._timer.cancel()
        self._of_thread.current = None

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._ends

    def let_go(self) -> None:
        """Leave the connection alone: it has answered, and may serve somebody else by now."""
        with self._lock:
            self._drop()

    @classmethod
    def within(cls, timeout: float | None) -> float | None:
        """Return `timeout`, or what this thread's deadline leaves of it. Never 0, which would not wait at all."""
        deadline: Deadline | None = getattr(cls._of_thread, "current", None)
        if deadline is None:
            return timeout
        left = max(deadline._ends - time.monotonic(), 0.001)
        return left if timeout is None else min(timeout, left)

    @classmethod
    def hold(cls, sock: socket.socket) -> None:
        """Tell the deadline of this thread, if there is one, which connection it ends."""
        deadline: Deadline | None = getattr(cls._of_thread, "current", None)
        if deadline is not None:
            deadline._take(sock)

    def _take(self, sock: socket.socket) -> None:
        with self._lock:
            self._drop()
            # A handle of our own: an answer outlives its connection object when the server says "close".
            self._lever = sock.dup()
            if self.passed:
                self._pull()

    def _drop(self) -> None:
        if self._lever is not None:
            self._lever.close()
            self._lever = None

    def _end(self) -> None:
        with self._lock:
            if not self._over:  # else the connection may serve somebody else by now
                self._pull()

    def _pull(self) -> None:
        if self._lever is not None:
            with contextlib.suppress(OSError):  # it broke by itself
                self._lever.shutdown(socket.SHUT_RDWR)


class _Guard:
    """Decides which addresses may be connected to."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = frozenset(pair.lower() for pair in allowed)

    def connect(self, host: str, port: int, timeout: Any) -> socket.socket:
        """Resolve, check every address, connect to the first that answers.

        Raises RefusedAddressError for a private address and OSError when no connection can be made.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listed = f"{host.strip('[]').lower()}:{port}" in self.allowed
        if not listed and not all(is_public(str(sockaddr[0])) for *_, sockaddr in found):
            raise RefusedAddressError(f"{host}:{port}")
        last: OSError = OSError(f"no address for {host}")
        for family, kind, proto, _name, sockaddr in found[:_MOST_ADDRESSES]:
            sock = socket.socket(family, kind, proto)
            try:
                sock.settimeout(Deadline.within(timeout if isinstance(timeout, int | float) else None))
                sock.connect(sockaddr)
            except OSError as error:
                sock.close()
                last = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise last


def _guarded_pools(guard: _Guard) -> dict[str, type[HTTPConnectionPool]]:
    """Return connection pool classes whose connections pass the guard and obey the deadline of their thread."""

    class Levered(HTTPConnection):
        # A second handle on the same connection: TLS takes the first one away, also while it shakes hands.
        lever: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            sock = guard.connect(self._dns_host, self.port, self.timeout)
            self._let_go()
            self.lever = sock.dup()
            Deadline.hold(self.lever)
            return sock

        def request(self, *args: Any, **kwargs: Any) -> None:
            if self.lever is not None:
                Deadline.hold(self.lever)
            super().request(*args, **kwargs)

        def close(self) -> None:
            super().close()
            self._let_go()

        def _let_go(self) -> None:
            if self.lever is not None:
                self.lever.close()
                self.lever = None

    class Plain(Levered):
        pass

    class Secure(Levered, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    """Return whom we trust. Reading the public authorities takes longer than all else at the start of a client."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class GuardedAdapter(HTTPAdapter):
    """Sends requests to public addresses and to the private `host:port` pairs in `allowed`.

    `ca_file`: certificates (PEM) that are trusted besides the public ones, "" for none.
    """

    def __init__(self, allowed: tuple[str, ...], ca_file: str = "") -> None:
        self._guard, self._ca_file = _Guard(allowed), ca_file
        super().__init__(pool_maxsize=16, max_retries=Retry(0, read=False, redirect=False))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Keep the pools of requests, with connections of our own."""
        super().init_poolmanager(*args, **{**kwargs, "ssl_context": _trust(self._ca_file)})
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(self._guard)


__all__ = ["Deadline", "GuardedAdapter", "RefusedAddressError", "is_public"]
