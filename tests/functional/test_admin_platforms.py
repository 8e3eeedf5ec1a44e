"""What the operator sees and decides: the list, one LMS, its installations, our keys."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.tool.known.models import ConnectionTest, Deployment, Platform, PlatformKeys, RefusedLaunch, ToolKey
from lti_mcred.tool.known.platforms import deployment_of_launch, describe_platform
from lti_mcred.tool.profiles import PROFILES
from lti_mcred.tool.protocol.claims import AGS, DEEP_LINKING, LTI, NOTICES, NRPS
from lti_mcred.tool.protocol.services_asked import SCORE
from lti_mcred.tool.refusals import reasons
from lti_mcred.tool.wire import keys
from tests import factories as make
from tests.admin_helpers import Operator, sign_in, value_of
from tests.conformance.lms import INSTRUCTOR, Lms, jwk, rsa_key, stand_up

PLACEMENT = PROFILES["canvas"].placement_claim
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures/launches"


def one_platform(**given) -> Platform:
    """A registration with one active installation."""
    found = make.platform(**given)
    make.deployment(found, deployment_id="dep-1")
    db.session.commit()
    return found


def refused(platform: Platform) -> None:
    """A launch of this LMS was refused just now."""
    db.session.add(
        RefusedLaunch(
            platform_id=platform.id, at=utcnow(), failed="issuer", fact="iss <differs>", passed=["shape"], claims={},
            reference="AB-12",
        )
    )  # fmt: skip


def test_the_list_says_how_each_lms_stands(operator: Operator) -> None:
    now = utcnow()
    make.platform(name="Fresh College")
    make.platform(name="Works College", last_launch_at=now)
    refused(make.platform(name="Refused College", last_launch_at=now - timedelta(hours=1)))
    works_again = make.platform(name="Again College", last_launch_at=now + timedelta(hours=1))
    refused(works_again)
    make.platform(name="Gone College", state="removed")
    make.deployment(make.platform(name="Waiting College", last_launch_at=now), state="pending")
    db.session.commit()
    rows = re.findall(r'<tr role="row">(.*?)</tr>', operator.get().text, re.DOTALL)
    said = {
        name: next(words for words in WORDS if words in row)
        for row in rows
        for name in re.findall(r">(\w+ College)<", row)
    }
    assert said == {
        "Fresh College": "No launch yet", "Works College": "Works. Last launch",
        "Refused College": "The last launch was refused", "Again College": "Works. Last launch",
        "Gone College": "Removed",
        "Waiting College": "1 installation waits for approval",
    }  # fmt: skip


WORDS = (
    "No launch yet", "Works. Last launch", "The last launch was refused", "Removed",
    "1 installation waits for approval",
)  # fmt: skip


def test_a_long_list_is_paged(operator: Operator) -> None:
    for number in range(52):
        make.platform(name=f"College {number:02}")
    db.session.commit()
    first = operator.get()
    following = re.search(r'href="/admin/\?after=([a-z0-9-]+)" rel="next"', first.text)
    assert following
    second = operator.get("/", after=following[1])
    named = [re.findall(r">(College \d\d)<", page.text) for page in (first, second)]
    assert [len(names) for names in named] == [50, 2]
    assert sorted(named[0] + named[1]) == [f"College {number:02}" for number in range(52)]


def test_one_lms_shows_its_values_and_keys(operator: Operator) -> None:
    found = one_platform(name="Larkspur College", last_launch_at=utcnow())
    keys_there = {"keys": [jwk(rsa_key(), "a"), jwk(rsa_key(), "b")]}
    db.session.add(PlatformKeys(jwks_url=found.jwks_url, document=keys_there, fetched_at=utcnow(), expires_at=utcnow()))
    db.session.commit()
    page = operator.get(f"/platforms/{found.id}").text
    for value in (found.issuer, found.client_id, found.auth_url, found.token_url, found.jwks_url, "dep-1"):
        assert value in page
    assert "http://127.0.0.1:8000/lti/login" in page
    assert "2 keys, fetched" in page


def launched(lms: Lms, fixture: str, days_ago: int = 0, without: tuple[str, ...] = ()) -> None:
    """Launch with what a real LMS sent; the ids stay those of this platform. `without`: scopes and claims left out."""
    claims = json.loads((FIXTURES / fixture).read_text(encoding="utf-8"))
    services = {name: claims.get(name) for name in (AGS, NRPS, NOTICES, PLACEMENT, DEEP_LINKING) if name not in without}
    if services.get(AGS):
        services[AGS]["scope"] = [scope for scope in services[AGS]["scope"] if scope not in without]
    names = ("message_type", "resource_link", "context", "tool_platform", "roles")
    with time_machine.travel(utcnow() - timedelta(days=days_ago)):
        answer = lms.launch(**{name: claims.get(LTI + name) for name in names}, **services)
    assert answer.status_code == 303, answer.text


def rows_of(page: str, section: str) -> dict[str, str]:
    """What each row of a section of an installation says: its title -> its state."""
    part = page.partition(f"<h3>{section}</h3>")[2].partition("</ul>")[0]
    rows = re.findall(
        r'<span class="state is-\w+">.*?</svg>([^<]+)</span>\s*<div>\s*<strong>([^<]+)</strong>', part, re.DOTALL
    )
    return {unescape(title): state for state, title in rows}


SERVICES = (
    "Grade columns", "Writing grades", "Reading grades of its own columns", "The class list",
    "Notices of copied courses",
)  # fmt: skip


def page_of(lms: Lms, operator: Operator) -> str:
    """The operator's page about it."""
    platform = db.session.scalars(select(Platform).where(Platform.client_id == lms.client_id)).one()
    return operator.get(f"/platforms/{platform.id}").text


