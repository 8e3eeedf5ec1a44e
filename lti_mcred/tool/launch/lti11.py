"""From LTI 1.1 to 1.3: a person keeps what she has when her LMS upgrades and calls her by another id.

Source: LTI 1.3 Migration Guide, "LTI 1.1 migration claim". The old key signs the claim with its secret, so an id that
somebody else typed into a token carries nothing over.
"""

import hmac
import logging
from base64 import b64encode
from hashlib import sha256

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from lti_mcred.engine.db import db
from lti_mcred.people.models import Membership, Person
from lti_mcred.secretbox import seal, unseal
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment, Lti11Key
from lti_mcred.tool.known.platforms import PlatformError, get
from lti_mcred.tool.protocol.claims import Launch, Lti11
from lti_mcred.web.models import Visit

log = logging.getLogger(__name__)
_PURPOSE = "lti11-secret"
_LONGEST = 255


def signature(signed: str, secret: str) -> str:
    """Return the base64 of the HMAC-SHA256 of `signed`: the value of `oauth_consumer_key_sign`."""
    return b64encode(hmac.new(secret.encode(), signed.encode(), sha256).digest()).decode()


def add_key(platform_id: str, consumer_key: str, secret: str) -> None:
    """Keep an LTI 1.1 key of that LMS with its secret; a key that is there gets the new secret. Commits.

    Raises PlatformError.
    """
    if not 0 < len(consumer_key) <= _LONGEST or not secret:
        message = "Give the consumer key (at most 255 characters) and the secret that the LTI 1.1 installation had."
        raise PlatformError(message)
    platform = get(platform_id)
    row = _stored_key(platform.id, consumer_key)
    if row is None:
        row = Lti11Key(platform_id=platform.id, consumer_key=consumer_key)
        db.session.add(row)
    row.secret_encrypted = seal(site().secret_key, _PURPOSE, secret)
    db.session.commit()


def forget_key(platform_id: str, consumer_key: str) -> None:
    """Delete a key. Who was carried over already stays. Commits. Raises PlatformError when there is none."""
    platform = get(platform_id)
    same = (Lti11Key.platform_id == platform.id, Lti11Key.consumer_key == consumer_key)
    found = db.session.execute(delete(Lti11Key).where(*same).returning(Lti11Key.id)).scalar_one_or_none()
    db.session.commit()
    if found is None:
        message = f"{platform.name} has no LTI 1.1 key {consumer_key!r} here."
        raise PlatformError(message)


def consumer_keys(platform_id: str) -> list[str]:
    """Return the LTI 1.1 keys that are kept for an LMS."""
    mine = select(Lti11Key.consumer_key).where(Lti11Key.platform_id == platform_id)
    return list(db.session.scalars(mine.order_by(Lti11Key.id)))


def carry_over(deployment: Deployment, launch: Launch) -> str | None:
    """Return the proved LTI 1.1 id of the person, None when the launch proves none. Flushes, does not commit.

    What was put down for that id in this deployment, a role for example, becomes hers at her first 1.3 launch.
    """
    claim = launch.lti11
    if claim is None or not _proved(deployment.platform_id, claim):
        return None
    if claim.user_id != launch.sub:
        _rename(deployment.id, claim.user_id, launch.sub)
    return claim.user_id


def _proved(platform_id: str, claim: Lti11) -> bool:
    row = _stored_key(platform_id, claim.consumer_key)
    if row is None:
        log.info("lti11: the key %r is not known here", claim.consumer_key)
        return False
    secret = unseal(site().secret_key, _PURPOSE, row.secret_encrypted)
    if hmac.compare_digest(signature(claim.signed, secret).encode(), claim.signature.encode()):
        return True
    log.warning("lti11: the signature of key %r is not right, nobody is carried over", claim.consumer_key)
    return False


def _rename(deployment_id: str, old: str, new: str) -> None:
    """Give the person `old` the id `new`, unless somebody has it: two people are never merged."""
    taken = aliased(Person)
    free = ~exists().where(taken.deployment_id == deployment_id, taken.sub == new)
    # Who came by 1.3 under that id, or stands in a class list, is somebody else whose 1.3 id happens to look like it.
    met = or_(exists().where(Membership.person_id == Person.id), exists().where(Visit.person_id == Person.id))
    same = (Person.deployment_id == deployment_id, Person.sub == old, Person.lti11_user_id.is_(None), ~met)
    rename = update(Person).where(*same, free).values(sub=new)
    try:
        with db.session.begin_nested():
            db.session.execute(rename.execution_options(synchronize_session=False))
    except IntegrityError:  # two first launches at once: the other one has done it
        log.info("lti11: %r is there already", new)


def _stored_key(platform_id: str, consumer_key: str) -> Lti11Key | None:
    same = select(Lti11Key).where(Lti11Key.platform_id == platform_id, Lti11Key.consumer_key == consumer_key)
    return db.session.scalars(same).first()
