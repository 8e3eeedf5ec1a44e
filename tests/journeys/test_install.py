"""Installing the tool as a new administrator would, in each of the ways, at the width of a phone and of a desk."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Frame

from lti_mcred.tool.admin.access import make_link
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.profiles.blackboard import of_application
from lti_mcred.trial.demo import CAMPUSES, Stack, application, register
from lti_mcred.trial.robot import Robot
from tests.conformance.lms import jwk, stand_up
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import COURSE, Walk, at, expect
from tests.stacks import stack

pytestmark = pytest.mark.journey
CALLS_ITSELF = {"canvas": "Larkspur College", "moodle": "harbor"}
TABLET = {"width": 768, "height": 1024}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both processes, which do not know each other yet."""
    with stack(tmp_path_factory.mktemp("install"), campuses=()) as found:
        yield found


def sign_in(context: BrowserContext, running: Stack, campus: str, pictures) -> Walk:
    """Open the administration with a one-time link; return the operator's window."""
    with application(running.settings) as app, app.app_context():
        link = make_link()
    operator = Walk(context, running, campus, pictures)
    operator.page.goto(link)
    look(operator, "admin-enter")
    operator.page.get_by_role("button", name="Open the administration").click()
    operator.page.wait_for_url("**/admin/")
    return operator


def look(walk: Walk, name: str, frame: Frame | None = None) -> None:
    """Check a page as it stands at the width of a phone and of a desk."""
    before = walk.page.viewport_size or DESK
    for size in (PHONE, DESK):
        walk.page.set_viewport_size(size)
        walk.look(name, frame)
    walk.page.set_viewport_size(before)


def choose(operator: Walk, lms: str) -> None:
    """Go to the pages of one LMS."""
    operator.page.get_by_role("link", name="Connect an LMS").first.click()
    look(operator, "admin-connect")
    before = operator.page.viewport_size or DESK
    operator.page.set_viewport_size(TABLET)
    for title in operator.page.locator(".check-row__title").all():
        box = title.bounding_box()
        assert box
        assert box["height"] < 40, f"{title.inner_text()} takes {box['height']} px: it is broken into letters"
    operator.page.set_viewport_size(before)
    operator.page.locator(f'a[href$="/connect/{lms}"]').click()
    operator.page.wait_for_url(f"**/connect/{lms}**")


def newest_tool(lms: Walk) -> str:
    """The client id of the tool that was installed last."""
    tools = Robot().get(f"{lms.practice}/control/tools", Accept="application/json").json()
    return str(tools[-1]["client_id"])


def switch_on(lms: Walk) -> None:
    """Switch the newest tool on, in the list of installed tools."""
    lms.page.goto(f"{lms.practice}/admin/tools")
    lms.page.locator(f"#activate-{newest_tool(lms)} button").click()
    expect(lms.page.locator(f"#activate-{newest_tool(lms)}")).to_have_count(0)


def launch_as_admin(lms: Walk) -> Frame:
    """Open the administration from the LMS: in Canvas from the account menu, in Moodle from a course."""
    client_id = newest_tool(lms)
    if lms.campus == "canvas":
        lms.page.goto(f"{lms.practice}/account")
        lms.page.locator(f'a[href$="/account/tools/{client_id}"]').click()
        frame = lms.frame()
    else:
        lms.page.goto(f"{lms.practice}/courses/{COURSE['moodle']}")
        lms.page.locator(f'a[href$="/menu/{client_id}"]').click()
        frame = lms.tool()
        frame.get_by_role("link", name="Administration").click()
    at(frame, "*/v/*/admin/")
    expect(frame.get_by_role("heading", name="Your installation (deployment)")).to_be_visible()
    return frame


def press_test(frame: Frame) -> None:
    """Press the button; the report comes by itself and takes the place of the notice."""
    frame.get_by_role("button", name="Test now").click()
    section = frame.locator("section", has=frame.get_by_role("heading", name="Test of the connection"))
    expect(section.get_by_role("listitem").first).to_contain_text("The address of this tool")
    expect(section).to_contain_text("Nothing failed")
    expect(frame.locator("main")).not_to_contain_text("being tested")


def works(operator: Walk) -> None:
    """The newest line of the list says that the connection works."""
    operator.page.goto(f"{operator.running.tool}/admin/")
    expect(operator.page.locator("tbody tr").first).to_contain_text("Works. Last launch")


