"""A typed grade on both campuses of the practice LMS, over real HTTP: kept, shown, and replaced only when asked."""

from pathlib import Path
from typing import Any

import pytest

from lti_mcred.trial.story import Story
from tests.stacks import stack

pytestmark = pytest.mark.live
CAMPUSES = {
    # Canvas writes our score over the typed one; Moodle answers 200 and keeps the override.
    "canvas": (5.0, "Sent"),
    "moodle": (2.0, "still shows the grade that was typed there"),
}


def _score(story: Story) -> float:
    return float(_cell(story)["score"])


def _cell(story: Story) -> dict[str, Any]:
    cells = story._json("/control/gradebook")
    found: dict[str, Any] = next(cell for cell in cells if cell["person"] == "learner-1")
    return found


def _panel(story: Story) -> str:
    page = story._open_activity(story.robots["teacher"])
    return str(page.text.partition("Last scores sent")[2])


@pytest.mark.parametrize("campus", CAMPUSES)
def test_a_typed_grade_is_kept_until_the_teacher_sends_ours(campus: str, tmp_path: Path) -> None:
    with stack(tmp_path) as running:
        story = Story(running, campus)
        for step in (story.teacher_adds, story.columns_stand, story.learner_starts, story.learner_collects):
            step()
        story.learner_submits()
        story.assessor_judges("not_yet")
        story.score_arrives("not_yet")
        item = _cell(story)["line_item_number"]
        teacher = story.robots["teacher"]
        typed = teacher.put_json(
            f"{story.practice}/control/grades", {"person": "learner-1", "line_item": item, "score": 2}
        )
        assert typed.status == 200
        story.learner_revises()
        story.assessor_judges("earned")
        story._wait(lambda: _panel(story) if "Your grade was kept" in _panel(story) else None, "the kept grade")
        assert _score(story) == 2.0
        assert "The gradebook shows 2 of 5; ours is 5 of 5." in _panel(story)
        teacher.submit(story._open_activity(teacher).form("/again"))
        wanted, words = CAMPUSES[campus]
        story._wait(lambda: "seen" if words in _panel(story)[:400] else None, words)
        assert _score(story) == wanted
