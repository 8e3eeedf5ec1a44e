"""What a verification may look up elsewhere. Who verifies brings a resolver; the checks themselves are pure."""

from collections.abc import Mapping
from typing import Any, Protocol


class UnresolvedError(Exception):
    """A document or a status list could not be had; nothing can be concluded from that."""


class Resolver(Protocol):
    """Where a verification looks things up. Both methods raise UnresolvedError."""

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return the DID document of a did:web id, or the JSON document at an https address that holds keys."""

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return the status list credential at an address."""
