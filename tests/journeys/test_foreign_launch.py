"""Somebody else's launch, begun by a stranger's page in a learner's browser, opens nothing there.

Otherwise she would work, and hand in, under the name of whoever sent it.
"""

from urllib.parse import parse_qsl

import pytest

from lti_mcred.trial.work import JOB_HAZARD
from tests.journeys.conftest import DESK
from tests.journeys.walk import Walk, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("ladder")]
STRANGER = "http://stranger.test"
# Posts the launch into a window of its own, and plays the storage of an LMS for whoever asks.
PAGE = """<!doctype html><html lang="en"><title>A stranger</title><h1>A stranger</h1><button>Open</button>
<form method="post" action="{launch}" target="opened"></form><script>
const fields = {fields};
addEventListener("message", (event) => {{
  document.title = "asked";
  const {{ message_id, subject, key }} = event.data;
  event.source.postMessage({{ message_id, key, subject: subject + ".response", value: fields.state }}, "*");
}});
document.querySelector("button").onclick = () => {{
  window.open("about:blank", "opened");
  const form = document.forms[0];
  for (const [name, value] of Object.entries(fields)) {{
    const field = form.appendChild(document.createElement("input"));
    [field.type, field.name, field.value] = ["hidden", name, value];
  }}
  form.submit();
}};
</script>"""


def launch_kept_back(stage, profile, who: str, pictures) -> dict[str, str]:
    """What the LMS posted for `who`, and the tool never got."""
    kept: dict[str, str] = {}
    with profile(block_third_party=False, storage=True, viewport=DESK) as context:
        walk = Walk(context, stage, "moodle", pictures)
        walk.become(who)

        def keep(route) -> None:
            kept.update(parse_qsl(route.request.post_data))
            route.fulfill(body="kept")

        context.route(f"{stage.tool}/lti/launch", keep)
        walk.press(JOB_HAZARD)
        expect(walk.page.frame_locator("#tool-frame").locator("body")).to_have_text("kept")
    return kept


@pytest.mark.parametrize("target", ["elsewhere", "_parent", ""])
def test_a_stranger_s_window_does_not_prove_the_browser(stage, newcomer, profile, tmp_path, target):
    fields = launch_kept_back(stage, profile, newcomer("moodle"), tmp_path)
    fields["lti_storage_target"] = target
    with profile(block_third_party=False, storage=True, viewport=DESK) as context:
        launch = f"{stage.tool}/lti/launch"
        page = PAGE.format(launch=launch, fields=fields)
        context.route(f"{STRANGER}/", lambda route: route.fulfill(body=page, content_type="text/html"))
        confirmed: list[str] = []
        context.on("request", lambda asked: confirmed.append(asked.url) if asked.url.endswith("/confirm") else None)
        stranger = context.pages[0]
        stranger.goto(f"{STRANGER}/")

        with context.expect_page() as opening:
            stranger.get_by_role("button").click()

        opened = opening.value
        heading = opened.get_by_role("heading", level=1)
        expect(heading).to_have_text("Your browser keeps no cookies for this page", timeout=15_000)
        assert opened.url == launch
        assert confirmed == []
        assert stranger.title() == "A stranger", "it was not even asked"
