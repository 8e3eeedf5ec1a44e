"""Grades on the wire: scores, results and line items (LTI Assignment and Grade Services 2.0)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import gettext as _

from lti_mcred.outbound.http import HttpError
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles import Delivery, profile_named
from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, said
from lti_mcred.tool.protocol.services_asked import LINEITEM, LINEITEM_READ, RESULT_READ, SCORE
from lti_mcred.tool.wire.service import ListUnclear, ServiceRefused, call, pages

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
_KEPT = 4000


@dataclass(frozen=True)
class Posted:
    """A score that was posted, or why it was not. `status` None: no answer came."""

    delivery: Delivery
    status: int | None = None
    answer: str = ""


@dataclass(frozen=True)
class Result:
    """What the gradebook holds for a learner (AGS 3.3). `score` None: no final grade."""

    user_id: str
    score: float | None
    maximum: float | None
    comment: str


@dataclass(frozen=True)
class LineItem:
    """A grade column (AGS 3.2). `url` is its id."""

    label: str
    score_maximum: float
    url: str = ""
    resource_id: str = ""
    tag: str = ""
    resource_link_id: str = ""


class AgsRefused(Exception):
    """The LMS did not answer with what was asked for; `delivery` says in plain words who can cure it."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(f"{delivery.state}: {delivery.reason} {delivery.words}")
        self.delivery = delivery


def post_body(course: Course, lineitem_url: str, body: dict[str, Any]) -> Posted:
    """Post a score to a line item of `course`: the body that the profile built, the same bytes when it is sent again.

    Never raises for what the LMS does. Ends the current transaction before the request is made: commit what must be
    kept first.
    """
    platform = platform_of(course)
    profile = profile_named(platform.profile)
    if SCORE not in course.scopes:
        reason = _("The LMS has not given this tool the right to write grades in this course.")
        return Posted(Delivery("held", reason, str(LMS_ADMIN)))
    headers = {"Content-Type": SCORE_TYPE, "Accept": "*/*"}
    raw = json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = call(platform, (SCORE,), "POST", beside(lineitem_url, "scores"), headers=headers, body=raw)
    except ServiceRefused as refused:
        return Posted(_no_token(refused), refused.answer.status, refused.answer.text[:_KEPT])
    except HttpError as error:
        return Posted(_unreachable(error))
    return Posted(profile.read_answer(answer), answer.status, (answer.text or answer.phrase)[:_KEPT])


def read_results(course: Course, lineitem_url: str, user_id: str | None = None) -> list[Result]:
    """Return the grades of a line item, of one learner or of all. Raises AgsRefused.

    `limit` is never sent: Moodle breaks on it.
    """
    params = {"user_id": user_id} if user_id else None
    found = _list(platform_of(course), RESULT_READ, beside(lineitem_url, "results"), RESULTS_TYPE, params)
    return [result for entry in found if (result := _result(entry)) and user_id in (None, result.user_id)]


def line_items(course: Course, *, resource_id: str = "", resource_link_id: str = "", tag: str = "") -> list[LineItem]:
    """Return our line items in the course, filtered when asked. Raises AgsRefused."""
    wanted = {"resource_id": resource_id, "resource_link_id": resource_link_id, "tag": tag}
    params = {name: value for name, value in wanted.items() if value}
    limit = profile_named(platform_of(course).profile).page_limit
    if limit:
        params["limit"] = str(limit)
    # Either right lets a tool read (AGS 3.1); some LMSs grant the greater one only.
    scope = LINEITEM if LINEITEM in course.scopes and LINEITEM_READ not in course.scopes else LINEITEM_READ
    found = _list(platform_of(course), scope, _lineitems(course), LINE_ITEMS_TYPE, params)
    return [item for entry in found if (item := _line_item(entry))]


def beside(lineitem_url: str, service: str) -> str:
    """Return the address of a line item's `scores` or `results`: before the query, which Moodle needs."""
    parts = urlsplit(lineitem_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{service}", fragment=""))


def with_query(url: str, params: Mapping[str, str]) -> str:
    """Return `url` with `params` put into its query; a name that is there already gets the new value."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in params]
    return urlunsplit(parts._replace(query=urlencode([*kept, *params.items()])))


def _lineitems(course: Course) -> str:
    if not course.lineitems_url:
        raise AgsRefused(Delivery("held", _("The LMS offers no grade columns in this course."), str(LMS_ADMIN)))
    return course.lineitems_url


def _list(platform: Platform, scope: str, url: str, kind: str, params: Mapping[str, str] | None) -> list[Any]:
    try:
        answers = pages(platform, (scope,), with_query(url, params or {}), accept=kind)
        found: list[Any] = []
        for answer in answers:
            if not answer.ok:
                raise AgsRefused(profile_named(platform.profile).read_answer(answer))
            listed = answer.json()
            if not isinstance(listed, list):  # no list is not an empty one
                raise AgsRefused(Delivery("held", _("The LMS answered, but without a list."), str(LMS_ADMIN)))
            found.extend(listed)
    except ListUnclear as unclear:
        raise AgsRefused(Delivery("held", str(unclear), str(LMS_ADMIN))) from None
    except ServiceRefused as refused:
        raise AgsRefused(_no_token(refused)) from None
    except HttpError as error:
        raise AgsRefused(_unreachable(error)) from None
    return found


def _no_token(refused: ServiceRefused) -> Delivery:
    words = said(refused.answer)
    if refused.permanent:
        reason = _("The LMS does not let this tool use its services. The tool may be switched off there, or its key "
                   "may have changed.")  # fmt: skip
        return Delivery("held", reason, str(LMS_ADMIN), words)
    reason = _("The LMS has a fault of its own at the moment.")
    return Delivery("later", reason, str(NOBODY), words, refused.answer.retry_after())


def _unreachable(error: HttpError) -> Delivery:
    if error.permanent:
        reason = _("The address of the LMS's grade service cannot be used.")
        return Delivery("held", reason, str(LMS_ADMIN), error.words)
    reason = f"{_('The LMS could not be reached.')} {error.advice}".strip()
    return Delivery("later", reason, error.who or str(NOBODY), error.words)


def _result(entry: Any) -> Result | None:
    if not isinstance(entry, dict) or entry.get("userId") is None:
        return None
    score = _float_or_none(entry.get("resultScore"))
    maximum = _float_or_none(entry.get("resultMaximum"))
    if score is not None and maximum is None:
        maximum = 1.0  # AGS 3.3.3.4: the default
    return Result(str(entry["userId"]), score, maximum, str(entry.get("comment") or ""))


def _line_item(entry: Any) -> LineItem | None:
    if not isinstance(entry, dict):
        return None
    text = {name: str(entry.get(name) or "") for name in ("id", "label", "resourceId", "tag", "resourceLinkId")}
    return LineItem(
        label=text["label"],
        score_maximum=_float_or_none(entry.get("scoreMaximum")) or 0.0,
        url=text["id"],
        resource_id=text["resourceId"],
        tag=text["tag"],
        resource_link_id=text["resourceLinkId"],
    )


def _float_or_none(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
