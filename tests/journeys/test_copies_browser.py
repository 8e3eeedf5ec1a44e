"""A course copied for the next term, in a real browser: who must do what, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame

from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.work import JOB_HAZARD
from tests.copies_helpers import OTHER, Term
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import Walk, at, expect, shown
from tests.stacks import stack

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A pair of processes of its own: its courses grow in number."""
    with stack(tmp_path_factory.mktemp("copied")) as found:
        yield found


class NewTerm(Walk):
    """A walk in the course that the term is in now."""

    term: Term

    def course(self) -> None:
        self.page.goto(f"{self.practice}/courses/{self.term.course}")

    def look_twice(self, name: str, frame: Frame | None = None) -> None:
        """Look at a page on a phone and on a desk."""
        for viewport in (PHONE, DESK):
            self.page.set_viewport_size(viewport)
            if frame:
                shown(frame)
            self.look(name, frame)


def _last_term(running: Stack, campus: str) -> Term:
    term = Term(running, campus)
    term.teacher_adds()
    term.columns_stand()
    term.hands_in()
    term.assessor_judges("earned")
    term.settles()
    term.badge_is_valid()
    return term


@pytest.mark.parametrize("campus", CAMPUSES)
@pytest.mark.xdist_group("copies")
def test_a_teacher_takes_a_course_over_into_the_next_term(copied, profile, pictures, campus):
    term = _last_term(copied, campus)
    last, before = term.activity, term.cell()
    with profile(block_third_party=campus == "canvas", viewport=DESK) as context:
        walk = NewTerm(context, copied, campus, pictures)
        walk.term = term
        walk.become("teacher")
        walk.course()
        walk.page.get_by_text("Copy this course").click()
        walk.look_twice("practice-copy-course")
        walk.page.get_by_role("button", name="Make the copy").click()
        expect(walk.page.get_by_role("heading", level=1)).to_contain_text("next term")
        term.course = int(walk.page.url.rpartition("/")[2])
        term.activity = term.named(JOB_HAZARD)

        walk.become("learner-1")
        waiting = walk.open_activity(JOB_HAZARD)
        expect(waiting.locator("main")).to_contain_text("Your teacher comes first")
        expect(waiting.locator("main")).to_contain_text("You have earned this already")
        walk.look_twice("copied-wait", waiting)

        walk.become("teacher")
        asked = walk.open_activity(JOB_HAZARD)
        expect(asked.get_by_role("heading", level=1)).to_contain_text("Use last term's micro-credentials here?")
        walk.look_twice("copied-ask", asked)
        asked.get_by_role("button", name="Use it here").focus()
        walk.page.keyboard.press("Enter")
        at(asked, "*/copied/done")
        walk.look_twice("copied-done", asked)
        asked.get_by_role("link", name="Go to learners and scores").click()
        at(asked, "*/course")
        expect(asked.locator("main")).not_to_contain_text("This course was copied")

        walk.become("learner-1")
        about = walk.open_activity(JOB_HAZARD)
        expect(about.locator("main")).to_contain_text("You have earned this already")
        walk.look_twice("copied-earned-before", about)
        about.get_by_role("button", name="Start this micro-credential").first.click()
        at(about, "*/checklist")
        term.learner_collects()
        about.get_by_role("link", name="Review").first.click()
        at(about, "*/review")
        about.locator("#own_work").check()
        about.locator("[name=ai_use][value=none]").check()
        about.get_by_role("button", name="Submit for review").click()
        at(about, "*/waiting")

        term.assessor_judges("not_yet")
        walk.eventually(lambda: (term.cell() or {}).get("score") == 4.0, "4 of 5 in this term's column")
        term.activity = last
        assert term.cell() == before

        walk.become("learner-1")
        other = walk.open_activity(OTHER)
        expect(other.get_by_role("button", name="Start this micro-credential").first).to_be_visible()
        walk.no_complaints()
