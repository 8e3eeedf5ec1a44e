"""Why a server could not be reached: the cause behind an exception, and what to do about it. Pure.

The words of the error say that it failed; these say what to do, and who can. Codes of certificates: OpenSSL,
X509_STORE_CTX_get_error(3).
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

_THEIRS = _l("The administrator of the LMS")
_OURS = _l("The administrator of this tool")
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
_MOST = 50


@dataclass(frozen=True)
class Cause:
    """What stood in the way. `certificate`: it is the server's certificate."""

    code: str
    advice: Any
    who: Any
    certificate: bool = False


UNTRUSTED = Cause(
    "certificate-untrusted",
    _l("Its certificate comes from an authority that this tool does not know, or the server does not send the whole "
       "chain up to one. If it comes from your campus CA, the administrator of this tool names the file with that CA's "
       "certificate in LTI_MCRED_CA_FILE; otherwise the server has to send its intermediate certificates too."),
    _l("The administrator of this tool, together with the administrator of the LMS"),
    certificate=True,
)  # fmt: skip
EXPIRED = Cause(
    "certificate-expired",
    _l("Its certificate has expired. It has to be renewed on the server."),
    _THEIRS,
    certificate=True,
)
NOT_YET = Cause(
    "certificate-early",
    _l("Its certificate is not good yet. Compare the clocks of the two servers."),
    _OURS,
    certificate=True,
)
OTHER_NAME = Cause(
    "certificate-name",
    _l("Its certificate was made out for another host name. Compare the address with the one that the LMS shows, or "
       "have the certificate made out for this name too."),
    _THEIRS,
    certificate=True,
)  # fmt: skip
NO_TLS = Cause(
    "no-tls",
    _l("The server does not speak https there in a way that this tool takes (TLS 1.2 or later). Compare port and "
       "protocol of the address."),
    _THEIRS,
)  # fmt: skip
CLOSED = Cause(
    "refused",
    _l("The server is there, but refuses connections at this port. Compare host and port; look whether the LMS is "
       "running, and whether a firewall turns this tool away."),
    _THEIRS,
)  # fmt: skip
NO_NAME = Cause(
    "no-name",
    _l("There is no server of this name, as far as this tool can see. Compare the spelling; a name that only the "
       "campus network knows has to be known on this tool's machine too (DNS)."),
    _OURS,
)  # fmt: skip
NO_WAY = Cause(
    "no-way",
    _l("There is no way to this server from this tool's machine. Look at its network and its firewall."),
    _OURS,
)
TOO_LATE = Cause(
    "time-out",
    _l("It took too long. If it happens again, look whether a firewall between this tool and the LMS drops the "
       "connection, and whether the LMS is overloaded."),
    _THEIRS,
)  # fmt: skip
# By code of OpenSSL.
_CERTIFICATES = {10: EXPIRED, 9: NOT_YET, 62: OTHER_NAME, 63: OTHER_NAME, 64: OTHER_NAME}
_KINDS: dict[type[OSError], Cause] = {
    ssl.SSLError: NO_TLS,
    ConnectionRefusedError: CLOSED,
    socket.gaierror: NO_NAME,
    TimeoutError: TOO_LATE,
}


def cause_of(error: BaseException) -> Cause | None:
    """Return the cause of a connection that failed, None when nothing more can be said about it."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(one.verify_code, UNTRUSTED)
        for kind, cause in _KINDS.items():
            if isinstance(one, kind):
                return cause
        if isinstance(one, OSError) and one.errno in _NO_WAY:
            return NO_WAY
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those behind it; libraries pass them on as arguments, reasons and causes."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MOST:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        behind = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [more for more in behind if isinstance(more, BaseException)]
