"""What the person of a visit may do now, read with the visit itself: one statement at the beginning of each page.

A launch lasts for hours. Meanwhile she may come back with another role, the class list may change its mind, a role of
ours may be given or taken away, an installation may be stopped. So nothing of that is kept with the visit.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, select

from lti_mcred.engine.quick import Quick, adopt, columns_of
from lti_mcred.tool.models import Deployment, Grant, Membership, Person, Platform
from lti_mcred.tool.protocol.vocabulary import ADMIN, LEARNER, TEACHER
from lti_mcred.web.models import Powers, Visit

# Roles of ours that open something. A row for any other role is harmless.
OUR_ROLES = ("assessor",)
_VISIT = columns_of(Visit)


def granted_to_person() -> list[Any]:
    """Return an expression for each of OUR_ROLES: whether a Person of the statement has it."""
    return [exists().where(Grant.person_id == Person.id, Grant.role == role) for role in OUR_ROLES]


def _statement() -> Select[Any]:
    member = and_(Membership.course_id == Visit.course_id, Membership.person_id == Visit.person_id)
    return (
        select(
            *_VISIT, Deployment.state, Platform.state, Person.administers, *granted_to_person(),
            Membership.id, Membership.state, Membership.roles, Membership.listed_roles, Membership.teaches_at,
        )
        .select_from(Visit)
        .join(Deployment, Deployment.id == Visit.deployment_id)
        .join(Platform, Platform.id == Visit.platform_id)
        .join(Person, Person.id == Visit.person_id)
        .outerjoin(Membership, member)
        .where(Visit.id == bindparam("visit"))
    )  # fmt: skip


_BY_ID = Quick(_statement())


def find_visit(visit_id: str) -> Visit | None:
    """Return the visit with what its person may do now; None when there is none."""
    found = _BY_ID.first({"visit": visit_id})
    if found is None:
        return None
    visit = adopt(Visit, _VISIT, found[: len(_VISIT)])
    deployment, platform, administers, *granted, member, state, roles, listed, teaches_at = found[len(_VISIT) :]
    still: Sequence[str] = visit.roles
    if member is not None:
        still = still_held(visit.roles, roles, state)
    visit.powers = Powers(
        roles=tuple(still),
        granted=roles_of(granted),
        teaches=teaches_at is not None and may_teach(still, listed),
        administers=administers,
        closed=(deployment, platform) != ("active", "active"),
    )
    return visit


def still_held(launched: Iterable[str], now: Iterable[str], state: str) -> list[str]:
    """Return which course roles of an earlier launch a person has still.

    `now`: the roles of her last launch, or of the class list if that changed its mind. `state`: of the membership;
    whoever left the course, or is suspended, keeps her own work and nothing else.
    """
    held = set(now) if state == "active" else {LEARNER}.intersection(now)
    return [role for role in launched if role in held]


def may_teach(roles: Iterable[str], listed: Sequence[str] | None) -> bool:
    """Whether somebody's word that she teaches the course can be true.

    `roles` are hers now. `listed`: what the class list calls her, None where it never named her. Moodle launches a
    non-editing teacher as Instructor, as it does a teacher, and lists her as a Learner.
    """
    teaching = {TEACHER, ADMIN}
    return not teaching.isdisjoint(roles) and (listed is None or not teaching.isdisjoint(listed))


def roles_of(granted: Iterable[bool]) -> tuple[str, ...]:
    """Return the roles of ours that the expressions of `granted_to_person` found."""
    return tuple(role for role, has in zip(OUR_ROLES, granted, strict=True) if has)
