"""An LMS whose class list a test writes, and what the tables then say."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from sqlalchemy import select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import Answer, HttpClient
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.tool.known.models import Roster
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.roster import reading
from tests import factories
from tests.conformance.lms import FakeHttp
from tests.services import replace_service

ONE = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACH = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


class Class(FakeHttp):
    """An LMS that answers with the class list at hand, some people a page."""

    def __init__(self, course: Course, size: int = 50) -> None:
        super().__init__()
        self.people: list[dict[str, Any]] = []
        self.size, self.url, self.pages_asked = size, course.memberships_url or "", 0
        self.refuse: dict[int, Any] = {}  # once, for a page
        self.always: tuple[int, Any] | None = None
        self.on("POST", platform_of(course).token_url, (200, {"access_token": "t", "expires_in": 3600}))

    def request(self, method: str, url: str, **given: Any) -> Answer:
        if not url.startswith(self.url):
            return super().request(method, url, **given)
        self.sent.append({"url": url})
        page = int(parse_qs(urlsplit(url).query).get("page", ["0"])[0])
        self.pages_asked += 1
        if page in self.refuse or self.always:
            now = self.always or self.refuse.pop(page)
            if isinstance(now, Exception):
                raise now
            return Answer(now[0], "", now[2] if len(now) > 2 else {}, json.dumps(now[1]).encode(), url, 0)
        start = page * self.size
        body = {"id": url, "members": self.people[start : start + self.size]}
        more = start + self.size < len(self.people)
        headers = {"link": f'<{self.url}?page={page + 1}>; rel="next"'} if more else {}
        return Answer(200, "", headers, json.dumps(body).encode(), url, 0)

    def has(self, *people: str, role: str = ONE, **more: Any) -> None:
        """Let these be on the list, beside whoever is."""
        self.people += [{"user_id": one, "roles": [role], **more} for one in people]

    def lacks(self, *people: str) -> None:
        """Take these off the list."""
        self.people = [one for one in self.people if one["user_id"] not in people]


def canvas_course() -> Course:
    """A committed course in Canvas."""
    found: Course = factories.course(factories.deployment(factories.platform(profile="canvas")))
    db.session.commit()
    return found


def listen(app: Flask, class_list: Class) -> Class:
    replace_service(app, HttpClient, class_list)
    return class_list


def read(course: Course) -> Roster:
    return reading.read_now(course)


def standing(course: Course) -> dict[str, str]:
    """Return sub -> state of everybody in the course."""
    query = select(Person.sub, Membership.state).join(Membership).where(Membership.course_id == course.id)
    return {row.sub: row.state for row in db.session.execute(query)}


def roles(course: Course, sub: str) -> list[str]:
    query = select(Membership.roles).join(Person).where(Membership.course_id == course.id, Person.sub == sub)
    return list(db.session.scalars(query).one())


def learner(course: Course, sub: str, *with_roles: str, ago: timedelta = timedelta(hours=1)) -> Membership:
    """Somebody who has launched."""
    row = factories.membership(factories.person(course, sub=sub), course, *with_roles)
    row.seen_at = utcnow() - ago
    db.session.commit()
    return row


def words(course: Course) -> str:
    return reading.result_words(read(course))
