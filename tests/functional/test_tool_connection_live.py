"""The connection test over real HTTP, on both campuses of the practice LMS: each line passes, and each can fail."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_mcred.cli import main
from lti_mcred.settings import as_environment
from lti_mcred.trial.demo import Stack
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.story import Story
from tests.stacks import stack

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("connection")]
CAMPUSES = ("canvas", "moodle")
# In what state each line is on a campus where all is well. Only Canvas has a test user; nobody used every place there.
WELL = {
    "The address of this tool": "not yet",
    "The keys of the LMS": "pass",
    "The LMS lets us in": "pass",
    "Rights": "pass",
    "The class list": "pass",
    "A grade column made and removed": "pass",
    "A score for the test user": {"canvas": "pass", "moodle": "not yet"},
    "Where the LMS opens this tool": "not yet",
}
COLUMN, SCORE = "A grade column made and removed", "A score for the test user"
NO_TOKEN = dict.fromkeys(("Rights", "The class list", COLUMN, SCORE), "not yet")
NO_COLUMN = {COLUMN: "FAILED", SCORE: "not yet"}
# Fault of the campus -> lines that change by it.
FAULTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "keys gone": ({"refuse_keys": "gone"}, {"The keys of the LMS": "FAILED"}),
    "keys empty": ({"refuse_keys": "empty"}, {"The keys of the LMS": "FAILED"}),
    "client refused": ({"refuse_token": "client"}, {"The LMS lets us in": "FAILED", **NO_TOKEN}),
    "no rights": ({"withhold": "all"}, {"The LMS lets us in": "FAILED", **NO_TOKEN}),
    "no class list": ({"withhold": "roster"}, {"Rights": "FAILED", "The class list": "not yet"}),
    "no grades": (
        {"withhold": "grades"},
        {"Rights": "FAILED", COLUMN: "not yet", SCORE: "not yet"},
    ),
    "class list refused": ({"refuse_roster": "403"}, {"The class list": "FAILED"}),
    "columns refused": ({"refuse_columns": "403"}, NO_COLUMN),
    "columns not there": ({"refuse_columns": "404"}, NO_COLUMN),
    "column stays": ({"refuse_columns": "removal"}, {"A grade column made and removed": "FAILED"}),
}


class Campuses:
    """Both processes, with an activity on each campus that a learner has opened, and on Canvas the test user."""

    def __init__(self, running: Stack) -> None:
        self.running = running
        self.stories = {campus: self._walk(campus) for campus in CAMPUSES}

    def _walk(self, campus: str) -> Story:
        story = Story(self.running, campus)
        story.robots["test-student"] = Robot()
        for step in (story.teacher_adds, story.columns_stand, story.learner_starts):
            step()
        if campus == "canvas":
            story._open_activity(story._sign_in("test-student"))
        return story

    def cli(self, *words: str) -> Result:
        """Run a command on this installation."""
        return CliRunner().invoke(main, words, env=as_environment(self.running.settings))

    def platform_id(self, campus: str) -> str:
        """The campus's id in the tool."""
        lines = self.cli("platforms", "list").output.splitlines()
        return next(line.split()[0] for line in lines if line.endswith(f"/{campus}"))

    def test(self, campus: str) -> tuple[dict[str, str], Result]:
        """Test the connection; return title -> state, and what the command printed."""
        answer = self.cli("platforms", "test", self.platform_id(campus))
        rows = re.findall(r"^  (pass|not yet|FAILED) +([^:]+): ", answer.output, re.MULTILINE)
        return {title: state for state, title in rows}, answer

    def faults(self, campus: str, wanted: dict[str, Any] | None) -> None:
        """Let the campus refuse, or behave again."""
        url = f"{self.running.practice}/{campus}/control/faults"
        assert Robot().put_json(url, wanted or {}, "PUT" if wanted else "DELETE").status == 200


@pytest.fixture(scope="module")
def campuses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campuses]:
    data: Path = tmp_path_factory.mktemp("connection")
    with stack(data) as running:
        yield Campuses(running)


def well(campus: str) -> dict[str, str]:
    """The states when all is well on the campus."""
    return {title: state if isinstance(state, str) else state[campus] for title, state in WELL.items()}


@pytest.mark.parametrize("campus", CAMPUSES)
def test_all_is_well_and_nothing_stays_behind(campuses: Campuses, campus: str) -> None:
    before = campuses.stories[campus]._courses()[0]["line_items"]

    lines, answer = campuses.test(campus)

    assert lines == well(campus), answer.output
    assert answer.exit_code == 0
    assert campuses.stories[campus]._courses()[0]["line_items"] == before


@pytest.mark.parametrize("campus", CAMPUSES)
@pytest.mark.parametrize("name", FAULTS)
def test_what_the_campus_refuses_is_found_by_its_line(campuses: Campuses, campus: str, name: str) -> None:
    fault, changed = FAULTS[name]
    campuses.faults(campus, fault)
    try:
        lines, answer = campuses.test(campus)
    finally:
        campuses.faults(campus, None)

    assert lines == {**well(campus), **changed}, answer.output
    assert answer.exit_code == 1
    assert "Who can cure it: The " in answer.output


def test_a_score_that_canvas_refuses_is_found(campuses: Campuses) -> None:
    campuses.faults("canvas", {"refuse_scores": "yes"})
    try:
        lines, answer = campuses.test("canvas")
    finally:
        campuses.faults("canvas", None)

    assert lines == {**well("canvas"), "A score for the test user": "FAILED"}
    assert "Canvas does not know this person as a student" in answer.output
    assert "For support: 422 User not found in course" in answer.output


def test_scores_go_to_the_test_user_and_never_to_a_learner(campuses: Campuses) -> None:
    story = campuses.stories["canvas"]
    campuses.test("canvas")

    posts = [row for row in story._json("/control/requests?path=/scores") if row["method"] == "POST"]
    test_user = next(one["sub"] for one in story._json("/control/people") if one["role"] == "test")
    assert posts
    assert {json.loads(row["body"])["userId"] for row in posts} == {test_user}


@pytest.mark.parametrize("campus", CAMPUSES)
def test_the_operator_sees_what_launches_were_granted(campuses: Campuses, campus: str) -> None:
    shown = campuses.cli("platforms", "show", campuses.platform_id(campus)).output

    assert "https://purl.imsglobal.org/spec/lti-ags/scope/score" in shown
    assert "Messages" in shown
    assert "LtiDeepLinkingRequest" in shown


def test_a_platform_or_deployment_that_is_not_there_is_said(campuses: Campuses) -> None:
    nobody = campuses.cli("platforms", "test", "none")
    assert (nobody.exit_code, "no platform 'none'" in nobody.output) == (1, True)
    other = campuses.cli("platforms", "test", campuses.platform_id("canvas"), "--deployment", "other")
    assert (other.exit_code, "has no deployment 'other'" in other.output) == (1, True)
