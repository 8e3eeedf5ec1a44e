"""Role names of LTI 1.3 and what they mean here. The only module that imports pylti1p3, for its vocabulary.

Course powers come from context roles alone (LTI Core 1.3, A.2): Canvas sends institution and system roles beside
them, and a person who teaches elsewhere would otherwise be a teacher everywhere.
"""

from collections.abc import Iterable

from pylti1p3.roles import RoleType

TEACHER, ASSISTANT, LEARNER = "teacher", "assistant", "learner"
OBSERVER, DESIGNER, ADMIN = "observer", "designer", "admin"

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
    # Not a principal role, but some LMSs send it short.
    "TeachingAssistant": ASSISTANT,
}
_ASSISTANTS = ("TeachingAssistant", "Grader")


def course_roles(names: Iterable[str]) -> list[str]:
    """Return our course roles for LTI role names, sorted; [] when none of them belongs to the course.

    A teaching assistant comes as Instructor plus Instructor#TeachingAssistant and is an assistant, not a teacher.
    """
    found = {role for role in map(_course_role, names) if role}
    if ASSISTANT in found:
        found.discard(TEACHER)
    return sorted(found)


def administers_lms(names: Iterable[str]) -> bool:
    """Whether the person runs the LMS itself: a system or institution role says so, never a course role alone."""
    return not _ADMINISTRATORS.isdisjoint(names)


def is_test_user(names: Iterable[str]) -> bool:
    """Whether this is no real person (Canvas Student View)."""
    return _TEST_USER in names


def _course_role(name: str) -> str | None:
    if name.startswith(f"{_CONTEXT}#"):
        return _PRINCIPAL.get(name.removeprefix(f"{_CONTEXT}#"))
    if name.startswith(f"{_CONTEXT}/"):
        principal, _hash, sub_role = name.removeprefix(f"{_CONTEXT}/").partition("#")
        if principal == "Instructor" and sub_role.startswith(_ASSISTANTS):
            return ASSISTANT
        return _PRINCIPAL.get(principal)
    # A short name is a context role (Core A.2.3); a URI of another vocabulary is not in the table.
    return _PRINCIPAL.get(name)
