"""The Platform Notification Service: handlers are stored and listed; a copied course is told to those who asked."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response
from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.installs import is_web_address
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.signing import sign
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import seconds
from lti_mcred.practice.ground.models import Course, Tool
from lti_mcred.practice.ground.shapes import Notice
from lti_mcred.practice.temperaments.canvas.answers import answer, body_object, refusal
from lti_mcred.practice.temperaments.canvas.claims import NOTICE_TYPES, context_claim, iso
from lti_mcred.practice.temperaments.canvas.guard import tool_of_token

Json = dict[str, Any]
COPY_NOTICE = "LtiContextCopyNotice"


def routes(blueprint: Blueprint) -> None:
    """Add the notice handlers' endpoint (Platform Notification Service 1.0), one address for GET and PUT."""
    path = "/api/lti/notice-handlers/<int:number>"
    blueprint.add_url_rule(path, service("notice_handlers"), get_handlers, methods=["GET"])
    blueprint.add_url_rule(path, service("notice_handler_put"), put_handler, methods=["PUT"])


def get_handlers(number: int) -> Response:
    """GET the handler of each notice type; "" where the tool named none."""
    here = desk()
    tool = _tool(here, number)
    handlers = [{"notice_type": kind, "handler": "", **tool.notice_handlers.get(kind, {})} for kind in NOTICE_TYPES]
    body = {
        "client_id": int(tool.client_id),  # a JSON number here and nowhere else
        "deployment_id": tool.deployment_id,
        "notice_handlers": handlers,
    }
    return answer(body)


def put_handler(number: int) -> Response:
    """PUT a handler for one notice type; an empty ``handler`` takes it away.

    400 for an unknown type, and for an address that is not on the tool's domain or a host of its redirect URIs.
    """
    here = desk()
    tool = _tool(here, number)
    body = body_object()
    kind, handler = body.get("notice_type"), body.get("handler")
    if not isinstance(handler, str):
        raise refusal(400, "handler must be a valid URL or an empty string")
    if kind not in NOTICE_TYPES:
        known = ", ".join((NOTICE_TYPES[0], NOTICE_TYPES[1], NOTICE_TYPES[2]))
        raise refusal(400, f"Validation failed: Notice type unknown, must be one of [{known}]")
    _check_url(tool, handler)
    stored: Json = {"notice_type": kind, "handler": handler}
    if isinstance(body.get("max_batch_size"), int):
        stored["max_batch_size"] = body["max_batch_size"]
    tool.notice_handlers = {**tool.notice_handlers, str(kind): stored}
    return answer(stored)


def of_copy(here: Desk, copy: Course) -> list[Notice]:
    """A signed LtiContextCopyNotice for each tool with a handler for it: no person, no role, no target."""
    origin = here.db.get(Course, copy.copied_from_id)
    made = []
    for tool in here.tools():
        handler = tool.notice_handlers.get(COPY_NOTICE, {}).get("handler")
        if tool.active and handler:
            claims = _claims(here, tool, COPY_NOTICE) | {v.LTI + "context": context_claim(copy)}
            claims |= {v.LTI + "origin_contexts": [origin.context_id]} if origin else {}
            made.append(Notice(str(handler), sign(here, claims)))
    return made


def _claims(here: Desk, tool: Tool, kind: str) -> Json:
    now = here.now()
    return {
        v.LTI + "version": "1.3.0",
        v.LTI + "notice": {"id": str(uuid.uuid4()), "timestamp": iso(now), "type": kind},
        "aud": tool.client_id,
        "azp": tool.client_id,
        v.LTI + "deployment_id": tool.deployment_id,
        "exp": seconds(now) + 3600,
        "iat": seconds(now),
        "iss": here.campus.issuer,
        "nonce": str(uuid.uuid4()),
    }


def _check_url(tool: Tool, handler: str) -> None:
    if not handler:
        return
    if not is_web_address(handler):
        raise refusal(400, "Validation failed: Url is not a valid URL")
    hosts = {tool.domain, *(urlsplit(str(uri)).netloc for uri in tool.redirect_uris)}
    if urlsplit(handler).netloc not in hosts:
        raise refusal(400, "Validation failed: Url should match tool's domain or redirect uri")


def _tool(here: Desk, number: int) -> Tool:
    caller = tool_of_token(here, {v.NOTICE_HANDLERS})
    tool = here.db.scalar(select(Tool).where(Tool.campus == here.campus.slug, Tool.number == number))
    if tool is None:
        raise refusal(404, "not found")
    if tool.id != caller.id:
        raise refusal(403, "permission denied")
    return tool
