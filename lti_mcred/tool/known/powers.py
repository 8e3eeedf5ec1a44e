"""What the person of a visit may do now, read with the visit itself: one statement at the beginning of each page.

A launch lasts for hours. Meanwhile she may come back with another role, the class list may change its mind, a role of
ours may be given or taken away, an installation may be stopped. So nothing of that is kept with the visit.
"""

from collections.abc import Sequence
from itertools import compress
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from lti_mcred.engine.quick import Quick, adopt, columns_of
from lti_mcred.people.grants import granted_to_person
from lti_mcred.people.models import Membership, Person
from lti_mcred.people.roles import OUR_ROLES, may_teach, still_held
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.web.models import Powers, Visit

_VISIT = columns_of(Visit)


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
        granted=tuple(compress(OUR_ROLES, granted)),
        teaches=teaches_at is not None and may_teach(still, listed),
        administers=administers,
        closed=(deployment, platform) != ("active", "active"),
    )
    return visit
