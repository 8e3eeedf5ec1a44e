"""SIGKILL of the tool around a delivery: after the restart the score and the badge arrive, once."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_mcred.badges.models import Award
from lti_mcred.engine.db import db
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.outbox import OutboxRow
from lti_mcred.trial.demo import Stack, stop_process, wait_for
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.story import Story
from tests.faults.conftest import WAITING, Room, until
from tests.stacks import stack, start_tool

SCORES = "/scores"


class Tool:
    """The tool's process, to be killed and started again."""

    def __init__(self, running: Stack) -> None:
        self.running, self.process, self.room = running, running.processes[1], Room(running)

    def kill(self) -> None:
        """End the process and its workers without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def start(self, **changes: Any) -> None:
        """Start it again on the same data."""
        settings = replace(self.running.settings, **changes)
        log = self.running.data / "tool.log"
        self.process = start_tool(settings, log)
        wait_for(f"{settings.public_url}/readyz", self.process, log)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Stack, Tool]]:
    """Both processes; whatever the test started last is ended."""
    with stack(tmp_path) as running:
        tool = Tool(running)
        try:
            yield running, tool
        finally:
            stop_process(tool.process)
            tool.room.leave()


def _handed_in(running: Stack, campus: str) -> Story:
    """Play the story up to an attempt that waits for its assessor."""
    story = Story(running, campus)
    for _what, action in story.steps()[:6]:
        action()
    return story


def _requests(story: Story) -> list[dict[str, Any]]:
    log = Robot().get(f"{story.practice}/control/requests", Accept="application/json").json()
    return [one for one in log if SCORES in one["path"] and one["method"] == "POST"]


def _graded(story: Story) -> list[dict[str, Any]]:
    return [one for one in _requests(story) if '"FullyGraded"' in str(one["body"]) or "FullyGraded" in str(one["body"])]


def _cell(story: Story) -> dict[str, Any]:
    cells = Robot().get(f"{story.practice}/control/gradebook", Accept="application/json").json()
    return next((cell for cell in cells if cell["person"] == "learner-1"), {"score": None})


def _rows(room: Room) -> dict[str, int]:
    with room.look():
        return {
            "awards": db.session.scalar(select(func.count()).select_from(Award)) or 0,
            "sent": db.session.scalar(
                select(func.count())
                .select_from(LedgerEntry)
                .where(LedgerEntry.kind == "decided", LedgerEntry.state == "sent")
            )
            or 0,
            "waiting": db.session.scalar(select(func.count()).select_from(OutboxRow).where(*WAITING)) or 0,
        }


def _all_delivered(room: Room) -> bool:
    return _rows(room) == {"awards": 1, "sent": 1, "waiting": 0}


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_killed_between_decision_and_delivery(stage, campus):
    running, tool = stage
    story = _handed_in(running, campus)
    tool.kill()
    tool.start(deliver_in_serve="no")
    story.assessor_judges("earned")
    assert _cell(story)["score"] is None
    tool.kill()
    tool.start()
    until(lambda: _all_delivered(tool.room), "delivery after the restart")
    assert _cell(story)["score"] == 5.0
    assert len(_graded(story)) == 1
    assert "FullyGraded" in str(_requests(story)[-1]["body"]), "no late hand-in after the grade"
    if campus == "canvas":
        assert _cell(story)["state"] == "graded"


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_killed_while_the_lms_is_taking_the_score(stage, campus):
    running, tool = stage
    story = _handed_in(running, campus)
    Robot().put_json(f"{story.practice}/control/faults", {"slow_ms": 3000}, method="PUT")
    story.assessor_judges("earned")
    until(lambda: _in_flight(tool.room), "the first try")
    time.sleep(1.0)
    tool.kill()
    Robot().put_json(f"{story.practice}/control/faults", {}, method="DELETE")
    tool.start()
    until(lambda: _all_delivered(tool.room), "delivery after the restart")
    assert _cell(story)["score"] == 5.0
    bodies = {str(one["body"]) for one in _graded(story)}
    assert len(bodies) == 1, "a resend is the same score, byte for byte"
    if campus == "canvas":
        assert _cell(story)["attempt"] == 1


def _in_flight(room: Room) -> bool:
    with room.look():
        found = db.session.scalar(select(LedgerEntry.id).where(LedgerEntry.kind == "decided", LedgerEntry.tries > 0))
        stamped = db.session.scalar(
            select(LedgerEntry.id).where(LedgerEntry.kind == "decided", LedgerEntry.stamp.is_not(None))
        )
    return bool(found or stamped)