def test_a_canvas_that_granted_everything_says_yes_to_every_service(canvas_lms: Lms, operator: Operator) -> None:
    launched(canvas_lms, "canvas/assignment-teacher.json")
    page = page_of(canvas_lms, operator)
    assert rows_of(page, "Services") == dict.fromkeys(SERVICES, "Yes")
    assert "The administrator of the LMS can allow it" not in page


def test_a_moodle_has_no_row_for_a_service_that_moodle_does_not_have(app: Flask, operator: Operator) -> None:
    moodle = stand_up(app, app.test_client(), profile="moodle")
    moodle.register()
    launched(moodle, "moodle/resource-link-teacher.json")
    page = page_of(moodle, operator)
    assert rows_of(page, "Services") == dict.fromkeys(SERVICES[:-1], "Yes")
    assert "can allow it" not in page
    assert rows_of(page, "Places that open the tool") == {
        "Links in a course": "Seen", "Where teachers add activities": "Not seen yet", "The gradebook": "Not seen yet",
    }  # fmt: skip


def test_an_lms_of_another_make_that_tells_of_copies_has_the_row(app: Flask, operator: Operator) -> None:
    other = stand_up(app, app.test_client(), profile="generic")
    other.register()
    launched(other, "canvas/assignment-teacher.json", without=(NOTICES,))
    assert list(rows_of(page_of(other, operator), "Services")) == list(SERVICES[:-1])
    launched(other, "canvas/assignment-teacher.json")
    assert rows_of(page_of(other, operator), "Services") == dict.fromkeys(SERVICES, "Yes")


def test_a_right_that_was_taken_away_is_not_given_any_more_whatever_an_older_course_had(
    canvas_lms: Lms, operator: Operator
) -> None:
    launched(canvas_lms, "canvas/assignment-teacher.json", days_ago=1)
    make.course(db.session.scalars(select(Deployment)).one(), scopes=[SCORE])
    db.session.commit()
    launched(canvas_lms, "canvas/assignment-learner.json", without=(SCORE, NOTICES))
    page = page_of(canvas_lms, operator)
    assert rows_of(page, "Services") == {
        **dict.fromkeys(SERVICES, "Yes"), "Writing grades": "Not any more",
        "Notices of copied courses": "Not any more",
    }  # fmt: skip
    assert page.count("Last given on") == 2
    assert page.count("The administrator of the LMS can allow it") == 2


def test_a_right_that_was_never_given_is_said_with_who_can_allow_it(canvas_lms: Lms, operator: Operator) -> None:
    launched(canvas_lms, "canvas/assignment-teacher.json", without=(NRPS, NOTICES))
    page = page_of(canvas_lms, operator)
    assert rows_of(page, "Services") == {
        **dict.fromkeys(SERVICES, "Yes"), "The class list": "No", "Notices of copied courses": "No",
    }  # fmt: skip
    assert "Last given on" not in page