@pytest.mark.parametrize(("campus", "size"), [("canvas", PHONE), ("moodle", DESK)], ids=["canvas", "moodle"])
def test_an_admin_installs_the_tool_by_a_registration_link(profile, fresh, pictures, campus, size) -> None:
    with profile(block_third_party=True, viewport=size) as context:
        operator, lms = sign_in(context, fresh, campus, pictures), Walk(context, fresh, campus, pictures, new=True)
        choose(operator, campus)
        look(operator, "admin-guide")
        operator.page.get_by_label("Whom is it for?").fill("Larkspur College")
        operator.page.get_by_role("button", name="Make a registration link").click()
        link = operator.page.locator("#invitation").input_value()
        look(operator, "admin-link")
        lms.become("admin")
        lms.page.locator("#register-url").fill(link)
        lms.page.get_by_role("button", name="Open the registration").click()
        frame = lms.frame()
        button = frame.get_by_role("button", name="Register with")
        expect(button).to_be_visible()
        look(lms, "registration", frame)
        button.click()
        finish = frame.get_by_role("button", name="Finish")
        expect(finish).to_be_visible()
        look(lms, "registered", frame)
        finish.click()
        lms.page.wait_for_url("**/admin/tools")
        switch_on(lms)
        frame = launch_as_admin(lms)
        expect(frame.get_by_role("heading", level=1)).to_have_text(CALLS_ITSELF[campus])
        press_test(frame)
        look(lms, "admin-in-the-lms", frame)
        works(operator)
        look(operator, "admin-list")
        operator.page.locator("tbody a").first.click()
        look(operator, "admin-platform")
        lms.no_complaints()


def test_an_admin_of_canvas_installs_the_tool_with_a_developer_key_by_url(profile, fresh, pictures) -> None:
    with profile(block_third_party=True, viewport=DESK) as context:
        operator, lms = sign_in(context, fresh, "canvas", pictures), Walk(context, fresh, "canvas", pictures, new=True)
        choose(operator, "canvas")
        operator.page.get_by_role("link", name="Use a developer key").click()
        look(operator, "admin-developer-key")
        operator.page.get_by_text("If your Canvas cannot reach us").press("Enter")
        operator.page.get_by_role("button", name="Copy LTI 1.3 configuration").press("Enter")
        expect(operator.page.locator(".toast").first).to_be_visible()
        look(operator, "admin-developer-key-to-paste")
        pasted = json.loads(operator.page.get_by_label("LTI 1.3 configuration").input_value())
        assert pasted == Robot().get(operator.page.locator("#ours-json").input_value()).json()
        lms.become("admin")
        lms.page.get_by_text("Install with a developer key by URL").click()
        lms.page.get_by_label("Redirect URIs").fill(operator.page.locator("#ours-launch").input_value())
        lms.page.get_by_label("JSON URL").fill(operator.page.locator("#ours-json").input_value())
        lms.page.get_by_role("button", name="Save the key").click()
        expect(lms.page.get_by_role("heading", name="Where it appears")).to_be_visible()
        expect(lms.page.locator("main")).to_contain_text("account_navigation")
        switch_on(lms)
        operator.page.get_by_label("Name", exact=True).fill("Own Canvas")
        operator.page.get_by_label("Our own Canvas").check()
        operator.page.get_by_label("Its web address").fill(lms.practice)
        operator.page.get_by_label("Issuer").fill(lms.practice)
        operator.page.get_by_label("Client ID").fill(newest_tool(lms))
        operator.page.get_by_role("button", name="Connect").click()
        operator.page.wait_for_url("**/admin/platforms/*")
        expect(operator.page.locator("[data-notices]")).to_contain_text("The LMS is connected")
        launch_as_admin(lms)
        works(operator)
        lms.no_complaints()


def test_an_admin_of_moodle_installs_the_tool_by_hand(profile, fresh, pictures) -> None:
    with profile(block_third_party=True, viewport=PHONE) as context:
        operator = sign_in(context, fresh, "moodle", pictures)
        lms = Walk(context, fresh, "moodle", pictures, new=True)
        choose(operator, "moodle")
        operator.page.get_by_role("link", name="Do it by hand").click()
        look(operator, "admin-by-hand")
        launch, login, redirect, keys, _picker = operator.page.locator(".copy__value").all()
        lms.become("admin")
        lms.page.get_by_text("Install by hand").click()
        for field, value in (
            ("target_link_uri", launch), ("login_url", login), ("redirect_uris", redirect), ("jwks_uri", keys),
        ):  # fmt: skip
            lms.page.locator(f"#hand-{field}").fill(value.input_value())
        lms.page.locator("#hand-client_name").fill("Micro-credentials")
        lms.page.get_by_role("button", name="Install", exact=True).click()
        lms.page.wait_for_url("**/admin/tools/*")
        shown = dict(
            zip(*(lms.page.locator(f"dl.facts {tag}").all_text_contents() for tag in ("dt", "dd")), strict=True)
        )
        switch_on(lms)
        operator.page.get_by_label("Web address of the LMS").fill(f"{lms.practice}/")
        operator.page.get_by_role("button", name="Fill in").click()
        expect(operator.page.get_by_label("Authorization URL")).to_have_value(shown["Authorisation address"])
        expect(operator.page.get_by_label("Keyset URL", exact=True)).to_have_value(shown["Public keys"])
        operator.page.get_by_label("Name", exact=True).fill("Moodle by hand")
        operator.page.get_by_label("Client ID").fill(shown["Client id"])
        operator.page.get_by_role("button", name="Connect").click()
        operator.page.wait_for_url("**/admin/platforms/*")
        launch_as_admin(lms)
        works(operator)
        lms.no_complaints()


