"""Access tokens of an LMS, and requests made with them (LTI Security Framework 1.0, 4.1; RFC 7523).

A Canvas token costs a third of what a minute allows, so tokens are kept until a minute before their end and fetched by
one thread while the others wait.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import Answer, HttpClient, HttpError, HttpUnclear, bare, origin
from lti_mcred.services import service, site
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles.base import said
from lti_mcred.tool.protocol.addresses import usable
from lti_mcred.tool.wire import keys

log = logging.getLogger(__name__)
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REFRESH_EARLY = timedelta(seconds=60)
_ASSUMED_LIFE = 3600  # seconds, when the answer does not say
_Key = tuple[str, str]


class ServiceRefused(Exception):
    """The LMS gives no token: `answer` says why. `permanent`: an administrator has to act."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"no access token: {answer.status} {said(answer)}")
        self.answer = answer
        # Canvas slows a tool down with a 403, here as everywhere.
        busy = answer.status == 403 and "rate limit" in said(answer).lower()
        self.permanent = answer.status in (400, 401, 403, 404) and not busy


class ListUnclear(Exception):
    """A list of the LMS cannot be read to its end: the message says why, in plain words."""


@dataclass
class _Held:
    token: str = ""
    good_until: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class _Given:
    """A token as the LMS gave it; `scopes` may be fewer than were asked for."""

    token: str
    good_until: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class _Client:
    """What a token request needs of a platform, read before the database is let go."""

    platform_id: str
    client_id: str
    token_url: str
    audience: str

    @classmethod
    def of(cls, platform: Platform) -> "_Client":
        """Read the platform. Brightspace names an audience of its own; all others take the token URL."""
        audience = platform.token_audience or platform.token_url
        return cls(platform.id, platform.client_id, platform.token_url, audience)


class Tokens:
    """Access tokens of all platforms; one object a process. Never shared between two registrations."""

    def __init__(self) -> None:
        self._held: dict[_Key, _Held] = {}
        self._guard = threading.Lock()

    def renew(self, client: _Client, scopes: str) -> tuple[str, ...]:
        """Ask for a new token and keep it for calls with what was granted, which is returned. Raises as `get`."""
        given = _fetch(client, scopes)
        with self._guard:
            held = self._held.setdefault((client.platform_id, " ".join(sorted(given.scopes))), _Held())
        with held.lock:
            held.token, held.good_until = given.token, given.good_until
        return given.scopes

    def get(self, client: _Client, scopes: str, stale: str = "") -> str:
        """Return a token for `scopes` (sorted, joined by blanks) that is not `stale`.

        Raises ServiceRefused, or HttpError when the LMS cannot be reached.
        """
        with self._guard:
            held = self._held.setdefault((client.platform_id, scopes), _Held())
        with held.lock:
            if not held.token or held.token == stale or held.good_until is None or utcnow() >= held.good_until:
                given = _fetch(client, scopes)
                held.token, held.good_until = given.token, given.good_until
            return held.token


def fresh_token(platform: Platform, scopes: Iterable[str]) -> tuple[str, ...]:
    """Ask for a new token whatever is kept, and return the scopes that the LMS granted (RFC 6749, 5.1).

    Calls with exactly these scopes use it. Ends the current transaction. Raises ServiceRefused or HttpError.
    """
    client = _Client.of(platform)
    return service(Tokens).renew(client, " ".join(sorted(set(scopes))))


def call(
    platform: Platform, scopes: Iterable[str], method: str, url: str, *,
    headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None, body: bytes | None = None,
) -> Answer:  # fmt: skip
    """Send one request with a token for `scopes`; a 401 gets one fresh token and one more try.

    Ends the current read transaction, because the LMS may take seconds. Raises ServiceRefused or HttpError.
    """
    client = _Client.of(platform)
    asked = " ".join(sorted(set(scopes)))
    db.session.commit()
    tokens, http = service(Tokens), service(HttpClient)
    token = tokens.get(client, asked)
    for last in (False, True):
        sent = {**(headers or {}), "Authorization": f"Bearer {token}"}
        answer = http.request(method, url, headers=sent, params=params, body=body)
        if answer.status != 401 or last:
            break
        token = tokens.get(client, asked, stale=token)
    return answer


def pages(
    platform: Platform, scopes: Iterable[str], url: str, *, accept: str, params: Mapping[str, str] | None = None,
    most: int = 1000,
) -> list[Answer]:  # fmt: skip
    """Return every page of a list, following rel=next on the same origin; the last one may be a refusal.

    Raises ListUnclear when the list does not say where it goes on, or never ends, and as `call`.
    """
    asked = tuple(scopes)
    found: list[Answer] = []
    seen: set[str] = set()
    page: str | None = url
    while page:
        if page in seen or len(seen) >= most:
            raise ListUnclear(_("The LMS's pages of this list do not come to an end, so the list was put aside."))
        seen.add(page)
        answer = call(platform, asked, "GET", page, headers={"Accept": accept}, params=params)
        found.append(answer)
        page, params = (following(answer) if answer.ok else None), None
    return found


def following(answer: Answer) -> str | None:
    """Return the address of the next page, by the same rules as every address that an LMS gives us; None: the end.

    An LMS behind a proxy may call its https pages http. Raises ListUnclear: a next page that cannot be made out, or
    may not be read, is no end of the list.
    """
    try:
        named = answer.named_next()
    except HttpUnclear as error:
        log.warning("%s", error)
        raise ListUnclear(_("%(words)s So the list was put aside.", words=error.words)) from None
    if named is None:
        return None
    if answer.url.startswith("https://") and named.startswith("http://"):
        named = "https://" + named.removeprefix("http://")
    if origin(named) != origin(answer.url) or not usable(named, site().allowed_private_hosts):
        raise ListUnclear(
            _("The LMS says that the list goes on at %(place)s. That is another site, so it was put aside.",
              place=origin(named))
        )  # fmt: skip
    return named


def _fetch(client: _Client, scopes: str) -> _Given:
    now = utcnow()
    assertion = keys.client_assertion(client.client_id, client.audience)  # a new one for every try
    db.session.commit()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": scopes,
    }
    answer = service(HttpClient).request("POST", client.token_url, headers={"Accept": "application/json"}, form=form)
    if not answer.ok:
        raise ServiceRefused(answer)
    given = answer.json()
    if not isinstance(given, dict) or not isinstance(given.get("access_token"), str) or not given["access_token"]:
        place = bare(client.token_url)
        raise HttpError(f"{place} gave no access token", _l("%(place)s gave no access token.", place=place))
    good_until = now + timedelta(seconds=_life(given.get("expires_in"))) - _REFRESH_EARLY
    granted = given["scope"] if isinstance(given.get("scope"), str) else scopes  # absent: as asked
    return _Given(given["access_token"], good_until, tuple(sorted(set(granted.split()))))


def _life(expires_in: Any) -> int:
    """Return the life of a token in seconds; numbers as text are seen too. Bounded, because clocks are not."""
    try:
        return min(max(int(expires_in), 0), 24 * 3600)
    except (TypeError, ValueError, OverflowError):
        return _ASSUMED_LIFE
