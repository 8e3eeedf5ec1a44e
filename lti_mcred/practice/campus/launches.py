"""Launches: begun on a page, taken once by the tool's authorisation request, ended by a signed form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, make_response, render_template
from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.web import allow_forms_to
from lti_mcred.practice.ground.models import Launch, Tool
from lti_mcred.practice.ground.shapes import LaunchPlan

LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class FormPost:
    """An auto-submitting form: a button shows without JavaScript."""

    form_id: str
    action: str
    fields: dict[str, str]


def begin(desk: Desk, plan: LaunchPlan) -> Launch:
    """Remember what the signed-in person opened. Needs a signed-in person."""
    if desk.browser is None:
        raise LookupError("a launch needs somebody signed in")
    launch = Launch(
        token=secrets.token_urlsafe(18),
        campus=desk.campus.slug,
        session_token=desk.browser.token,
        person_id=desk.browser.person_id,
        tool_id=plan.tool.id,
        course_id=plan.course.id if plan.course else None,
        activity_id=plan.activity.id if plan.activity else None,
        selection_id=plan.selection.id if plan.selection else None,
        message_type=plan.message_type,
        placement=plan.placement,
        target_link_uri=plan.target_link_uri,
        for_user_id=plan.for_user.id if plan.for_user else None,
        review_of_id=plan.review_of.id if plan.review_of else None,
        created_at=desk.now(),
    )
    desk.db.add(launch)
    desk.db.flush()
    desk.db.refresh(launch)
    return launch


def find(desk: Desk, token: object) -> Launch | None:
    """The launch of that token on this campus, whether still good or not."""
    if not isinstance(token, str):
        return None
    return desk.db.scalar(select(Launch).where(Launch.token == token, Launch.campus == desk.campus.slug))


def still_good(desk: Desk, launch: Launch) -> bool:
    """Neither taken nor older than five minutes by the campus's clock."""
    return launch.consumed_at is None and desk.now() - launch.created_at <= LIFETIME


def consume(desk: Desk, launch: Launch) -> None:
    """Mark a launch as taken, by the campus's clock: a second authorisation request for it is refused."""
    launch.consumed_at = desk.now()


def login_page(desk: Desk, launch: Launch) -> Response:
    """The page that starts the tool's login (Security Framework 5.1.1.1) by a form of its own."""
    tool = launch.tool
    form = FormPost("login-form", tool.login_url, desk.temperament.login_fields(desk, launch))
    allow_forms_to(tool.login_url, *tool.redirect_uris)
    return make_response(render_template("handover.html", form=form, tool=tool, step="login"))


def answer_page(desk: Desk, tool: Tool, redirect_uri: str, fields: dict[str, str]) -> Response:
    """The authorisation response as a posted form (``response_mode=form_post``)."""
    allow_forms_to(redirect_uri, *tool.redirect_uris)
    form = FormPost("launch-form", redirect_uri, fields)
    return make_response(render_template("handover.html", form=form, tool=tool, step="launch"))


def redirect_uri_registered(tool: Tool, redirect_uri: str) -> bool:
    """Exact string match (Security Framework 5.1.1.1, OpenID Connect Core 3.1.2.1)."""
    return redirect_uri in tool.redirect_uris


def origin_of(url: str) -> str:
    """The scheme, host and port of an address, as a browser compares origins (RFC 6454, 4)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
