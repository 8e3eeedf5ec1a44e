"""The lines of a connection test that need launches: class list, grade column, a score for the test user, places."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import Answer, HttpError
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.tool.health.checks import Line, failed, not_tried, passed, spoken, troubled, unreachable
from lti_mcred.tool.health.given import places
from lti_mcred.tool.known.granted import Brought, brought
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.profiles import Score, profile_named
from lti_mcred.tool.profiles.base import LMS_ADMIN, NO_TEST_USER, TEACHER
from lti_mcred.tool.protocol.services_asked import LINEITEM, ROSTER, SCORE
from lti_mcred.tool.wire.ags import LINE_ITEM_TYPE, SCORE_TYPE, beside, with_query
from lti_mcred.tool.wire.nrps import ROSTER_TYPE
from lti_mcred.tool.wire.service import ServiceRefused, call

COLUMN_TAG = "lti-mcred-connection-test"
_LABEL = _l("Connection test, is removed at once")
_LOOKED_AT = 50  # newest courses
_ROSTER_PAGE = "10"


@dataclass(frozen=True)
class Ground:
    """Where a deployment's services are tried. None: no course offers it yet."""

    platform: Platform
    granted: tuple[str, ...]
    any_course: bool
    members_at: Course | None
    columns_at: Course | None
    test_user: str | None


def ground_of(platform: Platform, deployment: Deployment, granted: tuple[str, ...]) -> Ground:
    """Choose courses of the deployment: best the one that the LMS's test user has opened, else the newest."""
    ours = select(Course).where(Course.deployment_id == deployment.id).order_by(Course.id.desc())
    courses = list(db.session.scalars(ours.limit(_LOOKED_AT)))
    tried = (
        select(Course, Person.sub)
        .join(Membership, Membership.course_id == Course.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Course.deployment_id == deployment.id, Person.is_test_user, Course.lineitems_url.is_not(None))
        .order_by(Membership.seen_at.desc())
    )
    chosen = db.session.execute(tried.limit(1)).first()
    return Ground(
        platform=platform,
        granted=granted,
        any_course=bool(courses),
        members_at=next((one for one in courses if one.memberships_url), None),
        columns_at=chosen[0] if chosen else next((one for one in courses if one.lineitems_url), None),
        test_user=chosen[1] if chosen else None,
    )


def roster(ground: Ground) -> Line:
    """Whether the first page of a class list can be read. Nobody on it is kept."""
    course = ground.members_at
    if course is None or not course.memberships_url:
        return _no_course(ground, "roster", _("No launch says where the class list is: the LMS does not share it."))
    if ROSTER not in ground.granted:
        return _no_right("roster")
    url = with_query(course.memberships_url, {"limit": _ROSTER_PAGE})
    title = course.title
    answer = _send(ground, "roster", ("GET", url), {"Accept": ROSTER_TYPE})
    if isinstance(answer, Line):
        return answer
    if not answer.ok:
        words = _("The LMS does not let this tool read the class list of “%(course)s”.", course=title)
        return troubled("roster", answer) or failed("roster", words, LMS_ADMIN, spoken(answer))
    listed = _json_object(answer).get("members")
    if not isinstance(listed, list):
        words = _("The LMS answered, but not with a class list.")
        return failed("roster", words, LMS_ADMIN, f"{answer.status} {answer.headers.get('content-type', '')}")
    return passed("roster", _("The class list of “%(course)s” can be read.", course=title))


def column_and_score(ground: Ground) -> list[Line]:
    """Make a grade column, send it a score for the test user, and take the column away again."""
    course = ground.columns_at
    if course is None or not course.lineitems_url:
        line = _no_course(
            ground, "column", _("No launch says where grade columns are made: the LMS does not offer it.")
        )
        return [line, _no_column()]
    if LINEITEM not in ground.granted:
        return [_no_right("column"), _no_column()]
    title = course.title
    body = {"label": str(_LABEL), "scoreMaximum": 1, "tag": COLUMN_TAG,
            "resourceId": COLUMN_TAG}  # fmt: skip
    headers = {"Content-Type": LINE_ITEM_TYPE, "Accept": LINE_ITEM_TYPE}
    made = _send(ground, "column", ("POST", course.lineitems_url), headers, body)
    if isinstance(made, Line):
        return [made, _no_column()]
    url = _json_object(made).get("id")
    if not made.ok or not isinstance(url, str) or not url:
        return [_not_made(made, title), _no_column()]
    score = _score(ground, url)
    return [_removed(ground, url, title), score]


