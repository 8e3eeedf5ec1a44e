"""Which web addresses an LMS may give us: https with a host; plain http only for a campus or practice LMS."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from lti_mcred.outbound.http import origin
from lti_mcred.web.typed import storable

LONGEST_AUDIENCE = 1000  # of a token: an address, or what an LMS takes for one
LONGEST = 4096
_DEFAULT_PORT = {"http": 80, "https": 443}


def usable(url: object, private_hosts: Iterable[str] = ()) -> bool:
    """Whether a browser or our client may be sent to `url` (LTI Core 1.3 asks for fully qualified https).

    http passes on loopback and for the host:port pairs of LTI_MCRED_ALLOWED_PRIVATE_HOSTS.
    """
    return isinstance(url, str) and len(url) <= LONGEST and usable_text(url, tuple(private_hosts))


@lru_cache(maxsize=512)  # the same few addresses come with each launch
def usable_text(url: str, private_hosts: tuple[str, ...] = ()) -> bool:
    """Whether `url`, a text of at most LONGEST characters, is usable."""
    parts = _split(url)
    if parts is None or not parts.hostname or parts.username is not None:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and (_loopback(parts.hostname) or _pair(parts) in {p.lower() for p in private_hosts})


def usable_issuer(url: object, private_hosts: Iterable[str] = ()) -> bool:
    """Whether `url` may be an issuer: usable, without query and fragment (Security Framework 1.0, 5.1.2)."""
    return isinstance(url, str) and usable(url, private_hosts) and "?" not in url and "#" not in url


@lru_cache(maxsize=512)
def frame_sources(
    urls: tuple[str | None, ...], extra: tuple[str, ...] = (), private_hosts: tuple[str, ...] = ()
) -> str:
    """Return the origins of `urls` as sources for CSP frame-ancestors, each once, in order."""
    found = {origin(url): None for url in urls if url and usable(url, private_hosts)}
    return " ".join([*found, *(source for source in extra if source not in found)])


def _split(url: str) -> SplitResult | None:
    # An address that travels is ASCII (RFC 3986); a host that is not would break the headers that name it.
    if any(not " " < c <= "~" or c in '"<>\\;,' for c in _host_of(url)):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    # urlsplit drops tabs and newlines silently; an address that had some is not the address that was checked. Others
    # are characters that no database stores.
    return None if any(c in url for c in "\t\r\n ") or not storable(url) else parts


def _host_of(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].partition("?")[0]


def _pair(parts: SplitResult) -> str:
    return f"{parts.hostname}:{parts.port or _DEFAULT_PORT[parts.scheme]}"


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
