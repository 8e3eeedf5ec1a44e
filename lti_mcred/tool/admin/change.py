"""What an administrator changes. Every function commits, and writes one line into the log: who did what."""

import logging

from lti_mcred.engine.db import db
from lti_mcred.people import grants
from lti_mcred.people.models import Person, RoleRequest
from lti_mcred.tool.admin.forms import ENDPOINTS, Typed, errors_of, register
from lti_mcred.tool.admin.reach import Administrator
from lti_mcred.tool.health import connection
from lti_mcred.tool.install.invitations import invite, revoke
from lti_mcred.tool.known import asking
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.platforms import POLICIES, end_visits, shared, take_out
from lti_mcred.tool.profiles.guides import Guide
from lti_mcred.tool.wire import keys
from lti_mcred.web.models import Visit
from lti_mcred.web.typed import plain

log = logging.getLogger(__name__)
_LONGEST_NAME = 255


def connect(who: Administrator, guide: Guide, typed: Typed) -> Platform | Typed:
    """Register an LMS with typed values, or return them with what to write instead."""
    made = register(guide, typed)
    if isinstance(made, Platform):
        _done(who, "%s is connected: %s, client id %s", made.name, made.issuer, made.client_id)
    return made


def change_addresses(who: Administrator, platform: Platform, typed: Typed) -> Typed | None:
    """Store other endpoints for a registration, or return what was typed with what to write instead.

    Issuer and client id stay: people and scores hang on them.
    """
    values = {**typed.values, "issuer": platform.issuer, "client_id": platform.client_id, "policy": platform.policy}
    if errors := errors_of(Typed(values)):
        return Typed(values, errors)
    for name in ENDPOINTS:
        setattr(platform, name, values[name])
    platform.token_audience = values["token_audience"] or None
    _done(who, "%s: the addresses are changed to %s", platform.name, values["auth_url"])
    return None


def decide(who: Administrator, platform: Platform, deployment_id: str, state: str) -> Deployment | None:
    """Approve (`active`) or refuse (`refused`) an installation by our id of it; None when it is not this platform's."""
    row = db.session.get(Deployment, deployment_id)
    if row is None or row.platform_id != platform.id or state not in ("active", "refused"):
        return None
    row.state = state
    if state == "refused":
        end_visits(Visit.deployment_id == row.id)
    _done(who, "%s: deployment %r is %s", platform.name, row.deployment_id, state)
    return row


def set_policy(who: Administrator, platform: Platform, policy: str) -> bool:
    """Say what becomes of unknown installations; return whether `policy` is one."""
    if policy not in POLICIES:
        return False
    platform.policy = policy
    _done(who, "%s: unknown deployments: %s", platform.name, policy)
    return True


def rename(who: Administrator, platform: Platform, name: str) -> bool:
    """Give an LMS another name; return whether it is one."""
    name = plain(name).strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        return False
    before, platform.name = platform.name, name
    _done(who, "%s is called %s now", before, name)
    return True


def remove(who: Administrator, platform: Platform) -> None:
    """Stop launches and end visits; people, courses and scores that point to it stay."""
    take_out(platform)
    _done(who, "%s is removed", platform.name)


def restore(who: Administrator, platform: Platform) -> None:
    """Let a removed LMS launch again."""
    platform.state = "active"
    _done(who, "%s is connected again", platform.name)


def test_connection(who: Administrator, platform: Platform) -> None:
    """Let a worker test the connection of each installation that is hers and may launch."""
    mine = [row for row in platform.deployments if who.sees(row) and row.state == "active"]
    for deployment in mine:
        connection.start(platform, deployment)
    if not mine and who.operates:
        connection.start(platform)
    _done(who, "%s: the connection is tested", platform.name)


def renewal_link(who: Administrator, platform: Platform) -> str | None:
    """Return a link that renews this registration; the operator's may also bring other addresses.

    None where an LMS's administrator asks for a registration that serves others too: it is not hers alone.
    """
    if not who.operates and shared(platform):
        return None
    link = invite(renews_id=platform.id, may_move=who.operates, note=platform.name)
    _done(who, "%s: a link to renew it was made", platform.name)
    return link


def new_invitation(who: Administrator, days: int, note: str, *, reusable: bool) -> str:
    """Return a link with which an LMS registers."""
    link = invite(days, reusable=reusable, note=note)
    _done(who, "an invitation for %r was made, good for %d days", note, days)
    return link


def withdraw(who: Administrator, code_hash: str) -> bool:
    """Withdraw an invitation; return whether it was open."""
    done = revoke(code_hash)
    _done(who, "an invitation was withdrawn")
    return done


def give_role(who: Administrator, person: Person, role: str) -> bool:
    """Give a person of an LMS a role of ours; return whether she had it not."""
    done = grants.grant(person, role)
    _done(who, "person %s has the role %s", person.id, role)
    return done


def take_role(who: Administrator, person: Person, role: str) -> bool:
    """Take a role of ours from a person; return whether she had it."""
    done = grants.revoke(person, role)
    _done(who, "person %s has the role %s no more", person.id, role)
    return done


def answer_request(who: Administrator, asked: RoleRequest, *, approve: bool) -> bool:
    """Approve or decline what somebody asked for; False when it was answered meanwhile."""
    if not asking.answer(asked, approve=approve):
        return False
    said = "approved" if approve else "declined"
    _done(who, "the request of person %s for %s is %s", asked.person_id, asked.role, said)
    return True


def new_key(who: Administrator) -> None:
    """Publish a new signing key of ours."""
    _done(who, "key %s is published", keys.rotate().kid)


def _done(who: Administrator, words: str, *values: object) -> None:
    db.session.commit()
    log.info(f"%s: {words}", who.name, *values)
