"""Learners that nobody else uses, so that tests on one running stack do not meet."""

from typing import Any

from lti_mcred.trial.demo import Stack
from lti_mcred.trial.robot import Robot


def enrol(running: Stack, campus: str) -> str:
    """Enrol one more learner and return the key that she signs in with."""
    control = f"{running.practice}/{campus}/control"
    Robot().put_json(f"{control}/enrol", {"count": 1})
    people: list[dict[str, Any]] = Robot().get(f"{control}/people", Accept="application/json").json()
    return str([one["key"] for one in people if one["key"].startswith("extra-")][-1])


def switch(running: Stack, campus: str, **faults: Any) -> None:
    """Set faults and switches of a campus; without any, everything is as it should be."""
    robot, url = Robot(), f"{running.practice}/{campus}/control/faults"
    if faults:
        robot.put_json(url, faults, method="PUT")
    else:
        robot.put_json(url, {}, method="DELETE")
