"""The one outbound HTTP client: time limits, size limit, no private addresses, paging that stays on one origin."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from lti_mcred.guarded import Deadline, GuardedAdapter, RefusedAddressError

_MAX_REDIRECTS = 3
_USER_AGENT = "lti-mcred/0.1 (LTI 1.3 tool)"


class HttpError(Exception):
    """The request could not be made or its answer could not be used. `permanent`: retrying will not help."""

    permanent = False


class HttpRefused(HttpError):
    """The address is private and not listed in LTI_MCRED_ALLOWED_PRIVATE_HOSTS, or is no http(s) address."""

    permanent = True


class HttpUnreachable(HttpError):
    """No connection, no name, no answer in time, or the connection broke."""


class HttpUntrusted(HttpUnreachable):
    """The server's certificate is not one that we trust: expired, for another name, or with a link missing."""


class HttpTooLarge(HttpError):
    """The answer is larger than we read."""

    permanent = True


@dataclass(frozen=True)
class Answer:
    """What a server answered. `headers` are lower-cased; `seconds` is the time it took."""

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
    def text(self) -> str:
        """The body as text; undecodable bytes, and NUL, which PostgreSQL refuses, are replaced."""
        return self.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")

    def json(self) -> Any:
        """Return the body as JSON whatever its Content-Type (Moodle's token answer says text/html).

        Raises HttpError when it is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            message = f"{self.url} did not answer with JSON (status {self.status})"
            raise HttpError(message) from None

    def retry_after(self) -> float:
        """Return how many seconds the server asked to wait (RFC 9110, 10.2.3), an hour at most; 0 when it did not."""
        said = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(said) if said.isdecimal() else parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
        return min(max(seconds, 0.0), 3600.0)

    def next_link(self) -> str | None:
        """Return the URL of the next page (RFC 8288), only if it stays on the origin of this one."""
        target = self.named_next()
        return target if target and origin(target) == origin(self.url) else None

    def named_next(self) -> str | None:
        """Return the URL that the server calls the next page, wherever it leads: check it before it is followed.

        Moodle writes curly quotes and `&amp;` into its Link header, so both are understood.
        """
        header = _utf8(self.headers.get("link", "")).replace("“", '"').replace("”", '"').replace("&amp;", "&")
        for link in requests.utils.parse_header_links(header) if header else []:
            if link.get("rel") == "next" and "url" in link:
                return urljoin(self.url, link["url"])
        return None


def _utf8(header: str) -> str:
    """Return a header as its sender meant it: it arrives decoded as Latin-1 (RFC 9112 knows no other)."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


@lru_cache(maxsize=512)
def origin(url: str) -> str:
    """Return scheme://host[:port] of `url`, default ports left out."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}{port}"


@dataclass
class HttpClient:
    """Requests to LMSs and other servers. One object a process; connections are kept and shared by threads."""

    allowed_private_hosts: tuple[str, ...] = ()
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    max_bytes: int = 2_000_000
    _session: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = _USER_AGENT
        adapter = GuardedAdapter(self.allowed_private_hosts)
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
    ) -> Answer:
        """Send one request and return the answer, whatever its status. Only GET follows redirects (three at most).

        A redirect from https to http is not followed unless its target is listed: on the way, others could answer.

        Raises HttpRefused, HttpUnreachable or HttpTooLarge.
        """
        for _hop in range(_MAX_REDIRECTS + 1):
            answer = self._once(method, url, headers, params, form if form is not None else body)
            if method != "GET" or answer.status not in (301, 302, 303, 307, 308):
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            self._refuse_downgrade(url, target)
            if headers and origin(target) != origin(url):  # a bearer token must not leave its origin
                headers = {k: v for k, v in headers.items() if k.lower() != "authorization"}
            url, params = target, None
        message = f"{url} redirects too often"
        raise HttpUnreachable(message)

    def _once(self, method: str, url: str, headers: Any, params: Any, data: Any) -> Answer:
        if urlsplit(url).scheme not in ("http", "https"):
            message = f"{url!r} is not a web address"
            raise HttpRefused(message)
        started = time.monotonic()
        with Deadline(self.connect_seconds + 3 * self.read_seconds) as deadline:
            try:
                reply = self._session.request(
                    method, url, headers=headers, params=params, data=data, stream=True, allow_redirects=False,
                    timeout=(self.connect_seconds, self.read_seconds),
                )  # fmt: skip
                with closing(reply):
                    content = self._read(reply)
            except RefusedAddressError as error:
                raise HttpRefused(str(error)) from None
            except requests.RequestException as error:
                untrusted = isinstance(error, requests.exceptions.SSLError) and not deadline.passed
                kind = HttpUntrusted if untrusted else HttpUnreachable
                raise kind(_plain_reason(url, error, late=deadline.passed)) from None
            except (OSError, UnicodeError) as error:
                message = f"{url} could not be reached: {error}"
                raise HttpUnreachable(message) from None
        if deadline.passed:  # what came before the end may look whole when its length was not said
            raise HttpUnreachable(_plain_reason(url, None, late=True))
        lowered = {k.lower(): v for k, v in reply.headers.items()}
        return Answer(reply.status_code, reply.reason or "", lowered, content, url, time.monotonic() - started)

    def _read(self, reply: requests.Response) -> bytes:
        content = bytearray()
        for piece in reply.iter_content(65536):
            content += piece
            if len(content) > self.max_bytes:
                message = f"{reply.url} answered with more than {self.max_bytes} bytes"
                raise HttpTooLarge(message)
        return bytes(content)

    def _refuse_downgrade(self, url: str, target: str) -> None:
        if urlsplit(url).scheme != "https" or urlsplit(target).scheme != "http":
            return
        parts = urlsplit(target)
        if f"{(parts.hostname or '').lower()}:{parts.port or 80}" not in self.allowed_private_hosts:
            message = f"{url} redirects from https to {target}, where anybody on the way could answer"
            raise HttpRefused(message)


def _plain_reason(url: str, error: Exception | None, *, late: bool) -> str:
    if late or isinstance(error, requests.Timeout):
        return f"{url} did not answer in time"
    return f"{url} could not be reached ({type(error).__name__})"
