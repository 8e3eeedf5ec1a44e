"""No address is made from the host that a request names: whoever sends it would choose where a browser goes next."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_mcred.engine.db import db
from tests import factories as make
from tests.conformance.lms import stand_up

ELSEWHERE = "elsewhere.example.net"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/admin", "/admin/"),
        ("/admin?next=x", "/admin/?next=x"),
        ("//admin/", "/admin/"),
        ("///evil.example/..", None),
        ("//evil.example//admin", None),
        ("/v/x/admin", "/v/x/admin/"),
        ("//verify", "/verify"),
    ],
)
def test_a_redirect_to_the_proper_address_names_no_host(
    client: FlaskClient, method: str, path: str, leads_to: str | None
) -> None:
    name, _mark, query = path.partition("?")
    asked = {"PATH_INFO": name, "QUERY_STRING": query}  # as it stands: a client would take "//x/" for a host
    answer = client.open("/", method=method, base_url=f"https://{ELSEWHERE}", environ_overrides=asked)
    assert ELSEWHERE not in str(answer.headers)
    assert ELSEWHERE not in answer.text
    if answer.status_code == 308:
        assert answer.headers["Location"].startswith("/")
        assert not answer.headers["Location"].startswith(("//", "/\\"))
    if leads_to and answer.status_code == 308:
        assert answer.headers["Location"] == leads_to


def test_the_administration_is_found_without_its_last_slash(client: FlaskClient) -> None:
    answer = client.get("/admin", base_url=f"https://{ELSEWHERE}")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/admin/")


def test_no_page_names_the_host_that_was_sent(app: Flask, client: FlaskClient) -> None:
    stand_up(app, client).register()
    course = make.course()
    visit = make.visit(make.person(course), course, "teacher", launch={"administers": True})
    db.session.commit()
    named = []
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<visit_id>", visit.id)
        if "<" in path:
            path = path.replace("<slug>", "x").replace("<version>", "1.0.0").replace("<lms>", "canvas")
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            headers = {**make.auth(visit), "X-Forwarded-Host": ELSEWHERE, "Forwarded": f"host={ELSEWHERE}"}
            answer = client.open(path, method=method, base_url=f"https://{ELSEWHERE}", headers=headers)
            if ELSEWHERE in answer.text or ELSEWHERE in str(answer.headers):
                named.append((method, rule.rule))
    assert named == []
