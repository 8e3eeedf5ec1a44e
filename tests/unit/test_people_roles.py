"""What somebody holds still of an earlier launch, and whose word on teaching can be true."""

import pytest

from lti_mcred.people.roles import may_teach, still_held


@pytest.mark.parametrize(
    ("launched", "now", "state", "held"),
    [
        (["teacher"], ["teacher"], "active", ["teacher"]),
        (["teacher", "learner"], ["learner"], "active", ["learner"]),
        (["teacher", "learner"], ["teacher", "learner"], "left", ["learner"]),
        (["teacher"], ["teacher"], "suspended", []),
        (["learner"], ["teacher"], "left", []),
    ],
)
def test_a_role_is_held_while_the_course_gives_it(
    launched: list[str], now: list[str], state: str, held: list[str]
) -> None:
    assert still_held(launched, now, state) == held


@pytest.mark.parametrize(
    ("roles", "listed", "believed"),
    [
        (["teacher"], None, True),
        (["admin"], None, True),
        (["assistant"], None, False),
        (["teacher"], ["teacher"], True),
        (["teacher"], ["admin", "learner"], True),
        (["teacher"], ["learner"], False),
        (["teacher"], [], False),
        (["learner"], ["teacher"], False),
    ],
)
def test_who_teaches_is_said_by_her_launch_and_not_denied_by_the_class_list(
    roles: list[str], listed: list[str] | None, believed: bool
) -> None:
    assert may_teach(roles, listed) is believed
