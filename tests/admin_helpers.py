"""An operator who is signed in, and administrators of an LMS, as the administration meets them."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_mcred.tool.admin.access import make_link
from lti_mcred.tool.known.models import Deployment
from lti_mcred.web.models import Visit
from tests import factories as make


@dataclass
class Operator:
    """A browser with a session of the operator; `key` is the hidden field of its forms."""

    client: FlaskClient
    key: str

    def get(self, path: str = "/", **query: str) -> TestResponse:
        """Open a page of the administration."""
        return self.client.get(f"/admin{path}", query_string=query)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form of the administration, as its page would."""
        return self.client.post(f"/admin{path}", data={"operator_form": self.key, **form})


def sign_in(client: FlaskClient) -> Operator:
    """Open the administration with a one-time link."""
    link = urlsplit(make_link())
    assert client.post(link.path, data={"code": link.fragment}).status_code == 303
    return Operator(client, hidden(client.get("/admin/connect/moodle"), "operator_form"))


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return unescape(found[1])


def value_of(page: TestResponse, field: str) -> str:
    """Return what stands in a field of a form."""
    tag = re.search(rf'<input[^>]*\bid="{field}"[^>]*>', page.text)
    found = re.search(r'\bvalue="([^"]*)"', tag[0]) if tag else None
    return unescape(found[1]) if found else ""


def admin_visit(at: Deployment, **launch: Any) -> Visit:
    """A visit of an administrator of the LMS, launched outside any course."""
    course = make.course(at)
    visit = make.visit(make.person(course), course, launch={"administers": True, **launch})
    visit.course_id, visit.roles = None, []
    return visit
