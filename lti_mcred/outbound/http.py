"""The one outbound HTTP client: time limits, size limit, no private addresses, paging that stays on one origin."""

import json
import math
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from flask_babel import lazy_gettext as _l

from lti_mcred.outbound.guarded import Deadline, GuardedAdapter, RefusedAddressError
from lti_mcred.outbound.links import LinkError, as_meant, next_of
from lti_mcred.outbound.trouble import TOO_LATE, Cause, cause_of
from lti_mcred.settings import Settings

_MAX_REDIRECTS = 3
_LONGEST_PHRASE = 200
# JSON as it is, with escaped quotes, as HTML or in an address; then the form of a token request.
_JSON_BEGINS = re.compile(
    r"""(?:\{|\[|%7B|%5B|&#123;|&#91;)(?:\s|\+|%20){0,9}(?:\\?["']|%22|&quot;|&#0?3[49];|\{|%7B)"""
    r"""|[?&\s]?(?:client_assertion|grant_type)=""",
    re.IGNORECASE,
)
# Control characters, line ends, and marks that change the direction of writing.
_NOT_SEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_USER_AGENT = "lti-mcred/0.1 (LTI 1.3 tool)"


class HttpError(Exception):
    """The request could not be made or its answer could not be used. `permanent`: retrying will not help.

    The text is for the log, `words` are for people. Addresses in them are bare: a query may hold a token. `cause`: what
    stood in the way, where that is known.
    """

    permanent = False

    def __init__(self, text: str, words: Any = None, cause: Cause | None = None) -> None:
        super().__init__(text)
        self._words = text if words is None else words
        self.cause = cause

    @property
    def words(self) -> str:
        """The same for people, in their language."""
        return str(self._words)

    @property
    def advice(self) -> str:
        """What to do about it, "" when nobody knows more than the words say."""
        return str(self.cause.advice) if self.cause else ""

    @property
    def who(self) -> str:
        """Who can do it, "" as above."""
        return str(self.cause.who) if self.cause else ""


class HttpRefused(HttpError):
    """The address is private and not listed in LTI_MCRED_ALLOWED_PRIVATE_HOSTS, or is no http(s) address."""

    permanent = True


class HttpUnreachable(HttpError):
    """No connection, no name, no answer in time, or the connection broke."""


class HttpUntrusted(HttpUnreachable):
    """The server's certificate is not one that we trust: expired, for another name, or with a link missing."""


class HttpUnclear(HttpError):
    """The answer does not say in a way that can be read whether its list goes on (Link header)."""

    permanent = True


class HttpTooLarge(HttpError):
    """The answer is larger than we read."""

    permanent = True


