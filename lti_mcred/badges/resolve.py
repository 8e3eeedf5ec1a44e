"""Looking things up for a verification.

Our own DIDs and lists from the database, everybody else's over https.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from lti_mcred.badges.addresses import is_ours
from lti_mcred.badges.elsewhere import HttpsResolver
from lti_mcred.badges.issuer import did_document_of, is_our_did
from lti_mcred.badges.lists import list_at, signed_list
from lti_mcred.badges.verifier.verify import UnresolvedError
from lti_mcred.outbound.http import HttpClient
from lti_mcred.secretbox import SealBroken
from lti_mcred.services import service

log = logging.getLogger(__name__)


class LocalResolver:
    """Answers for what this host issued, from the database alone.

    No network, also without https (the demo).
    """

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return the DID document of one of our issuers. Raises UnresolvedError."""
        document = did_document_of(did)
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
        self._elsewhere = HttpsResolver(http)

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return a did:web document, or the document with keys at an https address. Raises UnresolvedError."""
        return super().did_document(did) if is_our_did(did) else self._elsewhere.did_document(did)

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return a status list credential. Raises UnresolvedError."""
        ours = is_ours(url) or list_at(url)
        return super().status_list(url) if ours else self._elsewhere.status_list(url)


def resolver() -> WebResolver:
    """Return the resolver of the running application."""
    return WebResolver(service(HttpClient))
