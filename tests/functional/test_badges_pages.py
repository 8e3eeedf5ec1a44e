"""Pages and addresses of badges: DID documents, lists, achievements, credentials, the learner's own badge."""

import io
import json
import re
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from lti_mcred.badges import lists
from lti_mcred.badges.issuer import did_of
from lti_mcred.badges.models import Award, StatusList
from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.share import show_name
from lti_mcred.badges.showing import qr_svg
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Course, Person
from tests import factories
from tests.badges_rows import awarded

NEW_YORK = ZoneInfo("America/New_York")
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class ServedResolver:
    """A verifier elsewhere that sees only what our addresses answer."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def did_document(self, did: str) -> Any:
        """Fetch the DID document as did:web says."""
        path = did.removeprefix("did:web:127.0.0.1%3A8000:").replace(":", "/")
        return self.client.get(f"/{path}/did.json").get_json(force=True)

    def status_list(self, url: str) -> Any:
        """Fetch the status list."""
        return json.loads(self.client.get(url.removeprefix("http://127.0.0.1:8000")).data)


def test_a_stranger_can_check_a_badge_with_what_our_addresses_answer(client: FlaskClient) -> None:
    row = awarded()
    served = json.loads(client.get(f"/credentials/{row.id}", headers={"Accept": "application/vc"}).data)
    assert verify(served, ServedResolver(client), utcnow()).verdict == "valid"
    revoke(row.id, "mistake")
    assert verify(served, ServedResolver(client), utcnow()).verdict == "revoked"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/vc", "application/vc"),
        ("application/vc+ld+json", "application/vc+ld+json"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/vc;q=0.9, text/html;q=0.2", "application/vc"),
        ("text/html,application/json;q=0.9", "text/html"),
        ("*/*", "text/html"),
        ("image/webp", "text/html"),
    ],
)
def test_people_get_a_page_and_software_gets_the_signed_bytes(
    client: FlaskClient, accept: str, media_type: str
) -> None:
    row = awarded()
    answer = client.get(f"/credentials/{row.id}", headers={"Accept": accept})
    assert answer.mimetype == media_type
    assert "Accept" in answer.headers["Vary"]
    if media_type != "text/html":
        assert answer.get_data(as_text=True) == row.credential
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_page_gives_the_verdict_of_this_moment_and_what_it_means(client: FlaskClient) -> None:
    row = awarded()
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert "Valid today" in page
    assert "Controls in the order of strength" in page
    assert "Met: Extended" in page
    assert "Criteria met: 5/5." in page
    assert "About 12 hours" in page
    assert "29 CFR 1910" in page
    assert page.count("Passed") == 8


def test_the_page_names_nobody_by_default(client: FlaskClient) -> None:
    row = awarded()
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert "Nadia" not in page
    assert "The holder keeps the name private" in page
    show_name(row, show=True)
    assert "Nadia Okafor" in client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)


def test_the_page_is_kept_out_of_search_engines_and_shared_caches(client: FlaskClient) -> None:
    answer = client.get(f"/credentials/{awarded().id}", headers=HTML)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.cache_control.private


def test_a_shared_link_shows_title_and_picture_in_messengers(client: FlaskClient) -> None:
    row = awarded()
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert '<meta property="og:title" content="Job Hazard Analysis for a Small Crew">' in page
    assert f'<meta property="og:url" content="http://127.0.0.1:8000/credentials/{row.id}">' in page
    image = "http://127.0.0.1:8000/achievements/cc-workforce-job-hazard-analysis/1.0.0/badge.png"
    assert f'<meta property="og:image" content="{image}">' in page


def test_a_withdrawn_badge_says_so_with_a_reason_and_stays_readable(client: FlaskClient) -> None:
    row = awarded()
    revoke(row.id, "integrity")
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert "Withdrawn" in page
    assert "not to be the holder" in page
    assert "Controls in the order of strength" in page


def test_a_withdrawn_badge_says_nothing_good_of_its_holder_any_more(client: FlaskClient) -> None:
    row = awarded()
    url = f"/credentials/{row.id}"
    said = ("What it means", "Criteria met", "Met: ", "What the holder handed in", "Judged by", "Valid until")
    page = client.get(url, headers=HTML).get_data(as_text=True)
    narrative = json.loads(row.credential)["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert [words for words in (*said, escape(narrative)[:60]) if words not in page] == []
    revoke(row.id, "mistake")
    page = client.get(url, headers=HTML).get_data(as_text=True)
    assert [words for words in (*said, escape(narrative)[:60]) if words in page] == []
    assert '<meta property="og:title" content="Withdrawn: Job Hazard Analysis for a Small Crew">' in page


def test_a_badge_that_was_changed_in_the_database_is_not_shown_as_valid(client: FlaskClient) -> None:
    row = awarded()
    row.credential = row.credential.replace("Small Crew", "Large Crew")
    db.session.commit()
    page = client.get(f"/credentials/{row.id}", headers=HTML).get_data(as_text=True)
    assert "Do not rely on this" in page
    assert "Valid today" not in page


def test_the_file_is_a_download_with_a_plain_name(client: FlaskClient) -> None:
    row = awarded()
    answer = client.get(f"/credentials/{row.id}.json")
    assert answer.get_data(as_text=True) == row.credential
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="badge-cc-workforce-job-hazard-analysis.json"'
    )


def test_the_picture_carries_the_badge(client: FlaskClient) -> None:
    row = awarded()
    data = client.get(f"/credentials/{row.id}/badge.png").data
    text = baking.extract(data)
    assert text is not None
    assert json.loads(text) == json.loads(row.credential)
    assert Image.open(io.BytesIO(data)).size == (600, 600)


@pytest.mark.parametrize(
    "path",
    [
        "/credentials/nothing",
        "/credentials/nothing.json",
        "/credentials/nothing/badge.png",
        "/status/nothing",
        "/issuers/nobody/did.json",
        "/achievements/none/1.0.0",
        "/achievements/none/1.0.0/badge.png",
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_do(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "Copy the whole link again" in answer.get_data(as_text=True)


def test_the_did_document_lists_the_key_that_signed(client: FlaskClient) -> None:
    row = awarded()
    answer = client.get(f"/issuers/{row.issuer.slug}/did.json")
    document = answer.get_json(force=True)
    assert answer.mimetype == "application/did+ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert document["id"] == did_of(row.issuer)
    assert json.loads(row.credential)["proof"][0]["verificationMethod"] in document["assertionMethod"]


def test_the_hosts_own_did_document_names_the_issuers_that_live_there(client: FlaskClient) -> None:
    assert "alsoKnownAs" not in client.get("/.well-known/did.json").get_json(force=True)
    row = awarded()
    document = client.get("/.well-known/did.json").get_json(force=True)
    assert document["id"] == "did:web:127.0.0.1%3A8000"
    assert document["alsoKnownAs"] == [did_of(row.issuer)]


def test_the_status_list_may_be_kept_for_minutes_and_tells_its_type(client: FlaskClient) -> None:
    answer = client.get(f"/status/{awarded().status_list_id}")
    assert answer.mimetype == "application/vc"
    assert answer.cache_control.max_age == lists.TTL_SECONDS
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_list_is_served_again_byte_for_byte_while_nothing_changed(client: FlaskClient) -> None:
    row = awarded()
    first = client.get(f"/status/{row.status_list_id}").data
    assert client.get(f"/status/{row.status_list_id}").data == first
    revoke(row.id, "request")
    assert client.get(f"/status/{row.status_list_id}").data != first
    assert db.session.get_one(StatusList, row.status_list_id).signed is not None


def test_the_achievement_answers_people_and_software(client: FlaskClient) -> None:
    row = awarded()
    url = "/achievements/cc-workforce-job-hazard-analysis/1.0.0"
    page = client.get(url, headers=HTML)
    assert "Task broken into observable steps" in page.get_data(as_text=True)
    answer = client.get(url, headers={"Accept": "application/ld+json"}).get_json(force=True)
    assert answer == json.loads(row.credential)["credentialSubject"]["achievement"]


def test_a_draft_has_no_public_achievement(client: FlaskClient) -> None:
    factories.version(state="draft")
    db.session.commit()
    assert client.get("/achievements/cc-workforce-job-hazard-analysis/1.0.0").status_code == 404


def test_the_achievements_picture_is_there_as_png_and_svg(client: FlaskClient) -> None:
    awarded()
    base = "/achievements/cc-workforce-job-hazard-analysis/1.0.0/badge"
    assert baking.is_png(client.get(base + ".png").data)
    svg = client.get(base + ".svg")
    assert svg.mimetype == "image/svg+xml"
    assert b"<svg" in svg.data


class Learner:
    """A learner with a badge and an open visit."""

    def __init__(self, name: str | None = "Nadia Okafor") -> None:
        self.course: Course = factories.course()
        self.person: Person = factories.person(self.course, name=name)
        self.version: Version = factories.version()
        self.award: Award = awarded(who=self.person, of=self.version, at=self.course)
        self.visit = factories.visit(self.person, self.course)
        db.session.commit()
        self.headers = {**HTML, **factories.auth(self.visit)}
        self.url = f"/v/{self.visit.id}/badges/{self.award.id}"

    def choose(self, client: FlaskClient, choice: str, **form: str) -> Any:
        """Send the share form."""
        return client.post(self.url + "/share", data={"show_name": choice, **form}, headers=self.headers)


def test_the_learner_sees_her_badge_with_link_and_files(client: FlaskClient) -> None:
    learner = Learner()
    page = client.get(learner.url, headers=learner.headers).get_data(as_text=True)
    assert f"http://127.0.0.1:8000/credentials/{learner.award.id}" in page
    assert "Valid today" in page
    assert 'value="no" checked' in page


def test_the_learner_shows_her_name_and_takes_it_back(client: FlaskClient) -> None:
    learner = Learner()
    answer = learner.choose(client, "yes")
    assert answer.status_code == 303
    assert answer.location == learner.url
    assert db.session.get_one(Award, learner.award.id).shown_name == "Nadia Okafor"
    learner.choose(client, "no")
    db.session.expire_all()
    assert db.session.get_one(Award, learner.award.id).shown_name is None


def test_the_form_returns_to_the_page_that_showed_it_and_nowhere_else(client: FlaskClient) -> None:
    learner = Learner()
    inside = f"/v/{learner.visit.id}/activity"
    assert learner.choose(client, "yes", back=inside).location == inside
    for outside in ("https://evil.example/", "//evil.example", f"/v/{learner.visit.id}//evil", "/verify", "/v/other/x"):
        assert learner.choose(client, "no", back=outside).location == learner.url


def test_without_a_name_from_the_lms_the_choice_is_explained(client: FlaskClient) -> None:
    learner = Learner(name=None)
    page = client.get(learner.url, headers=learner.headers).get_data(as_text=True)
    assert "has not told us your name" in page
    answer = learner.choose(client, "yes")
    assert answer.status_code == 409
    assert "Share it without a name" in answer.get_data(as_text=True)


def test_nobody_else_can_change_a_badge(client: FlaskClient) -> None:
    learner, other = Learner(), awarded(of=factories.version(factories.example("k12-exit-ticket-regrouping")))
    url = f"/v/{learner.visit.id}/badges/{other.id}"
    assert client.get(url, headers=learner.headers).status_code == 404
    assert client.post(url + "/share", data={"show_name": "yes"}, headers=learner.headers).status_code == 404
    assert client.post(learner.url + "/share", data={"show_name": "yes"}).status_code == 401
    db.session.expire_all()
    assert other.shown_name is None


def test_a_page_of_any_room_can_hold_the_panel(own_app: Flask) -> None:
    own_app.add_url_rule(
        "/v/<visit_id>/any/<version_id>",
        "any_page",
        lambda version_id: own_app.jinja_env.from_string("[{{ badge_panel(v, '/v/x') }}]").render(v=version_id),
    )
    client, learner = own_app.test_client(), Learner()
    page = client.get(f"/v/{learner.visit.id}/any/{learner.version.id}", headers=learner.headers)
    assert "Your badge: Job Hazard Analysis" in page.get_data(as_text=True)
    none = client.get(f"/v/{learner.visit.id}/any/{'0' * 32}", headers=learner.headers)
    assert none.get_data(as_text=True) == "[]"


def test_a_withdrawn_badge_offers_nothing_to_share(client: FlaskClient) -> None:
    learner = Learner()
    revoke(learner.award.id, "replaced")
    page = client.get(learner.url, headers=learner.headers).get_data(as_text=True)
    assert "A newer badge takes its place" in page
    assert "Link to share" not in page


def test_sharing_is_one_button_and_the_name_is_a_setting(client: FlaskClient) -> None:
    learner = Learner()
    page = client.get(learner.url, headers=learner.headers).get_data(as_text=True)
    assert page.count("button--primary") == 1
    share, settings = page.index("</svg>Share</summary>"), page.index("<summary>Settings")
    ways = page[share:settings]
    for way in ("Link to share", "Add to LinkedIn", "badge.png", ".json", "qr.svg"):
        assert way in ways
    assert page.index("Your name on the badge") > settings


def test_linkedin_is_told_title_issuer_months_and_address(client: FlaskClient) -> None:
    learner = Learner()
    page = client.get(learner.url, headers=learner.headers).get_data(as_text=True)
    address = unescape(re.findall(r'href="(https://www.linkedin.com/[^"]+)"', page)[0])
    told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    awarded, expires = learner.award.awarded_at, learner.award.valid_until
    assert told == {
        "startTask": "CERTIFICATION_NAME",
        "name": "Job Hazard Analysis for a Small Crew",
        "organizationName": "Example Community College, Workforce and Continuing Education",
        "issueYear": str(awarded.astimezone(NEW_YORK).year), "issueMonth": str(awarded.astimezone(NEW_YORK).month),
        "expirationYear": str(expires.astimezone(NEW_YORK).year),
        "expirationMonth": str(expires.astimezone(NEW_YORK).month),
        "certUrl": f"http://127.0.0.1:8000/credentials/{learner.award.id}", "certId": learner.award.id,
    }  # fmt: skip


def test_a_badge_has_a_code_for_the_camera_that_stays_private(client: FlaskClient) -> None:
    learner = Learner()
    answer = client.get(f"/credentials/{learner.award.id}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "private" in answer.headers["Cache-Control"]
    drawing = ElementTree.fromstring(answer.data)
    assert drawing.tag.endswith("svg")
    assert 'fill="#fff"' in answer.text  # white also on a dark page
    assert answer.text == qr_svg(f"http://127.0.0.1:8000/credentials/{learner.award.id}")
    assert client.get("/credentials/nothing/qr.svg").status_code == 404


def test_a_strangers_page_says_once_what_it_means_and_folds_the_technical_words(client: FlaskClient) -> None:
    learner = Learner()
    page = client.get(f"/credentials/{learner.award.id}", headers=HTML).get_data(as_text=True)
    definition = learner.version.document
    main = page[page.index("<main") :]
    assert definition["badge"]["criteria_narrative"].strip()[:60] in main
    assert definition["competency"] not in main
    folded = main[main.index("<details>") : main.index("</details>")]
    assert "did:web:" in folded
    assert main.count("did:web:") == folded.count("did:web:")
    assert "data-print" in main
    assert f"/credentials/{learner.award.id}/qr.svg" in main


def test_pages_hold_no_inline_script_or_style(client: FlaskClient) -> None:
    learner = Learner()
    for path in (learner.url, f"/credentials/{learner.award.id}", "/verify"):
        page = client.get(path, headers=learner.headers).get_data(as_text=True)
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page
