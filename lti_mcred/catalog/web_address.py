"""Web addresses that a definition carries into badges: what is wrong with one, and its form as a URI. Pure.

Sources: RFC 3986 (URI), RFC 3987 section 3.1 (from IRI to URI), UTS 46 (names of hosts in other letters). JSON Schema's
"uri" format and canonicalisers other than ours take nothing else.
"""

import re
from urllib.parse import quote

import idna

_LONGEST = 2_000
_SHOWN = 100
_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_PORT = re.compile(r":([0-9]{1,5})?$")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_LITERAL = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r'[\x00-\x20\x7f"<>\\^`{|}\[\]]')
_KEPT = "%:/?#@!$&'()*+,;=~"  # of ASCII, what stays beside letters, digits and _.-


def fault_of(address: str) -> tuple[str, str] | None:
    """Return (what is wrong, what to write instead) of a web address for a badge, None when it is good."""
    found = _PARTS.fullmatch(address)
    shown = repr(address if len(address) <= _SHOWN else address[: _SHOWN - 1] + "…")
    unsafe = _UNSAFE.search("".join(part or "" for part in found.groups()[2:])) if found else None
    if found is None:
        fault = (f"{shown} is not a web address.", "Write a full address that begins with https://.")
    elif len(address) > _LONGEST:
        fault = (f"is longer than {_LONGEST} characters.", "Write a shorter address.")
    elif unsafe:
        sign = "a space" if unsafe[0] == " " else repr(unsafe[0])
        fault = (f"{shown} has {sign} in it.", f"Take it out, or write %{ord(unsafe[0]):02X} for it, as browsers do.")
    elif _BROKEN_PERCENT.search(address):
        fault = (f"{shown} has a % without two digits after it.", "Write %25 for a % sign.")
    elif "@" in found[2]:
        fault = (f"{shown} has a sign-in before its host.", "Leave out everything before the @.")
    elif not as_uri(address):
        fault = (f"{shown} names no host that can exist.", "Copy the address from your browser.")
    else:
        return None
    return fault


def as_uri(address: str) -> str:
    """Return a web address as an ASCII URI: other letters and unsafe signs escaped; "" for what is none."""
    found = _PARTS.fullmatch(address)
    host = _ascii_host(found[2]) if found else None
    if found is None or host is None or len(address) > _LONGEST:
        return ""
    rest = _BROKEN_PERCENT.sub("%25", found[3] + (found[4] or "") + (found[5] or ""))
    try:
        return f"{found[1]}://{host}{quote(rest, safe=_KEPT)}"
    except UnicodeEncodeError:  # half a character
        return ""


def _ascii_host(authority: str) -> str | None:
    """Return host and port in ASCII, None for what cannot be one."""
    port = _PORT.search(authority)
    host = authority[: port.start()] if port else authority
    if port and port[1] and not 0 < int(port[1]) < 65_536:
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    good = _HOST.fullmatch(host) or _LITERAL.fullmatch(host)
    return host + (port[0] if port and port[1] else "") if good else None
