"""The story: the main job played over HTTP between the tool and the practice LMS, step by step, without a browser.

It is how an installation is smoke-tested: each step says what was seen; one that did not happen ends it non-zero.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.trial.demo import DemoError, Stack, free_port, stack
from lti_mcred.trial.reading import between, checkbox_values, comment, expect, line_with, maximum, part_links, targets
from lti_mcred.trial.report import Report
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.walk import Walk
from lti_mcred.trial.work import JOB_HAZARD, WORK, Evidence


def run(campuses: list[str], keep: Path | None) -> int:
    """Play the story on each campus with a stack of its own; return the exit status."""
    report = Report()
    print("Starting the tool and a practice LMS …", flush=True)
    try:
        with _folder(keep) as data, stack(data, *_ports(), lambda line: print(f"  {line}", flush=True)) as running:
            print(f"\n  {'step':61} {'time':>8}  what was seen", flush=True)
            for campus in campuses:
                play(running, campus, report)
    except DemoError as error:
        print(error)
        return 1
    done = sum(line.happened for line in report.lines)
    print(f"\n{done} of {len(report.lines)} steps happened." + ("" if report.happened else " The story broke off."))
    return 0 if report.happened else 1


def play(running: Stack, campus: str, report: Report) -> bool:
    """Play the story on one campus; stop at the first step that does not happen."""
    story = Story(running, campus)
    return all(report.step(campus, what, action) for what, action in story.steps())


class Story(Walk):
    """One campus, its people, and what they do. Each step returns what was seen or raises StepFailedError."""

    def __init__(self, running: Stack, campus: str) -> None:
        super().__init__(running, campus)
        self.receipt = ""
        self.badge_url = ""
        self.credential: dict[str, Any] = {}

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps in order."""
        return [
            ("The teacher adds two micro-credentials", self.teacher_adds),
            ("Each has a grade column", self.columns_stand),
            ("The learner opens one and starts", self.learner_starts),
            ("What is missing cannot be handed in", self.incomplete_is_refused),
            ("She collects text and files", self.learner_collects),
            ("She reviews, attests, submits, gets a receipt", self.learner_submits),
            ("A teacher does not see the assessors' queue", self.teacher_sees_no_queue),
            ("The assessor judges: one criterion not yet", lambda: self.assessor_judges("not_yet")),
            ("Score and comment arrive in the gradebook", lambda: self.score_arrives("not_yet")),
            ("The learner revises only what is not met", self.learner_revises),
            ("The assessor judges: all met", lambda: self.assessor_judges("earned")),
            ("The new score arrives", lambda: self.score_arrives("earned")),
            ("The teacher reviews it from the gradebook", self.teacher_reviews),
            ("The badge is issued and its page says valid", self.badge_is_valid),
            ("The badge as JSON holds levels, status and proof", self.badge_as_json),
            ("The picture carries the badge", self.badge_in_picture),
            ("A changed copy is refused", self.changed_copy_is_refused),
            ("A second launch is a new visit on the same work", self.learner_returns),
            ("A replayed launch is refused kindly", self.replay_is_refused),
        ]

    # Teacher ------------------------------------------------------------------------------------------------------

    def teacher_adds(self) -> str:
        """Choose two of the three examples in the picker, and save them where the LMS asks for it; say their titles."""
        robot = self._sign_in("teacher")
        self.learner = next(one for one in self._json("/control/people") if one["key"] == "learner-1")
        self.course = self._courses()[0]["number"]
        frame = robot.get(f"{self.practice}/courses/{self.course}/add")
        picker = self._enter(robot, frame)
        choices = checkbox_values(picker, "version")
        expect(len(choices) == 3, f"three micro-credentials offered, saw {len(choices)}: {picker.text[:200]}")
        confirm = robot.submit(picker.form("/picker"), version=self._two(picker))
        back = robot.submit(confirm.form("/picker/add"))
        done = self._hand_over(robot, back)
        if "selections" in done.html:  # nothing exists until the teacher saves
            target = next(href for href in targets(done) if "/selections/" in href)
            robot.submit(robot.get(target).form("/selections/"), do="save")
        titles = [activity["title"] for activity in self._courses()[0]["activities"]]
        expect(len(titles) == 2, f"two activities in the course, saw {titles}")
        return " + ".join(titles)

    def columns_stand(self) -> str:
        """Expect a grade column for each activity, in the LMS's own gradebook; say their maxima."""
        course = self._courses()[0]
        items = course["line_items"]
        expect(len(items) == 2, f"two grade columns, saw {len(items)}")
        self.activity = next(one for one in course["activities"] if one["title"] == JOB_HAZARD)
        return ", ".join(f"{item['label']}: {maximum(item):g} points" for item in items)

    def teacher_sees_no_queue(self) -> str:
        """Expect a 403 at the assessors' desk for a teacher, whose own list shows the learner all the same."""
        robot = self.robots["teacher"]
        page = self._open_activity(robot)
        desk = robot.get(page.url.split("/v/")[0] + "/v/" + page.url.split("/v/")[1].split("/")[0] + "/assess")
        expect(desk.status == 403, f"403, saw {desk.status}")
        expect(self.learner["name"] in page.text, f"the learner in the teacher's list, saw {page.text[:300]}")
        return "403 at the desk; her own list shows the learner as submitted"

    def teacher_reviews(self) -> str:
        """Open the learner's work as the LMS does: Submission Review in Moodle, the handed-in address in Canvas."""
        robot = self.robots["teacher"]
        frame = robot.get(f"{self.activity['page_url']}/review/learner-1")
        page = self._enter(robot, frame)
        expect("/course/feedback/" in page.url, f"the released feedback, saw {page.url} {page.text[:300]}")
        return line_with(page, "criteria")

    # Learner ------------------------------------------------------------------------------------------------------

    def learner_starts(self) -> str:
        """Open the activity and start; say how many parts are to be handed in."""
        robot = self._sign_in("learner-1")
        about = self._open_activity(robot)
        expect("12" in about.text and "Start" in about.text, f"the about page, saw {about.text[:200]}")
        checklist = robot.submit(about.form("/start"))
        expect(checklist.status == 200, f"the checklist, saw {checklist.status}")
        return f"{len(part_links(checklist))} parts to hand in"

    def incomplete_is_refused(self) -> str:
        """Submit before anything is there: expect a 422 that lists what is missing."""
        robot = self.robots["learner-1"]
        review = self._review(robot)
        page = robot.submit(review.form("/submit"), own_work="1", ai_use="none")
        expect(page.status == 422, f"422 with what is missing, saw {page.status}")
        return "422: " + line_with(page, "things are missing")

    def learner_collects(self) -> str:
        """Fill every part with text, files or a link, and expect the checklist to call each ready."""
        robot = self.robots["learner-1"]
        checklist = robot.get(f"{self._visit(robot)}/work/checklist")
        links = part_links(checklist)
        for part_id, evidence in WORK.items():
            self._fill(robot, links[part_id], evidence)
        ready = robot.get(f"{self._visit(robot)}/work/checklist")
        count = ready.text.count("Ready")
        expect(count >= len(WORK), f"{len(WORK)} parts ready, saw {count}: {ready.text[:600]}")
        files = sum(len(evidence.files) for evidence in WORK.values())
        linked = sum(bool(evidence.link) for evidence in WORK.values())
        return f"{len(WORK)} parts ready, {files} files, {linked} link"

    def learner_submits(self) -> str:
        """Attest and submit; keep the receipt that the page shows."""
        robot = self.robots["learner-1"]
        review = self._review(robot)
        page = robot.submit(review.form("/submit"), own_work="1", ai_use="wording")
        expect(page.status == 200 and "/waiting" in page.url, f"the receipt, saw {page.status} {page.text[:500]}")
        self.receipt = between(page.html, "<code", "</code>")
        return f"receipt {self.receipt}"

    def learner_revises(self) -> str:
        """Read the decision, change the one part that is open again, and submit once more."""
        robot = self.robots["learner-1"]
        decision = self._open_activity(robot)
        expect("4 of 5" in decision.text, f"4 of 5 criteria met, saw {decision.text[:400]}")
        expect("Say how the crew showed" in decision.text, "the assessor's comment")
        checklist = robot.submit(decision.form("/revise"))
        open_parts = {part for part, link in part_links(checklist).items() if "/parts/" in link}
        expect("A3" in open_parts, f"the briefing open for revision, saw {sorted(open_parts)}")
        self._fill(robot, part_links(checklist)["A3"], Evidence(text=WORK["A3"].text + " Each showed it back to me."))
        review = self._review(robot)
        page = robot.submit(
            review.form("/submit"), own_work="1", ai_use="none", what_changed="The check for understanding."
        )
        expect("/waiting" in page.url, f"the receipt, saw {page.status} {page.text[:500]}")
        return f"open again: {', '.join(sorted(open_parts))}"

    def learner_returns(self) -> str:
        """Launch again after the award: expect the page of the badge, not a new start."""
        page = self._open_activity(self.robots["learner-1"])
        expect("Earned" in page.text or "earned" in page.text, f"her earned badge, saw {page.text[:300]}")
        return f"her badge, at {urlsplit(page.url).path.rpartition('/')[2]}"

    def replay_is_refused(self) -> str:
        """Post one launch twice: expect a page the first time, and words instead of a stack trace the second."""
        robot = self.robots["learner-1"]
        login = self._login_form(robot, robot.get(self.activity["page_url"]))
        handover = robot.submit(login)
        form = handover.form("/lti/launch")
        first, again = robot.submit(form), robot.submit(form)
        expect(first.status == 200, f"the first launch to open, saw {first.status}")
        expect(400 <= again.status < 500, f"a refusal, saw {again.status}")
        return f"{again.status}: {line_with(again, 'again from your course')}"

    # Assessor -----------------------------------------------------------------------------------------------------

    def assessor_judges(self, outcome: str) -> str:
        """Score every open criterion without seeing a name; with `outcome` "not_yet" criterion C4 is not met."""
        robot = self._sign_in("assessor")
        menu = self._courses()[0]["menu"][0]
        desk = self._enter(robot, robot.get(menu["page_url"]))
        scoring = robot.submit(desk.form("/assess/take"))
        expect(self.learner["family_name"] not in scoring.html, "no name of a person")
        form = scoring.form("/assess/")
        values: dict[str, str] = {"then": "finish"}
        open_criteria = sorted({name.removeprefix("comment_") for name in form.fields if name.startswith("comment_")})
        for criterion in open_criteria:
            below = outcome == "not_yet" and criterion == "C4"
            values[f"level_{criterion}"] = "developing" if below else "demonstrated"
            values[f"comment_{criterion}"] = "Say how the crew showed that they understood." if below else "Clear."
        finish = robot.submit(form, **values)
        done = robot.submit(finish.form("/submit"))
        expect(done.status == 200, f"the finish, saw {done.status} {done.text[:300]}")
        return f"judged: {', '.join(open_criteria)}"

    # Gradebook ----------------------------------------------------------------------------------------------------

    def score_arrives(self, outcome: str) -> str:
        """Wait until the LMS's gradebook holds 4 points ("not_yet") or 5, and say the comment beside them."""
        wanted = 4.0 if outcome == "not_yet" else 5.0

        def look() -> str | None:
            for cell in self._json("/control/gradebook"):
                if cell["person"] == "learner-1" and cell["score"] == wanted:
                    return f"{cell['score']:g} of {cell['maximum']:g}: {comment(cell)}"
            return None

        return self._wait(look, f"a score of {wanted:g} in the gradebook")

    # Badge --------------------------------------------------------------------------------------------------------

    def badge_is_valid(self) -> str:
        """Wait for the badge, and open its public page as a stranger: valid, and without the learner's name."""
        robot = self.robots["learner-1"]

        def look() -> str | None:
            page = self._open_activity(robot)
            found = [href for href, _words in page.links if "/credentials/" in href]
            found += [part for part in page.html.split('"') if "/credentials/" in part and part.startswith("http")]
            return found[0].removesuffix(".json").removesuffix("/badge.png") if found else None

        self.badge_url = self._wait(look, "a badge on the learner's page")
        page = Robot().get(self.badge_url)
        expect(page.status == 200 and "Valid" in page.text, f"a page that says valid, saw {page.text[:300]}")
        expect(self.learner["family_name"] not in page.html, "no name, because the learner has not chosen to show it")
        return f"{page.url}: valid, no name shown"

    def badge_as_json(self) -> str:
        """Fetch the credential as a verifier does: five levels, an eddsa-rdfc-2022 proof, a status list."""
        answer = Robot().get(self.badge_url, Accept="application/vc")
        self.credential = answer.json()
        subject = self.credential["credentialSubject"]
        proof = self.credential["proof"][0]
        expect(proof["cryptosuite"] == "eddsa-rdfc-2022", f"an eddsa-rdfc-2022 proof, saw {proof}")
        levels = [result for result in subject["result"] if "achievedLevel" in result]
        expect(len(levels) == 5, f"five levels reached, saw {len(levels)}")
        status = Robot().get(self.credential["credentialStatus"]["statusListCredential"], Accept="application/vc")
        expect("BitstringStatusListCredential" in status.json()["type"], "a status list")
        return f"{self.credential['issuer']['id']}, {len(levels)} levels, status entry"

    def badge_in_picture(self) -> str:
        """Fetch the PNG, and expect our own verifier to find a valid badge in it."""
        picture = Robot().get(f"{self.badge_url}/badge.png")
        expect(picture.body.startswith(b"\x89PNG") and b"openbadgecredential" in picture.body, "a baked PNG")
        page = self._verify("badge.png", picture.body)
        expect("Valid" in page.text, f"valid, saw {page.text[:300]}")
        return f"{len(picture.body) // 1024} kB PNG, checked by /verify"

    def changed_copy_is_refused(self) -> str:
        """Change the achievement's name in a copy, and expect our own verifier to say what is wrong."""
        changed = json.loads(json.dumps(self.credential))
        changed["credentialSubject"]["achievement"]["name"] = "Doctor of Everything"
        page = self._verify("changed.json", json.dumps(changed).encode())
        expect("Valid today" not in page.text, "no word of valid")
        return line_with(page, "changed", "does not fit", "tampered", "not valid")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    folder = keep or Path(tempfile.mkdtemp(prefix="lti-mcred-story-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _ports() -> tuple[int, int]:
    first = free_port(18000)
    return first, free_port(first + 1)