def launched(running: Stack, school: str) -> int:
    """Launch from a school of Blackboard, which no practice LMS is, in this process; return how it was answered."""
    known = of_application("application-1")
    with application(running.settings) as app, app.app_context():
        lms = stand_up(
            app, app.test_client(), issuer=known.issuer, client_id="application-1", deployment_id=school,
            auth_url=known.auth_url, jwks_url=known.jwks_url,
        )  # fmt: skip
        lms.publish(jwk(lms.key, lms.kid))
        return lms.launch(target_link_uri=f"{running.tool}/lti/launch").status_code


def test_blackboard_is_connected_once_and_each_school_waits_for_approval(profile, fresh, pictures) -> None:
    with profile(block_third_party=True, viewport=PHONE) as context:
        operator = sign_in(context, fresh, "canvas", pictures)
        choose(operator, "blackboard")
        look(operator, "admin-blackboard")
        operator.page.get_by_label("Name", exact=True).fill("Blackboard of the world")
        operator.page.get_by_role("button", name="Connect").click()
        summary = operator.page.locator(".error-summary")
        expect(summary).to_be_focused()
        look(operator, "admin-blackboard-error")
        expect(operator.page.get_by_label("Name", exact=True)).to_have_value("Blackboard of the world")
        summary.get_by_role("link").click()
        operator.page.keyboard.type("application-1")
        operator.page.get_by_role("button", name="Connect").click()
        operator.page.wait_for_url("**/admin/platforms/*")
        expect(operator.page.get_by_label("Ask me")).to_be_checked()
        look(operator, "admin-blackboard-connected")
        assert [launched(fresh, school) for school in ("school-a", "school-b")] == [403, 403]
        operator.page.reload()
        expect(operator.page.get_by_role("heading", name="Waiting for you")).to_be_visible()
        look(operator, "admin-blackboard-waiting")
        operator.page.get_by_role("button", name="Approve school-a").click()
        expect(operator.page.locator("[data-notices]")).to_contain_text("Approved")
        assert [launched(fresh, school) for school in ("school-a", "school-b")] == [303, 403]
        operator.no_complaints()


@pytest.mark.parametrize("campus", CAMPUSES)
def test_an_admin_renews_the_registration_of_an_installed_tool(profile, fresh, pictures, campus) -> None:
    with application(fresh.settings) as app, app.app_context():
        link = invite()
    client_id = register(link, fresh.practice, campus)
    with profile(block_third_party=True) as context:
        operator, lms = sign_in(context, fresh, campus, pictures), Walk(context, fresh, campus, pictures, new=True)
        operator.page.locator("tbody a").first.click()
        operator.page.get_by_role("button", name="Make a link").click()
        renewal = operator.page.locator("#renewal").input_value()
        look(operator, "admin-renewal")
        lms.become("admin")
        lms.page.goto(f"{lms.practice}/admin/tools/{client_id}")
        lms.page.locator("#update-url").fill(renewal)
        lms.page.get_by_role("button", name="Update the registration").click()
        frame = lms.frame()
        button = frame.get_by_role("button", name="Renew with")
        expect(button).to_be_visible()
        look(lms, "renewal", frame)
        button.click()
        expect(frame.get_by_role("heading", level=1)).to_contain_text("is renewed")
        look(lms, "renewed", frame)
        frame.get_by_role("button", name="Finish").click()
        lms.page.wait_for_url("**/admin/tools")
        if campus == "canvas":
            lms.page.goto(f"{lms.practice}/admin/tools/{client_id}")
            lms.page.get_by_role("button", name="Accept the update").click()
            expect(lms.page.locator("#accept-update")).to_have_count(0)
        launch_as_admin(lms)
        lms.no_complaints()


def test_without_scripts_every_form_of_the_administration_still_submits(profile, fresh, pictures) -> None:
    with profile(block_third_party=True, java_script_enabled=False) as context:
        with application(fresh.settings) as app, app.app_context():
            link, registration = make_link(), invite()
        register(registration, fresh.practice, "canvas")
        page = context.pages[0]
        page.goto(link)
        page.get_by_label("Code").fill(link.partition("#")[2])
        page.get_by_role("button", name="Open the administration").click()
        page.goto(f"{fresh.tool}/admin/connect/moodle")
        page.get_by_role("button", name="Make a registration link").click()
        assert "/lti/register?invite=" in page.locator("#invitation").input_value()
        page.goto(f"{fresh.tool}/admin/")
        page.get_by_role("button", name="Withdraw").first.click()
        assert "The invitation is withdrawn" in page.locator("[data-notices]").inner_text()
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="Test now").click()
        for _look in range(40):
            if page.get_by_text("The connection is being tested").count():
                page.wait_for_timeout(500)
                page.get_by_role("link", name="Look again").click()
        assert "Tested " in page.locator("#checks-title + p").inner_text()
        page.get_by_role("button", name="Sign out").click()
        assert page.goto(f"{fresh.tool}/admin/").status == 401
