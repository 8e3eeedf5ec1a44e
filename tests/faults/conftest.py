"""One running tool and practice LMS for the faults of this test process, and the gradebook seen from both sides."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db
from lti_mcred.outbox import OutboxRow
from lti_mcred.tool.roster import reading
from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.robot import Page, Robot
from lti_mcred.trial.story import Story
from tests.journeys.people import enrol, switch
from tests.stacks import stack

# News of people's work. A class list that is to be read at night waits for its hour all day.
WAITING = OutboxRow.state == "waiting", OutboxRow.topic != reading.TOPIC


def until(look: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait until `look` finds something, and return it."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Newcomer(Story):
    """The story of a learner whom no other test knows, up to a hand-in that waits for its assessor."""

    def __init__(self, room: "Room", campus: str) -> None:
        super().__init__(room.running, campus)
        self.room = room
        self.key = enrol(room.running, campus)
        self.learner = next(one for one in self._json("/control/people") if one["key"] == self.key)
        self.columns_stand()

    def hand_in(self) -> "Newcomer":
        """Do the work and hand it in; return when the LMS has been told of it."""
        self.learner_starts()
        self.learner_collects()
        self.learner_submits()
        until(self.room.quiet, "the news of the hand-in")
        return self

    def faults(self, **faults: Any) -> None:
        """Let things go wrong on this campus."""
        switch(self.room.running, self.campus, **faults)

    def cell(self) -> dict[str, Any]:
        """Return what the gradebook of the LMS shows for her."""
        cells = self._json("/control/gradebook")
        return next((one for one in cells if one["person"] == self.key), {"score": None})

    def posts(self) -> list[dict[str, Any]]:
        """Return every try to post her final score, oldest first."""
        log = self._json("/control/requests?path=/scores")
        mine = [one for one in log if f'"{self.learner["sub"]}"' in one["body"]]
        return [one for one in mine if '"FullyGraded"' in one["body"]]

    def taken(self) -> int:
        """Return how many of those the LMS took."""
        return sum(200 <= one["status"] < 300 for one in self.posts())

    def type_grade(self, score: float) -> None:
        """Let a teacher type a grade for her."""
        typed = {"person": self.key, "line_item": self.activity["line_items"][0], "score": score}
        assert Robot().put_json(f"{self.practice}/control/grades", typed).status == 200

    def activity_is(self, **values: Any) -> None:
        """Change the activity in the LMS."""
        Robot().put_json(f"{self.practice}/control/activities/{self.activity['number']}", values, method="PUT")

    def teacher_sees(self) -> Page:
        """Return the teacher's page of the activity."""
        return self._open_activity(self._sign_in("teacher"))

    def teacher_presses(self, page: Page) -> Page:
        """Send the score of this learner again from the teacher's page."""
        return self.robots["teacher"].submit(page.form("/again"))

    def launch(self) -> Page:
        """Open the activity as this learner; return whatever stands there."""
        robot = self._sign_in("learner-1")
        frame = robot.get(self.activity["page_url"])
        return robot.submit(robot.submit(self._login_form(robot, frame)).form("/lti/launch"))

    def _sign_in(self, who: str) -> Robot:
        robot = self.robots[who]
        robot.post(f"{self.practice}/sign-in", {"person": self.key if who == "learner-1" else who})
        return robot


class Room:
    """A running stack, and a look into the tool's database."""

    def __init__(self, running: Stack) -> None:
        self.running = running
        self.app = create_app(running.settings)

    @contextmanager
    def look(self) -> Iterator[None]:
        """Look into the tool's database beside it."""
        with self.app.app_context():
            yield
            db.session.remove()

    def quiet(self) -> bool:
        """Whether nothing waits for delivery."""
        with self.look():
            return db.session.scalar(select(func.count()).where(*WAITING)) == 0

    def leave(self) -> None:
        """Close the connections."""
        with self.app.app_context():
            close_connections()


@pytest.fixture(scope="session")
def one_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with stack(tmp_path_factory.mktemp("faults")) as running:
        for campus in CAMPUSES:
            Story(running, campus).teacher_adds()
        room = Room(running)
        yield room
        room.leave()


@pytest.fixture
def room(one_room: Room) -> Iterator[Room]:
    """The shared stack, with everything as it should be before and after."""
    yield one_room
    for campus in CAMPUSES:
        switch(one_room.running, campus)
