"""The badge at an address: one of ours from the database, another one by https."""

from urllib.parse import urlsplit

from lti_mcred.badges.addresses import is_ours
from lti_mcred.badges.elsewhere import badge_at
from lti_mcred.badges.models import Award
from lti_mcred.badges.signing import UNSIGNABLE, signed_text_of
from lti_mcred.badges.verifier.reading import UnreadableBadgeError
from lti_mcred.engine.db import db
from lti_mcred.outbound.http import HttpClient
from lti_mcred.services import service
from lti_mcred.web.typed import plain


def badge_of(address: str) -> bytes:
    """Return the bytes of the badge at an address. Raises UnreadableBadgeError, see `elsewhere.badge_at`."""
    if not is_ours(address):
        return badge_at(address, service(HttpClient))
    parts = urlsplit(address).path.strip("/").split("/")
    award_id = parts[1].removesuffix(".json") if len(parts) in (2, 3) and parts[0] == "credentials" else ""
    row = db.session.get(Award, plain(award_id))
    if row is None:
        raise UnreadableBadgeError("not_found")
    try:
        return signed_text_of(row).encode()
    except UNSIGNABLE:
        raise UnreadableBadgeError("not_signed_now") from None
