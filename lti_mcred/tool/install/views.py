"""Dynamic Registration in the administrator's browser, and the documents that she pastes by their URL. HTTP only.

No cookie is needed: the form carries everything.
"""

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request

from lti_mcred.services import site
from lti_mcred.tool.install.invitations import check_invite, registration_link
from lti_mcred.tool.install.registration import register, renewed, review
from lti_mcred.tool.install.request import places, promised
from lti_mcred.tool.known.platforms import called
from lti_mcred.tool.profiles import GUIDES, PLACE_WORDS, PROFILES
from lti_mcred.tool.profiles.registering import Document
from lti_mcred.tool.protocol.services_asked import ASKED
from lti_mcred.tool.refusals.fields import REGISTER_FIELDS, read_fields
from lti_mcred.tool.refusals.table import ANY_FRAME
from lti_mcred.web.guards import public
from lti_mcred.web.limits import limited

bp = Blueprint("tool_registration", __name__)


@bp.before_request
def seen_in_frames() -> None:
    """The school's host is not known yet, so any LMS may hold these pages; the invitation is what protects."""
    g.frame_ancestors = ANY_FRAME


@bp.get("/lti/register")
@public
@limited("registrations", "refusals")
def offer() -> Response:
    """Show what will be installed and asked for; without an LMS's parameters, how to use the invitation."""
    fields = read_fields(request.args, REGISTER_FIELDS)
    invitation = check_invite(fields.get("invite", ""))
    if "openid_configuration" not in fields:
        renews = renewed(invitation)
        return _page(
            "tool/invitation.html",
            guides=GUIDES.values(),
            link=registration_link(fields["invite"]),
            invitation=invitation,
            renews=renews,
            lms=called(renews, {}) if renews else "",
        )
    found = review(fields["invite"], fields["openid_configuration"], fields.get("registration_token", ""))
    where = [PLACE_WORDS[name] for name in places(found.configuration)]
    offered = [one for one in ASKED if promised(one, found.configuration)]
    return _page("tool/register.html", fields={**fields, "seen": found.seen}, review=found, asked=offered, places=where)


@bp.post("/lti/register")
@public
@limited("registrations", "refusals")
def confirm() -> Response:
    """Register."""
    request.max_content_length = 100_000
    fields = read_fields(request.form, REGISTER_FIELDS)
    registered = register(
        fields.get("invite", ""),
        fields.get("openid_configuration", ""),
        fields.get("registration_token", ""),
        fields.get("seen", ""),
    )
    return _page("tool/registered.html", registered=registered, platform=registered.platform)


def _publish(document: Document) -> None:
    """Publish our side of the registration where an administrator of an LMS pastes its address."""

    @public
    def show() -> Response:
        answer = jsonify(document.content(site()))
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    bp.add_url_rule(document.path, document.path.rpartition("/")[2].replace(".", "_"), show)


for _profile in PROFILES.values():
    if _profile.registration.document:
        _publish(_profile.registration.document)


def _page(template: str, **values: object) -> Response:
    answer = make_response(render_template(template, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer
