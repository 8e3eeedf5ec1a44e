"""A visit as browsers treat it: reload, back, a launch that is used up, and an hour that passes while one types."""

import pytest

from lti_mcred.trial.demo import CAMPUSES
from lti_mcred.trial.story import Story
from lti_mcred.trial.work import JOB_HAZARD
from tests.journeys.conftest import PHONE
from tests.journeys.people import enrol
from tests.journeys.walk import Walk, at, enter, expect, shown
from tests.stacks import stack

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("no cookies")]
THIRD = "Redesigning an Assignment for Transparency"
IDLE_SECONDS = 4


@pytest.mark.parametrize(("campus", "block"), [("canvas", False), ("moodle", True)])
def test_a_teacher_adds_and_a_learner_starts_on_a_phone(stage, newcomer, profile, tmp_path, campus, block):
    with profile(block_third_party=block, storage=True, viewport=PHONE) as context:
        walk = Walk(context, stage, campus, tmp_path)
        walk.become("teacher")
        walk.course()
        before = walk.page.get_by_role("link", name=THIRD).count()
        walk.page.locator("#add-activity").click()
        picker = walk.tool()
        picker.get_by_label(THIRD).check()
        picker.get_by_role("button", name="Check what will be added").click()
        expect(picker.get_by_role("heading", level=1)).to_contain_text("Add this")
        walk.look("confirm-one", picker)
        if before:
            picker.get_by_label("Add it once more").check()
        picker.get_by_role("button", name="Add to the course").click()
        if campus == "moodle":
            at(walk.page, "*/selections/*")
            walk.page.get_by_role("button", name="Save and return to course").click()
        at(walk.page, "*/courses/*")
        expect(walk.page.get_by_role("link", name=THIRD)).to_have_count(before + 1)

        walk.become(newcomer(campus))
        work = walk.open_activity(THIRD)
        # Moodle's frame keeps its height, and the button stays at its foot; Canvas's grows, and it stands above too.
        start = work.get_by_role("button", name="Start this micro-credential")
        expect(start).to_have_count(2 if campus == "canvas" else 1)
        start.first.click()
        at(work, "*/checklist")
        walk.look("started", work)
        walk.no_complaints()


@pytest.mark.parametrize("campus", CAMPUSES)
def test_reload_works_and_a_used_launch_says_what_to_do(stage, newcomer, profile, tmp_path, campus):
    with profile(block_third_party=False, storage=True) as context:
        walk = Walk(context, stage, campus, tmp_path)
        launches = []
        context.on("request", lambda sent: launches.append(sent) if sent.url.endswith("/lti/launch") else None)
        walk.become(newcomer(campus))
        work = walk.open_activity(JOB_HAZARD)
        first = work.url
        work.evaluate("location.reload()")
        at(work, first)
        walk.page.reload()
        again = walk.tool()
        assert again.url != first, "the LMS launches anew, into a visit of its own"

        walk.page.goto(f"{walk.practice}/")
        walk.page.evaluate("history.back()")  # from the campus to the activity, which may ask the LMS for a new launch
        shown(walk.frame())

        page = context.new_page()
        page.goto(f"{stage.tool}/healthz")
        page.set_content(
            f'<form method="post" action="{stage.tool}/lti/launch"><input name="id_token"><input name="state"></form>'
        )
        sent = launches[-1].post_data_json
        page.evaluate(
            "([a, b]) => { document.forms[0].id_token.value = a; document.forms[0].state.value = b;"
            " document.forms[0].submit(); }",
            [sent["id_token"], sent["state"]],
        )
        at(page, "*/lti/launch")
        expect(page.get_by_role("heading", level=1)).to_have_text("Please open this again from your course")
        walk.no_complaints()


def test_what_is_typed_after_the_visit_has_ended_comes_back_with_the_next_launch(profile, tmp_path):
    changes = {"visit_idle_seconds": IDLE_SECONDS}
    with stack(tmp_path / "stack", **changes) as running:
        Story(running, "canvas").teacher_adds()
        with profile(block_third_party=True, storage=True) as context:
            walk = Walk(context, running, "canvas", tmp_path)
            walk.become(enrol(running, "canvas"))
            work = walk.open_activity(JOB_HAZARD)
            work.get_by_role("button", name="Start this micro-credential").first.click()
            at(work, "*/checklist")
            work.locator('a[href$="/parts/site"]').first.click()
            at(work, "*/parts/site")
            walk.eventually(lambda: _ended(walk, work.url), "the end of the visit")
            work.locator("textarea#text").fill("Typed after the end.")
            expect(work.locator("[data-save-text]")).to_contain_text("What you saved is kept", timeout=15_000)
            expect(work.locator("textarea#text")).to_have_value("Typed after the end.")
            enter(work.get_by_role("button", name="Save and go to the list").first)
            expect(work.get_by_role("heading", level=1)).to_contain_text("open for too long")

            next_one = walk.open_activity(JOB_HAZARD)
            next_one.locator('a[href$="/parts/site"]').first.click()
            at(next_one, "*/parts/site")
            expect(next_one.locator("textarea#text")).to_have_value("Typed after the end.")
            expect(next_one.locator("[data-save-text]")).to_contain_text("Draft saved", timeout=15_000)


def _ended(walk: Walk, url: str) -> bool:
    """Ask as somebody without proof: an ended visit answers 401, a living one with its shell."""
    return walk.page.context.request.get(url, headers={"Accept": "text/html"}).status == 401