def test_from_outside_of_any_course_nothing_is_known_of_services_that_come_with_one(
    canvas_lms: Lms, operator: Operator
) -> None:
    assert "Nobody has opened the tool from the LMS yet" in page_of(canvas_lms, operator)
    launched(canvas_lms, "canvas/account-navigation-admin.json")
    assert rows_of(page_of(canvas_lms, operator), "Services") == {
        **dict.fromkeys(SERVICES, "Not known yet"), "Notices of copied courses": "Yes",
    }  # fmt: skip


def test_places_and_messages_that_launches_came_with_are_shown(canvas_lms: Lms, operator: Operator) -> None:
    launched(canvas_lms, "canvas/deeplink-homework_submission.json", days_ago=40)
    for fixture in ("assignment-teacher", "course-navigation-teacher", "deeplink-assignment_selection"):
        launched(canvas_lms, f"canvas/{fixture}.json")
    page = page_of(canvas_lms, operator)
    assert rows_of(page, "Places that open the tool") == {
        "Links in a course": "Seen", "The course menu": "Seen", "The account menu": "Not seen yet",
        "Assignments, “External Tool”": "Seen", "Modules, “External Tool”": "Not seen yet",
        "The menu of the assignments page": "Not seen yet", "The menu of the modules page": "Not seen yet",
        "homework_submission": "Seen",
    }  # fmt: skip
    assert "open the tool from there once" in page
    for technical in ("LtiDeepLinkingRequest", "LtiContextCopyNotice", "course_navigation", SCORE):
        assert f"<code>{technical}</code>" in page
    assert "not any more" not in page


def test_each_of_several_installations_has_its_own_services(canvas_lms: Lms, operator: Operator) -> None:
    launched(canvas_lms, "canvas/assignment-teacher.json", without=(NRPS,))
    platform = db.session.scalars(select(Platform)).one()
    for name, state in (("second", "active"), ("third", "active"), ("waiting", "pending")):
        make.deployment(platform, deployment_id=name, state=state)
    db.session.commit()
    canvas_lms.deployment_id = "second"
    launched(canvas_lms, "canvas/assignment-teacher.json")
    told = re.findall(
        r"<summary><code>([^<]+)</code> <span[^>]*>.*?</svg>([^<]+)<", page_of(canvas_lms, operator), re.DOTALL
    )
    assert sorted(told) == [
        ("deployment-1", "1 service is missing"), ("second", "Nothing is missing"), ("third", "Not opened yet"),
    ]  # fmt: skip


def test_a_last_refused_launch_is_shown_with_what_was_fine(operator: Operator) -> None:
    found = one_platform()
    refused(found)
    db.session.commit()
    page = operator.get(f"/platforms/{found.id}").text
    assert "iss &lt;differs&gt;" in page
    assert "AB-12" in page


