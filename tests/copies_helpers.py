"""The story's people in a course that is copied for the next term."""

from typing import Any

from lti_mcred.trial.robot import Page
from lti_mcred.trial.story import Story
from lti_mcred.trial.work import JOB_HAZARD

OTHER = "Regrouping from Exit Tickets"


class Term(Story):
    """One campus; `course` and `activity` are those of the present term."""

    def hands_in(self) -> None:
        for step in (self.learner_starts, self.learner_collects, self.learner_submits):
            step()

    def copies(self) -> None:
        """The teacher copies the course by the button of her page; everybody goes on in the copy."""
        teacher = self.robots["teacher"]
        page = teacher.get(f"{self.practice}/courses/{self.course}")
        made = teacher.submit(page.form("copy-course"))
        assert made.status == 200
        self.course = int(made.url.rpartition("/")[2])
        self.activity = self.named(JOB_HAZARD)

    def here(self) -> dict[str, Any]:
        return next(one for one in self._courses() if one["number"] == self.course)

    def named(self, title: str) -> dict[str, Any]:
        return next(one for one in self.here()["activities"] if one["title"] == title)

    def opens(self, who: str, title: str = JOB_HAZARD) -> Page:
        robot = self.robots[who]
        return self._enter(robot, robot.get(self.named(title)["page_url"]))

    def confirms(self) -> Page:
        asked = self.opens("teacher")
        return self.robots["teacher"].submit(asked.form("take-over"))

    def cell(self) -> dict[str, Any] | None:
        """What the gradebook holds for the learner in the course's own column."""
        columns = self.activity["line_items"]
        cells = self._json("/control/gradebook")
        mine = (one for one in cells if one["person"] == "learner-1" and one["line_item_number"] in columns)
        return next(mine, None)

    def settles(self) -> None:
        self._wait(lambda: "seen" if (cell := self.cell()) and cell["score"] is not None else None, "a score")
