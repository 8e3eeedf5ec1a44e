"""Roles in a course, by our names, and roles of ours: what somebody holds still, and what her word is worth. Pure.

What the names of roles in an LMS become is decided in tool/protocol/vocabulary.py.
"""

from collections.abc import Iterable, Sequence

# What a launch or a class list can make of somebody in a course.
TEACHER, ASSISTANT, LEARNER = "teacher", "assistant", "learner"
OBSERVER, DESIGNER, ADMIN = "observer", "designer", "admin"
# A role of ours: whoever has it reads without names, until she has said of a course that she teaches it.
ASSESSOR = "assessor"
# Roles of ours that open something. A row for any other role is harmless.
OUR_ROLES = (ASSESSOR,)


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