def test_checks_have_names_in_the_readers_language_and_keep_their_own_on_the_command_line(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(reasons.NAMES, "audience", "Empfänger")
    monkeypatch.setitem(reasons.NAMES, "issuer", "Absender")
    operator, lms = sign_in(app.test_client()), stand_up(app, app.test_client())
    platform = lms.register()
    told = lms.launch(aud="another-tool")
    assert value_of(told, "fact-4") == "Empfänger"
    page = operator.get(f"/platforms/{platform.id}").text
    assert "<dd>Empfänger: <code>aud" in page
    assert "signature, Absender</dd>" in page
    shown = dict(describe_platform(platform.id))
    assert shown["Why it was refused"].startswith("audience: aud")
    assert shown["Checks that it passed"].endswith("signature, issuer")


def test_a_test_of_the_connection_is_asked_for_and_its_report_shown(operator: Operator) -> None:
    found = one_platform()
    asked = operator.post(f"/platforms/{found.id}/test")
    assert asked.location == f"/admin/platforms/{found.id}#checks-title"
    (test,) = db.session.scalars(select(ConnectionTest)).all()
    assert (test.deployment_id, test.state) == (found.deployments[0].id, "waiting")
    page = operator.client.get(asked.location).text
    assert "The connection is being tested" in page
    assert 'data-come-back="3"' in page
    test.state, test.finished_at = "done", utcnow()
    test.lines = [{"name": "token", "state": "failed", "words": "It said <no>"}]
    db.session.commit()
    page = operator.client.get(asked.location).text
    assert "1 line failed" in page
    assert "It said &lt;no&gt;" in page
    assert "being tested" not in page
    assert "data-come-back" not in page


def test_without_scripts_a_link_looks_again_and_its_address_is_never_that_of_the_page(operator: Operator) -> None:
    """A link to the address at which one is, with its "#", makes no request."""
    found = one_platform()
    here = operator.post(f"/platforms/{found.id}/test").location
    for _look in range(3):
        link = re.search(r'<a href="([^"]+)">Look again</a>', operator.client.get(here).text)
        assert link
        assert unescape(link[1]) != here
        here = unescape(link[1])
        assert here.endswith("#checks-title")


def waits_since(platform: Platform, minutes: int, state: str = "waiting") -> None:
    """A test of the connection was asked for that long ago."""
    db.session.add(
        ConnectionTest(
            platform_id=platform.id, deployment_id=platform.deployments[0].id, state=state,
            asked_at=utcnow() - timedelta(minutes=minutes),
        )
    )  # fmt: skip
    db.session.commit()


def test_a_test_that_nobody_begins_says_that_nothing_is_delivering_and_what_to_start(operator: Operator) -> None:
    found = one_platform()
    waits_since(found, 3)
    page = operator.get(f"/platforms/{found.id}").text
    assert "Nobody has begun the test" in page
    assert "Start <code>lti-mcred worker</code> on the server" in page
    assert "Look again" in page
    assert "data-come-back" not in page, "the page does not reload for ever"


def test_an_lms_that_answers_slowly_is_no_missing_worker(operator: Operator) -> None:
    found = one_platform()
    waits_since(found, 3, "running")
    page = operator.get(f"/platforms/{found.id}").text
    assert "The test takes longer than usual" in page
    assert "lti-mcred worker" not in page


def test_a_page_that_holds_a_form_to_correct_does_not_reload_by_itself(operator: Operator) -> None:
    found = one_platform()
    operator.post(f"/platforms/{found.id}/test")
    page = operator.post(f"/platforms/{found.id}/name", name="").text
    assert "Look again" in page
    assert "data-come-back" not in page


def test_an_unknown_installation_waits_until_one_click(app: Flask) -> None:
    lms = stand_up(app, app.test_client())
    platform, operator = lms.register(), sign_in(app.test_client())
    lms.deployment_id = "another-school"
    assert lms.launch().status_code == 403
    page = operator.get(f"/platforms/{platform.id}")
    assert "another-school" in page.text
    where = re.search(r'action="/admin(/platforms/[^"]+/deployments/[^"]+)"', page.text)
    assert where
    told = operator.post(where[1], state="active")
    assert (told.status_code, told.location) == (303, f"/admin/platforms/{platform.id}?told=approved")
    assert "may launch from now on" in operator.client.get(told.location).text
    assert lms.launch().status_code == 303


def test_a_refused_installation_is_told_and_may_be_approved_later(app: Flask) -> None:
    lms = stand_up(app, app.test_client())
    platform, operator = lms.register(), sign_in(app.test_client())
    where = f"/platforms/{platform.id}/deployments/{platform.deployments[0].id}"
    open_page = "/".join([*lms.launch().location.split("/")[:3], "work"])
    operator.post(where, state="refused")
    assert lms.client.get(open_page).status_code == 401
    refused = lms.launch()
    assert (refused.status_code, "has not approved it" in refused.text) == (403, True)
    operator.post(where, state="active")
    assert lms.launch().status_code == 303


def test_only_installations_of_this_lms_are_decided_and_only_in_known_words(operator: Operator) -> None:
    here, there = one_platform(), one_platform()
    own = f"/platforms/{here.id}/deployments/"
    for deployment, state in (
        (there.deployments[0].id, "refused"),
        (here.deployments[0].id, "gone"),
        ("none", "active"),
    ):
        assert operator.post(own + deployment, state=state).location == f"/admin/platforms/{here.id}"
    assert {row.state for row in db.session.scalars(select(Deployment))} == {"active"}


@pytest.mark.parametrize(
    ("policy", "states"),
    [("ask", ["pending", "pending"]), ("first", ["active", "pending"]), ("all", ["active", "active"])],
)
def test_the_policy_decides_on_installations_that_nobody_knows(operator: Operator, policy, states) -> None:
    found = make.platform(policy="ask" if policy != "ask" else "all")
    db.session.commit()
    assert operator.post(f"/platforms/{found.id}/policy", policy=policy).location.endswith("told=policy")
    assert [deployment_of_launch(found, name).state for name in ("a", "b")] == states
    assert operator.post(f"/platforms/{found.id}/policy", policy="whatever").location.endswith(found.id)
    assert found.policy == policy


def test_a_name_is_changed_and_one_that_is_none_stays_in_the_form(operator: Operator) -> None:
    found = one_platform(name="Old")
    operator.post(f"/platforms/{found.id}/name", name=" New\x00 College ")
    assert found.name == "New College"
    for wrong in ("", "   ", "x" * 256):
        page = operator.post(f"/platforms/{found.id}/name", name=wrong)
        assert page.status_code == 422
        assert f'value="{wrong}"' in page.text
        assert "Type a name" in page.text
    assert found.name == "New College"


def test_addresses_are_changed_without_touching_issuer_and_client_id(operator: Operator) -> None:
    found = one_platform(token_audience="old")
    before = (found.issuer, found.client_id)
    new = {name: f"https://new.example.edu/{name}" for name in ("auth_url", "token_url", "jwks_url")}
    done = operator.post(
        f"/platforms/{found.id}/addresses", issuer="https://evil.example", client_id="evil", token_audience="", **new
    )
    assert done.location.endswith("told=addresses")
    assert (found.issuer, found.client_id) == before
    assert (found.auth_url, found.token_url, found.jwks_url) == tuple(new.values())
    assert found.token_audience is None


def test_an_address_that_cannot_be_used_stays_in_the_form_beside_what_to_write(operator: Operator) -> None:
    found = one_platform()
    typed = {"auth_url": "http://10.0.0.1/a", "token_url": "https://fine.example/t", "jwks_url": ""}
    page = operator.post(f"/platforms/{found.id}/addresses", **typed)
    assert page.status_code == 422
    assert 'value="http://10.0.0.1/a"' in page.text
    assert 'value="https://fine.example/t"' in page.text
    assert {field: f'id="{field}-error"' in page.text for field in typed} == {
        "auth_url": True, "token_url": False, "jwks_url": True,
    }  # fmt: skip


def test_an_lms_is_removed_by_typing_its_name_and_can_come_back(app: Flask) -> None:
    lms = stand_up(app, app.test_client())
    platform, operator = lms.register(), sign_in(app.test_client())
    asked = operator.get(f"/platforms/{platform.id}/remove")
    assert "Larkspur College" in asked.text
    wrong = operator.post(f"/platforms/{platform.id}/remove", confirmation="Larkspur")
    assert (wrong.status_code, 'value="Larkspur"' in wrong.text, platform.state) == (422, True, "active")
    operator.post(f"/platforms/{platform.id}/remove", confirmation="Larkspur College")
    assert lms.begin().status_code == 403
    operator.post(f"/platforms/{platform.id}/restore")
    assert lms.launch().status_code == 303


def test_a_key_of_ours_is_rotated(operator: Operator) -> None:
    before = keys.signing_key().kid
    assert operator.post("/keys").location == "/admin/?told=key"
    assert db.session.scalar(select(func.count()).select_from(ToolKey)) == 2
    assert keys.signing_key().kid == before, "a new key is published before it signs"


@pytest.mark.parametrize("platform_id", ["none", "x" * 100, "%00", "0" * 32])
def test_an_lms_that_does_not_exist_is_said(operator: Operator, platform_id: str) -> None:
    assert operator.get(f"/platforms/{platform_id}").status_code == 404
    assert operator.post(f"/platforms/{platform_id}/remove", confirmation="x").status_code == 404


def test_names_of_an_lms_are_never_markup(operator: Operator) -> None:
    found = one_platform(name="<script>alert(1)</script>")
    found.deployments[0].deployment_id = '"><img src=x>'
    db.session.commit()
    for page in (operator.get(), operator.get(f"/platforms/{found.id}")):
        assert "<script>alert" not in page.text
        assert "<img src=x>" not in page.text


def test_an_instructor_launch_shows_no_way_into_the_administration(app: Flask) -> None:
    lms = stand_up(app, app.test_client())
    lms.register()
    landed = lms.launch(roles=[INSTRUCTOR])
    visit_id = landed.location.split("/")[2]
    assert lms.client.get(f"/v/{visit_id}/admin/", headers={"Accept": "application/json"}).status_code == 403
