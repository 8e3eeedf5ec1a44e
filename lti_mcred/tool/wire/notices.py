"""Asking an LMS to tell us when a course is copied: one PUT to its notice handler service (LTI-PNS 1.0), by the outbox.

The claim of a launch says where to ask. Canvas keeps one handler for each type of notice and sends each notice once.
"""

import json
from datetime import timedelta
from typing import Any

from lti_mcred import outbox
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import HttpError
from lti_mcred.outbox import Done, GiveUp, Later, Outcome
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment
from lti_mcred.tool.profiles.base import said
from lti_mcred.tool.protocol.claims import COPY_NOTICE, NOTICE_SCOPE
from lti_mcred.tool.wire.service import ServiceRefused, call

TOPIC = "notices.ask"
# After a refusal: an administrator may have granted the right meanwhile.
_ASK_AGAIN = timedelta(days=1)


def ask_for_notices(deployment: Deployment, url: str | None) -> None:
    """Put the request into the outbox when the LMS offers notices at `url` and they were not asked for there.

    Costs no statement when nothing is new. Does not commit.
    """
    if url is None or not _due(deployment, url):
        return
    deployment.notices_url, deployment.notices_asked_at, deployment.notices_set_at = url, utcnow(), None
    outbox.put(TOPIC, deployment.id, {"deployment_id": deployment.id})


def handler_url() -> str:
    """Return the address that an LMS sends notices to."""
    return f"{site().public_url.rstrip('/')}/lti/notices"


def subscribe(payload: dict[str, Any]) -> Outcome:
    """Handle {"deployment_id"}: name our handler. Safe to run twice: the LMS keeps one handler for each type."""
    deployment = db.session.get(Deployment, str(payload.get("deployment_id")))
    if deployment is None or not deployment.notices_url or deployment.state != "active":
        return Done()
    url, platform = deployment.notices_url, deployment.platform
    body = json.dumps({"notice_type": COPY_NOTICE, "handler": handler_url()}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        answer = call(platform, (NOTICE_SCOPE,), "PUT", url, headers=headers, body=body)
    except ServiceRefused as refused:
        return GiveUp(str(refused)) if refused.permanent else Later(str(refused))
    except HttpError as error:
        return GiveUp(str(error)) if error.permanent else Later(str(error))
    if not answer.ok:
        reason = f"{answer.status} {said(answer)}"
        return Later(reason) if answer.status in (408, 425, 429) or answer.status >= 500 else GiveUp(reason)
    deployment = db.session.get_one(Deployment, deployment.id)
    deployment.notices_set_at = utcnow()
    db.session.commit()
    return Done()


def _due(deployment: Deployment, url: str) -> bool:
    if deployment.notices_url != url:
        return True
    asked = deployment.notices_asked_at
    return deployment.notices_set_at is None and (asked is None or utcnow() - asked > _ASK_AGAIN)
