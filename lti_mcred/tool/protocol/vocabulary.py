"""Role names of LTI 1.3 and what they mean here. The only module that imports pylti1p3, for its vocabulary.

Course powers come from context roles alone (LTI Core 1.3, A.2): Canvas sends institution and system roles beside
them, and a person who teaches elsewhere would otherwise be a teacher everywhere.
"""

from dataclasses import dataclass
from functools import lru_cache

from pylti1p3.roles import RoleType

from lti_mcred.people.roles import ADMIN, ASSISTANT, DESIGNER, LEARNER, OBSERVER, TEACHER

_CONTEXT = f"http://purl.imsglobal.org/vocab/lis/v2/{RoleType.CONTEXT}"
_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
# Whole URIs only: a short "Administrator" is a role in the course (Core A.2.3).
_ADMINISTRATORS = frozenset(
    [
        *(f"{_LIS}{RoleType.SYSTEM}/person#{name}" for name in ("Administrator", "SysAdmin", "AccountAdmin")),
        f"{_LIS}{RoleType.INSTITUTION}/person#Administrator",
    ]
)
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
# Principal context role -> ours. Manager, Member and Officer give nothing: Canvas sends them for groups.
_PRINCIPAL = {
    "Instructor": TEACHER,
    "Learner": LEARNER,
    "Mentor": OBSERVER,
    "ContentDeveloper": DESIGNER,
    "Administrator": ADMIN,
}
_NO_STAFF = (LEARNER, OBSERVER)
_ASSISTANTS = ("TeachingAssistant", "Grader")
# Not a principal role, but some LMSs send it short.
_SHORT_ASSISTANTS = ("TeachingAssistant",)


@dataclass(frozen=True)
class Roles:
    """What the roles of a person say. `course`: our course roles, sorted; () when none of hers belongs to the course.

    `administers`: she runs the LMS itself, as a system or institution role says, never a course role alone.
    `test_user`: this is no real person (Canvas Student View).
    """

    course: tuple[str, ...]
    administers: bool
    test_user: bool


@lru_cache(maxsize=1024)  # an LMS gives the same few sets to everybody
def read_roles(names: tuple[str, ...]) -> Roles:
    """Return what these LTI role names say.

    A teaching assistant comes as Instructor plus Instructor#TeachingAssistant and is an assistant, not a teacher.
    A learner may bear a sub-role of staff without its principal role (Open edX: she helps in the forum): sub-roles
    only refine the principal role that belongs with them (Core A.2.3), so she stays a learner.
    """
    read = [found for name in names if (found := _course_role(name))]
    principal = {one.under for one in read if not one.refines}
    learns = any(one.role == LEARNER for one in read)
    roles = {one.role for one in read if one.role in _NO_STAFF or one.under in principal or not learns}
    if ASSISTANT in roles:
        roles.discard(TEACHER)
    return Roles(tuple(sorted(roles)), not _ADMINISTRATORS.isdisjoint(names), _TEST_USER in names)


@dataclass(frozen=True)
class _Read:
    """What one role name says. `under`: its principal role. `refines`: it is a sub-role, and so says nothing alone."""

    role: str
    under: str
    refines: bool = False


def _course_role(name: str) -> _Read | None:
    principal, _hash, sub_role = name.removeprefix(f"{_CONTEXT}/").partition("#")
    if name.startswith(f"{_CONTEXT}#"):
        principal, sub_role = name.removeprefix(f"{_CONTEXT}#"), ""
    # A short name is a context role (Core A.2.3); a URI of another vocabulary is not in the table.
    if principal in _SHORT_ASSISTANTS and not sub_role:
        return _Read(ASSISTANT, "Instructor", refines=True)
    role = _PRINCIPAL.get(principal)
    if role == TEACHER and sub_role.startswith(_ASSISTANTS):
        role = ASSISTANT
    return _Read(role, principal, refines=bool(sub_role)) if role else None