def untried(words: str) -> list[Line]:
    """Return the lines of this module when none of them can be tried."""
    return [not_tried(name, words) for name in ("roster", "column", "score")]


def opened_from(platform: Platform, deployment: Deployment | None) -> Line:
    """Say from which places launches have come so far, and with which messages. Nothing is asked of the LMS."""
    shown = brought(deployment.id) if deployment else Brought()
    found = places(platform, shown)
    seen = "; ".join(str(one.what) for one in found if one.last_at)
    missing = "; ".join(str(one.what) for one in found if not one.last_at)
    if not missing:
        return passed("places", _("It was opened from: %(places)s.", places=seen))
    cure = _("Open the tool from there once. Where that is not offered, the administrator of the LMS has to switch the "
             "place on.")  # fmt: skip
    words = _("Not seen yet: %(places)s.", places=missing)
    if seen:
        words = _("It was opened from: %(seen)s. Not seen yet: %(missing)s.", seen=seen, missing=missing)
    named = ", ".join(one.name for one in shown.seen if one.family in ("messages", "placements"))
    return not_tried("places", f"{words} {cure}", LMS_ADMIN, named)


def _score(ground: Ground, url: str) -> Line:
    profile = profile_named(ground.platform.profile)
    if ground.test_user is None:
        return not_tried("score", str(NO_TEST_USER), TEACHER)
    if SCORE not in ground.granted:
        return _no_right("score")
    now = utcnow()
    body = profile.score_body(
        Score(ground.test_user, now, "Completed", "FullyGraded", 1, 1, _("Connection test"), submitted_at=now)
    )
    headers = {"Content-Type": SCORE_TYPE, "Accept": "*/*"}
    answer = _send(ground, "score", ("POST", beside(url, "scores")), headers, body)
    if isinstance(answer, Line):
        return answer
    verdict = profile.read_answer(answer)
    if verdict.state == "sent":
        return passed("score", _("The gradebook took 1 of 1 for the test user."))
    return troubled("score", answer) or failed("score", verdict.reason, verdict.who, spoken(answer))


def _not_made(answer: Answer, title: str) -> Line:
    if line := troubled("column", answer):
        return line
    if answer.status in (404, 410):
        words = _("The course “%(course)s” is no longer open in the LMS. Open this tool from a running course, then "
                  "test again.", course=title)  # fmt: skip
        return failed("column", words, TEACHER, spoken(answer))
    words = _("The LMS does not let this tool make a grade column in “%(course)s”.", course=title)
    return failed("column", words, LMS_ADMIN, spoken(answer))


def _removed(ground: Ground, url: str, title: str) -> Line:
    answer = _send(ground, "column", ("DELETE", url), {})
    if isinstance(answer, Answer) and (answer.ok or answer.status in (404, 410)):
        return passed("column", _("Made in “%(course)s”, and removed.", course=title))
    words = _("It was made in “%(course)s”, but the LMS did not remove it. Please delete the column “%(column)s” "
              "there.", course=title, column=_LABEL)  # fmt: skip
    return failed("column", words, TEACHER, spoken(answer) if isinstance(answer, Answer) else answer.said)


def _send(
    ground: Ground, name: str, target: tuple[str, str], headers: Mapping[str, str], body: Any = None
) -> Answer | Line:
    """Return the LMS's answer to `target` (method, address), or the line that says why there is none."""
    raw = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
    try:
        return call(ground.platform, ground.granted, *target, headers=headers, body=raw)
    except ServiceRefused as refused:
        words = _("The LMS gave a token at first, and then none.")
        return troubled(name, refused.answer) or failed(name, words, LMS_ADMIN, spoken(refused.answer))
    except HttpError as error:
        return unreachable(name, error)


def _json_object(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except (HttpError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_course(ground: Ground, name: str, words: str) -> Line:
    if ground.any_course:
        return failed(name, words, LMS_ADMIN)
    return not_tried(name, _("Nobody has opened this tool from a course yet. Do it once, then test again."), TEACHER)


def _no_right(name: str) -> Line:
    return not_tried(name, _("This needs a right that the LMS has not granted, see above."), LMS_ADMIN)


def _no_column() -> Line:
    return not_tried("score", _("This needs a grade column, see above."))
