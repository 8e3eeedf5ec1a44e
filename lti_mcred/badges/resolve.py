"""Looking things up for a verification.

Our own DIDs and lists from the database, everybody else's over https.
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from lti_mcred.badges.addresses import is_ours
from lti_mcred.badges.issuer import document_of, is_our_did
from lti_mcred.badges.keys import KeyFormatError, did_web_url
from lti_mcred.badges.lists import list_at, signed_list
from lti_mcred.badges.verification import Verification
from lti_mcred.badges.verify import UnresolvedError, verify_bytes
from lti_mcred.db import utcnow
from lti_mcred.http import HttpClient, HttpError
from lti_mcred.secretbox import SealBroken

log = logging.getLogger(__name__)


_ACCEPT = "application/vc, application/json, */*;q=0.1"
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


class LocalResolver:
    """Answers for what this host issued, from the database alone.

    No network, also without https (the demo).
    """

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return the DID document of one of our issuers. Raises UnresolvedError."""
        document = document_of(did)
        if document is None:
            raise UnresolvedError(did)
        return document

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return one of our status lists. Raises UnresolvedError."""
        listed = list_at(url)
        if listed is None:
            raise UnresolvedError(url)
        row, base = listed
        try:
            found: dict[str, Any] = json.loads(signed_list(row, base=base))
        except SealBroken as error:
            log.error("the status list cannot be signed: %s", error)
            raise UnresolvedError(url) from None
        return found


class WebResolver(LocalResolver):
    """Answers for everybody: ours as above, others by https through the guarded client. One for each verification."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._known: dict[str, Mapping[str, Any]] = {}  # a badge and its list have the same issuer

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return a did:web document, or the document with keys at an https address. Raises UnresolvedError."""
        if is_our_did(did):
            return super().did_document(did)
        if did not in self._known:
            try:
                self._known[did] = self._get(did if did.startswith("https://") else did_web_url(did))
            except KeyFormatError:
                raise UnresolvedError(did) from None
        return self._known[did]

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return a status list credential. Raises UnresolvedError."""
        return super().status_list(url) if is_ours(url) or list_at(url) else self._get(url)

    def _get(self, url: str) -> Mapping[str, Any]:
        try:
            if urlsplit(url).scheme != "https":  # ValueError for a broken address
                raise UnresolvedError(url)
            with _turn(url):
                answer = self._http.request("GET", url, headers={"Accept": _ACCEPT})
            document = answer.json() if answer.ok else None
        except (HttpError, ValueError):
            raise UnresolvedError(url) from None
        if not isinstance(document, dict):
            raise UnresolvedError(url)
        return document


def resolver() -> WebResolver:
    """Return the resolver of the running application."""
    return WebResolver(current_app.extensions["http"])


def verify_file(path: Path) -> Verification:
    """Check a badge file (JSON or baked PNG) inside an application context.

    Raises OSError when it cannot be read and reading.UnreadableBadgeError when there is no badge in it.
    """
    return verify_bytes(path.read_bytes(), resolver(), utcnow())
