"""Ways through the practice LMS and the tool that several steps of the story take."""

import time
from collections.abc import Callable
from typing import Any

from lti_mcred.trial.demo import Stack
from lti_mcred.trial.reading import StepFailedError, absolute, attribute, between, checkbox_values, expect, label
from lti_mcred.trial.robot import Form, Page, Robot
from lti_mcred.trial.work import JOB_HAZARD, Evidence

_PATIENCE_SECONDS = 30


class Walk:
    """One campus, its people as small browsers, and how they get about."""

    def __init__(self, running: Stack, campus: str) -> None:
        self.practice, self.tool, self.campus = f"{running.practice}/{campus}", running.tool, campus
        self.robots = {who: Robot() for who in ("teacher", "learner-1", "assessor")}
        self.course = 0
        self.learner: dict[str, str] = {}
        self.activity: dict[str, Any] = {}

    def _sign_in(self, who: str) -> Robot:
        robot = self.robots[who]
        page = robot.post(f"{self.practice}/sign-in", {"person": who})
        expect(page.status == 200, f"{who} signed in, saw {page.status}")
        return robot

    def _open_activity(self, robot: Robot) -> Page:
        return self._enter(robot, robot.get(self.activity["page_url"]))

    def _enter(self, robot: Robot, frame: Page) -> Page:
        """Walk a launch: the LMS's frame, its login form, its id_token form, our first page."""
        handover = robot.submit(self._login_form(robot, frame))
        page = robot.submit(handover.form("/lti/launch"))
        expect(page.status == 200 and "/v/" in page.url, f"a page of the tool, saw {page.status} {page.text[:300]}")
        return page

    def _login_form(self, robot: Robot, frame: Page) -> Form:
        source = between(frame.html, 'id="tool-frame"', ">")
        return robot.get(absolute(frame.url, attribute(source, "src"))).form("/lti/login")

    def _hand_over(self, robot: Robot, page: Page) -> Page:
        """Send the signed deep-linking answer on to the LMS, as the page's script does."""
        return robot.submit(page.form(self.practice))

    def _two(self, picker: Page) -> list[str]:
        wanted = [JOB_HAZARD, "Regrouping from Exit Tickets"]
        values = checkbox_values(picker, "version")
        return [value for value in values if any(title in label(picker, value) for title in wanted)]

    def _visit(self, robot: Robot) -> str:
        return self._open_activity(robot).url.split("/work")[0]

    def _review(self, robot: Robot) -> Page:
        return robot.get(f"{self._visit(robot)}/work/review")

    def _fill(self, robot: Robot, link: str, evidence: Evidence) -> None:
        page = robot.get(link)
        for name, content in evidence.files:
            sent = robot.upload(page.form("/files"), "file", name, content)
            expect(sent.status == 200, f"{name} taken, saw {sent.status} {sent.text[:300]}")
            page = robot.get(link)
        if evidence.link:
            sent = robot.submit(page.form("/links"), url=evidence.link)
            expect(sent.status == 200 and evidence.link in sent.html, f"the link taken, saw {sent.text[:300]}")
            page = robot.get(link)
        values = {"go": "list", "others": evidence.others}
        form = page.form("part-form")
        values |= {"text": evidence.text} if "text" in form.fields else {}
        values |= {"alternative": evidence.alternative} if evidence.alternative else {}
        values = {name: value for name, value in values.items() if name != "others" or 'name="others"' in page.html}
        saved = robot.submit(form, **values)
        expect(saved.status == 200, f"{link} saved, saw {saved.status} {saved.text[:300]}")

    def _verify(self, name: str, content: bytes) -> Page:
        robot = Robot()
        return robot.upload(robot.get(f"{self.tool}/verify").form("/verify"), "file", name, content)

    def _courses(self) -> Any:
        return self._json("/control/courses")

    def _json(self, path: str) -> Any:
        return Robot().get(f"{self.practice}{path}", Accept="application/json").json()

    def _wait(self, look: Callable[[], str | None], wanted: str) -> str:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            if seen := look():
                return seen
            time.sleep(0.25)
        message = f"wanted {wanted}, nothing came within {_PATIENCE_SECONDS} s"
        raise StepFailedError(message)
