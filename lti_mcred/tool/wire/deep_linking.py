"""The answer of the picker: content items, signed, carried back to the LMS by the browser (Deep Linking 2.0, 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Response, g, make_response, render_template
from jwt.exceptions import InvalidTokenError

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import origin
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.platforms import called
from lti_mcred.tool.profiles import LmsProfile, profile_named
from lti_mcred.tool.protocol.addresses import usable
from lti_mcred.tool.protocol.claims import LTI
from lti_mcred.tool.wire.keys import life_of_token, new_jti, public_jwks, sign
from lti_mcred.tool.wire.problems import problem
from lti_mcred.web.models import Visit

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
# Canvas refuses an iat of more than five minutes, so nothing is gained by a longer life.
_LONGEST_TITLE = 250


@dataclass(frozen=True)
class ContentItem:
    """One activity to place. `score_maximum`: points of its grade column, None for an activity without one."""

    activity_id: str
    title: str
    text: str = ""
    score_maximum: float | None = None


def content_item(
    item: ContentItem, base_url: str, settings: Mapping[str, Any], profile: LmsProfile, placement: str = ""
) -> dict[str, Any]:
    """Return an ltiResourceLink item (Deep Linking 2.0, 3.4.3) for the platform that sent `settings`.

    The activity is named in `custom`, which LMSs keep when a course is copied, and in the address, for the others.
    """
    entry: dict[str, Any] = {
        "type": "ltiResourceLink",
        "url": f"{base_url.rstrip('/')}/lti/launch?activity={item.activity_id}",
        "title": item.title[:_LONGEST_TITLE],
        "custom": {"activity": item.activity_id, **profile.link_custom},
    }
    if item.text:
        entry["text"] = profile.item_text(item.text)
    if "iframe" in settings.get("accept_presentation_document_targets", ()):
        entry["iframe"] = {"width": 900, "height": 700}
    if item.score_maximum and settings.get("accept_lineitem") is not False and profile.takes_line_item(placement):
        entry["lineItem"] = {
            "scoreMaximum": item.score_maximum,
            "label": item.title[:_LONGEST_TITLE],
            "resourceId": item.activity_id,
            "tag": "micro-credential",
            **profile.line_item_extras,
        }
    return entry


def respond(visit: Visit, items: Sequence[ContentItem], *, message: str = "", error: str = "") -> Response:
    """Return the page that posts the response; no items and no words is a cancel.

    `message` and `error` are shown by the LMS to the teacher. Raises Problem when the visit is no deep linking one, or
    the LMS does not take what was chosen.
    """
    asked = _asked(visit)
    platform = db.session.get_one(Platform, visit.platform_id)
    profile = profile_named(platform.profile)
    placement = str(visit.launch.get("placement", ""))
    _check(asked, items)
    claims = _response_claims(visit, platform, asked)
    base = site().public_url
    claims[DL + "content_items"] = [content_item(item, base, asked, profile, placement) for item in items]
    if items:
        claims |= profile.deep_linking_extras(placement, site().tool_name)
    claims |= {DL + name: words for name, words in (("msg", message), ("errormsg", error)) if words}
    return _page(visit, platform, asked["deep_link_return_url"], _own_check(sign(claims), claims), cancelled=not items)


def cancel(visit: Visit) -> Response:
    """Return the page that goes back to the LMS with nothing."""
    return respond(visit, ())


def _asked(visit: Visit) -> Mapping[str, Any]:
    asked = visit.launch.get("deep_linking")
    if not isinstance(asked, dict) or not usable(asked.get("deep_link_return_url"), site().allowed_private_hosts):
        raise problem("picker-without-request")
    return asked


def _check(asked: Mapping[str, Any], items: Sequence[ContentItem]) -> None:
    if items and "ltiResourceLink" not in asked.get("accept_types", ()):
        raise problem("picker-wrong-place")
    if len(items) > 1 and not asked.get("accept_multiple"):
        raise problem("picker-one-only")


def _response_claims(visit: Visit, platform: Platform, asked: Mapping[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        **life_of_token(utcnow()),
        "nonce": new_jti(),
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": db.session.get_one(Deployment, visit.deployment_id).deployment_id,
    }
    if "data" in asked:  # echoed when it was there, even empty; never sent when it was not
        claims[DL + "data"] = asked["data"]
    return claims


def _own_check(token: str, claims: Mapping[str, Any]) -> str:
    """Return `token` if the keys that we publish verify it: an LMS would show its refusal as raw JSON."""
    kid = jwt.get_unverified_header(token)["kid"]
    published = {key["kid"]: key for key in public_jwks()["keys"]}
    try:
        said = jwt.decode(token, jwt.PyJWK(published[kid]), algorithms=["RS256"], audience=str(claims["aud"]))
    except (InvalidTokenError, KeyError) as error:
        raise problem("picker-not-signed", log=str(error)) from None
    if said != dict(claims):
        raise problem("picker-not-signed", log="the signed claims differ")
    return token


def _page(visit: Visit, platform: Platform, return_url: str, token: str, *, cancelled: bool) -> Response:
    # The LMS may answer the post with a redirect to another of its hosts, which form-action governs too.
    g.form_targets = tuple(dict.fromkeys([origin(return_url), *visit.frame_ancestors.split()]))
    page = render_template(
        "tool/deep_link_return.html",
        return_url=return_url,
        token=token,
        cancelled=cancelled,
        lms=called(platform, visit.launch),
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
