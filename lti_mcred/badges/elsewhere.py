"""Looking things up at other sites, over https alone and through the guarded client. Knows no database."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.badges.openbadges.keys import KeyFormatError, did_web_url
from lti_mcred.badges.verifier.document import UnreadableBadgeError, is_social
from lti_mcred.badges.verifier.lookup import UnresolvedError
from lti_mcred.outbound.http import HttpClient, HttpError, HttpRefused, HttpTooLarge

log = logging.getLogger(__name__)

_ACCEPT = "application/vc, application/json, */*;q=0.1"
# Whoever negotiates is asked for the credential itself, then for a picture that carries it.
_ACCEPT_BADGE = (
    "application/vc, application/ld+json;q=0.9, application/json;q=0.9, application/jwt;q=0.8, image/png;q=0.7, "
    "image/svg+xml;q=0.7, */*;q=0.1"
)
_BADGE_SECONDS = 15.0
_ALL_SECONDS = 40.0  # for all the look-ups of one badge: it may name many, and each may be slow
_PAGE_STARTS = (b"<!doctype html", b"<html")
# Anybody may check a badge, and its issuer may answer slowly: most threads of a process stay free for launches.
_LOOKUPS = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 2.0


@contextmanager
def _turn(url: str) -> Iterator[None]:
    """Hold one of the places for a look-up elsewhere. Raises UnresolvedError when none becomes free in time."""
    if not _LOOKUPS.acquire(timeout=_WAIT_SECONDS):
        log.warning("too many badges of other issuers are checked at once")
        raise UnresolvedError(url)
    try:
        yield
    finally:
        _LOOKUPS.release()


class HttpsResolver:
    """Answers for everybody by https. One for each verification: a badge and its list have the same issuer."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._known: dict[str, Mapping[str, Any]] = {}
        self._ends = time.monotonic() + _ALL_SECONDS

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return a did:web document, or the document with keys at an https address. Raises UnresolvedError."""
        if did not in self._known:
            try:
                self._known[did] = self._get(did if did.startswith("https://") else did_web_url(did))
            except KeyFormatError:
                raise UnresolvedError(did) from None
        return self._known[did]

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return a status list credential. Raises UnresolvedError."""
        return self._get(url)

    def _get(self, url: str) -> Mapping[str, Any]:
        try:
            if urlsplit(url).scheme != "https":  # ValueError for a broken address
                raise UnresolvedError(url)
            seconds = self._ends - time.monotonic()
            if seconds <= 0:
                raise UnresolvedError(url)
            with _turn(url):
                answer = self._http.request("GET", url, headers={"Accept": _ACCEPT}, seconds=seconds)
            document = answer.json() if answer.ok else None
        except (HttpError, ValueError):
            raise UnresolvedError(url) from None
        if not isinstance(document, dict):
            raise UnresolvedError(url)
        return document


def badge_at(address: str, http: HttpClient) -> bytes:
    """Return the bytes that stand at an https address of another site.

    Raises UnreadableBadgeError: no_https, social, no_badge_there, page_there, unreachable, private or too_large.
    """
    try:
        parts = urlsplit(address)
        secure = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:  # a bracket without its partner
        secure = False
    if not secure:
        raise UnreadableBadgeError("no_https")
    if is_social(address):
        raise UnreadableBadgeError("social")
    try:
        with _turn(address):
            answer = http.request("GET", address, headers={"Accept": _ACCEPT_BADGE}, seconds=_BADGE_SECONDS)
    except HttpTooLarge:
        raise UnreadableBadgeError("too_large") from None
    except HttpRefused:
        raise UnreadableBadgeError("private") from None
    except (HttpError, UnresolvedError):
        raise UnreadableBadgeError("unreachable") from None
    if not answer.ok:
        raise UnreadableBadgeError("no_badge_there")
    if answer.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS):
        raise UnreadableBadgeError("page_there")
    return answer.body