@dataclass(frozen=True)
class Answer:
    """What a server answered. `headers` are lower-cased; `seconds` is the time it took. `reason`: see `phrase`."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    url: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def phrase(self) -> str:
        """The words of the status line as a person reads them: in UTF-8 where they are, one line, and bounded.

        Moodle writes a whole request into it, which may end within a character.
        """
        text = " ".join(_NOT_SEEN.sub(" ", as_meant(without_echo(self.reason))).split()).strip(" :;,-")
        return text if len(text) <= _LONGEST_PHRASE else f"{text[:_LONGEST_PHRASE]}…"

    @property
    def text(self) -> str:
        """The body as text; undecodable bytes, and NUL, which PostgreSQL refuses, are replaced."""
        return self.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")

    def json(self) -> Any:
        """Return the body as JSON whatever its Content-Type (Moodle's token answer says text/html).

        Raises HttpError when it is not JSON.
        """
        try:
            return json.loads(self.body, parse_constant=_no_number, parse_float=_finite)
        except (ValueError, RecursionError):
            place = bare(self.url)
            message = f"{place} did not answer with JSON (status {self.status})"
            words = _l("%(place)s did not answer with JSON (status %(status)s).", place=place, status=self.status)
            raise HttpError(message, words) from None

    def retry_after(self) -> float:
        """Return how many seconds the server asked to wait (RFC 9110, 10.2.3), an hour at most; 0 when it did not."""
        said = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(said) if said.isdecimal() else parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
        return min(max(seconds, 0.0), 3600.0)

    def next_link(self) -> str | None:
        """Return the URL of the next page (RFC 8288), only if it stays on the origin of this one. Raises HttpError."""
        target = self.named_next()
        return target if target and origin(target) == origin(self.url) else None

    def named_next(self) -> str | None:
        """Return the URL that the server calls the next page, wherever it leads: check it before it is followed.

        Raises HttpUnclear for a header that cannot be read, and HttpError for what is no address: nobody knows whether,
        or where, the list goes on.
        """
        place = bare(self.url)
        try:
            named = next_of(self.headers.get("link", ""), self.url)
        except LinkError as error:
            words = _l("%(place)s says in a way that cannot be read whether its list goes on.", place=place)
            raise HttpUnclear(f"{place}: {error}", words) from None
        if named is None:
            return None
        if (target := _joined(self.url, named)) is not None:
            return target
        message = f"{place} names {bare(named)!r} as its next page, which is no web address"
        words = _l("%(place)s names %(named)s as its next page, which is no web address.",
                   place=place, named=bare(named))  # fmt: skip
        raise HttpError(message, words)


def _no_number(word: str) -> None:
    """Refuse NaN and Infinity, which Python would read and PostgreSQL would not store."""
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def without_echo(text: str) -> str:
    """Return what a server said up to where it repeats a request: from where JSON begins, the words are not its own."""
    own, *echoed = _JSON_BEGINS.split(text, maxsplit=1)
    return own.rstrip(" :;,-\"'([") if echoed else text


def bare(url: str) -> str:
    """Return an address for logs and pages: without query and fragment, where tokens stand, and without a password."""
    scheme, slashes, rest = re.split(r"[?#]", url, maxsplit=1)[0].partition("//")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def _joined(url: str, target: str) -> str | None:
    """Return where `target` leads from `url`, None when it is no address."""
    try:
        whole = urljoin(url, target)
        origin(whole)
    except ValueError:
        return None
    return whole


@lru_cache(maxsize=512)
def origin(url: str) -> str:
    """Return scheme://host[:port] of `url`, default ports left out. Raises ValueError for what is no address."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}{port}"


class _Session(requests.Session):
    """A session that leaves redirects to us: requests would read their bodies whole, and fail over odd addresses."""

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """Return none."""


@dataclass
class HttpClient:
    """Requests to LMSs and other servers. One object a process; connections are kept and shared by threads."""

    allowed_private_hosts: tuple[str, ...] = ()
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    max_bytes: int = 2_000_000
    # A file of certificates (PEM) that are trusted besides the public ones; "": none.
    ca_file: str = ""
    _session: requests.Session = field(init=False, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "HttpClient":
        """Return the client as the operator has set it up: one way for every part of the program."""
        return cls(
            settings.allowed_private_hosts,
            settings.http_connect_seconds,
            settings.http_read_seconds,
            settings.http_max_bytes,
            settings.ca_file,
        )

    def __post_init__(self) -> None:
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # one LMS's would reach another
        self._session.headers["User-Agent"] = _USER_AGENT
        adapter = GuardedAdapter(self.allowed_private_hosts, self.ca_file)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status. Only GET follows redirects (three at most).

        A redirect from https to http is not followed unless its target is listed: on the way, others could answer.
        All of it ends after `seconds` when they are fewer than the client's own limit, redirects included.

        Raises HttpRefused, HttpUnreachable or HttpTooLarge.
        """
        usual = self.connect_seconds + 3 * self.read_seconds
        with Deadline(usual if seconds is None else min(seconds, usual)) as deadline:
            for _hop in range(_MAX_REDIRECTS + 1):
                answer = self._once(method, url, headers, params, form if form is not None else body, deadline=deadline)
                deadline.let_go()
                if method != "GET" or answer.status not in (301, 302, 303, 307, 308):
                    return answer
                target = self._target(url, answer.headers.get("location", ""))
                if headers and origin(target) != origin(url):  # a bearer token must not leave its origin
                    headers = {k: v for k, v in headers.items() if k.lower() != "authorization"}
                url, params = target, None
        message = f"{bare(url)} redirects too often"
        raise HttpUnreachable(message, _l("%(place)s redirects too often.", place=bare(url)))

    def _once(self, method: str, url: str, headers: Any, params: Any, data: Any, *, deadline: Deadline) -> Answer:
        if _joined(url, "") is None or urlsplit(url).scheme not in ("http", "https"):
            message = f"{bare(url)!r} is not a web address"
            raise HttpRefused(message, _l("“%(place)s” is not a web address.", place=bare(url)))
        if deadline.passed:
            raise _late(url)
        started = time.monotonic()
        try:
            reply = self._session.request(
                method, url, headers=headers, params=params, data=data, stream=True, allow_redirects=False,
                timeout=(self.connect_seconds, self.read_seconds),
            )  # fmt: skip
            with closing(reply):
                content = self._read(reply)
        except RefusedAddressError as error:
            words = _l("%(pair)s is a private address. An operator can allow it: "
                       "LTI_MCRED_ALLOWED_PRIVATE_HOSTS=%(pair)s", pair=error.pair)  # fmt: skip
            raise HttpRefused(str(error), words) from None
        except requests.Timeout:
            raise _late(url) from None
        except (requests.RequestException, OSError, UnicodeError) as error:
            raise (_late(url) if deadline.passed else _unreachable(url, error)) from None
        if deadline.passed:  # what came before the end may look whole when its length was not said
            raise _late(url)
        lowered = {k.lower(): v for k, v in reply.headers.items()}
        return Answer(reply.status_code, reply.reason or "", lowered, content, url, time.monotonic() - started)

    def _read(self, reply: requests.Response) -> bytes:
        content = bytearray()
        for piece in reply.iter_content(65536):
            content += piece
            if len(content) > self.max_bytes:
                place = bare(reply.url)
                message = f"{place} answered with more than {self.max_bytes} bytes"
                words = _l("%(place)s answered with more than %(bytes)s bytes.", place=place, bytes=self.max_bytes)
                raise HttpTooLarge(message, words)
        return bytes(content)

    def _target(self, url: str, location: str) -> str:
        """Return where a redirect leads. Raises HttpUnreachable for what is no address, HttpRefused for a downgrade."""
        target = _joined(url, location)
        if target is None:
            place, named = bare(url), bare(location)
            message = f"{place} redirects to {named!r}, which is no web address"
            words = _l("%(place)s redirects to %(named)s, which is no web address.", place=place, named=named)
            raise HttpUnreachable(message, words)
        parts = urlsplit(target)
        down = urlsplit(url).scheme == "https" and parts.scheme == "http"
        if down and f"{(parts.hostname or '').lower()}:{parts.port or 80}" not in self.allowed_private_hosts:
            place, named = bare(url), bare(target)
            message = f"{place} redirects from https to {named}, where anybody on the way could answer"
            words = _l("%(place)s redirects from https to %(named)s, where anybody on the way could answer.",
                       place=place, named=named)  # fmt: skip
            raise HttpRefused(message, words)
        return target


def _late(url: str) -> HttpUnreachable:
    place = bare(url)
    words = _l("%(place)s did not answer in time.", place=place)
    return HttpUnreachable(f"{place} did not answer in time", words, TOO_LATE)


def _unreachable(url: str, error: Exception) -> HttpUnreachable:
    """Return the error of a connection that failed. What it is called in Python is for the log alone."""
    place, kind, cause = bare(url), type(error).__name__, cause_of(error)
    text = f"{place} could not be reached ({cause.code if cause else kind})"
    if cause is not None and cause.certificate:
        words = _l("%(place)s shows a certificate that cannot be trusted.", place=place)
        return HttpUntrusted(text, words, cause)
    return HttpUnreachable(text, _l("%(place)s could not be reached.", place=place), cause)
