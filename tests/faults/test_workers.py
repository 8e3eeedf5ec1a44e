"""Several web processes and workers on PostgreSQL: one post for each decision, one award, whoever dies in between."""

import os
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import func, make_url, select, text

from lti_mcred.badges.models import Award
from lti_mcred.engine.db import db, new_id
from lti_mcred.outbox import OutboxRow
from lti_mcred.trial.demo import Stack, stop_process
from lti_mcred.trial.story import Report, Story, play
from tests.faults.conftest import Newcomer, Room, until
from tests.journeys.people import switch
from tests.stacks import stack, start_worker

pytestmark = pytest.mark.postgres
LEASE_SECONDS = 6


class Workers:
    """`lti-mcred worker` processes."""

    def __init__(self, running: Stack) -> None:
        self.running, self.processes = running, []

    def start(self, count: int) -> None:
        """Start so many more."""
        for _one in range(count):
            log = self.running.data / f"worker-{len(self.processes)}.log"
            self.processes.append(start_worker(self.running.settings, log))

    def kill(self, number: int) -> None:
        """End one without a word."""
        os.killpg(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait(10)

    def stop(self) -> None:
        """End all that still run."""
        for process in self.processes:
            stop_process(process)


@pytest.fixture
def room(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Two web processes that deliver nothing, on a database of their own."""
    name = f"workers_{new_id()}"
    address = make_url(postgres_url).set(database=name)
    engine = db.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    changes = {
        "database_url": address.render_as_string(hide_password=False),
        "web_processes": 2,
        "deliver_in_serve": "no",
        "outbox_lease_seconds": LEASE_SECONDS,
    }
    with stack(tmp_path_factory.mktemp("workers"), **changes) as running:
        found = Room(running)
        yield found
        found.leave()


@pytest.fixture
def workers(room: Room) -> Iterator[Workers]:
    """Workers that end with the test."""
    found = Workers(room.running)
    yield found
    found.stop()


def _awards(room: Room) -> int:
    with room.look():
        return db.session.scalar(select(func.count()).select_from(Award)) or 0


def _holders(room: Room) -> dict[str, str]:
    """Return topic -> claim of what is being delivered."""
    with room.look():
        query = select(OutboxRow).where(OutboxRow.state == "waiting", OutboxRow.claimed_until.is_not(None))
        return {row.topic: row.claim or "" for row in db.session.scalars(query)}


def test_the_whole_story_with_two_web_processes_and_two_workers(room, workers):
    workers.start(2)
    report = Report()
    for campus in ("canvas", "moodle"):
        assert play(room.running, campus, report), report.lines[-1]
        until(room.quiet, "the end of all deliveries")
        story = Story(room.running, campus)
        scores = [one for one in story._json("/control/requests?path=/scores") if '"FullyGraded"' in one["body"]]
        assert [one["status"] // 100 for one in scores] == [2, 2], "one post for each of two decisions"
    assert _awards(room) == 2
    assert [process.poll() for process in workers.processes] == [None, None]


def test_a_worker_killed_while_the_lms_takes_the_score_leaves_one_score(room, workers):
    before = _awards(room)
    if not Story(room.running, "canvas")._courses()[0]["activities"]:
        Story(room.running, "canvas").teacher_adds()
    workers.start(1)
    learner = Newcomer(room, "canvas").hand_in()
    learner.faults(match="/scores", slow_ms=4000)
    learner.assessor_judges("earned")
    until(lambda: "score.send" in _holders(room), "the first try")
    workers.kill(0)
    assert "score.send" in _holders(room), "the lease outlives the worker"
    switch(room.running, "canvas")
    workers.start(2)
    until(room.quiet, "delivery by another worker")
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    assert len({post["body"] for post in learner.posts()}) == 1
    assert (learner.cell()["attempt"], _awards(room) - before) == (1, 1)
