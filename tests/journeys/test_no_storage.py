"""A frame whose browser denies storage but keeps the tool's cookie: work goes on, each page opens at its heading."""

import pytest

from lti_mcred.trial.work import JOB_HAZARD, WORK
from tests.journeys.conftest import PHONE
from tests.journeys.test_evidence_one_page import DENIED
from tests.journeys.walk import Walk, at, enter, expect, shown

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("stage")]


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
@pytest.mark.parametrize("how", ["denied", "forgetful"])
def test_each_page_opens_at_its_heading_where_storage_is_denied(stage, newcomer, profile, tmp_path, campus, how):
    with profile(block_third_party=False, viewport=PHONE) as context:
        context.add_init_script(f"if (location.origin === {stage.tool!r}) {{ {DENIED[how]} }}")
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        work = walk.open_activity(JOB_HAZARD)
        enter(work.get_by_role("button", name="Start this micro-credential").last)
        at(work, "*/checklist")
        expect(work.locator("h1")).to_be_in_viewport()
        enter(work.locator('a[href$="/parts/site"]').first)
        at(work, "*/parts/site")
        expect(work.locator("h1")).to_be_in_viewport()
        work.locator("textarea#text").fill(WORK["site"].text)
        for name, reached in (
            ("Save and go to the next part", "*/parts/why"),
            ("Save and go to the list", "*/checklist"),
        ):
            enter(work.get_by_role("button", name=name))
            at(work, reached)
            shown(work)
            expect(work.locator("h1")).to_be_in_viewport()
        expect(work.locator(".check-row").first).to_contain_text("Ready")
        walk.no_complaints()
