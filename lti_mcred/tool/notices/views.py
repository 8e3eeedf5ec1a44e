"""The address that an LMS sends its notices to. HTTP only."""

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from lti_mcred.errors import Problem
from lti_mcred.tool.notices.take import take
from lti_mcred.web.guards import public
from lti_mcred.web.limits import limited

bp = Blueprint("notices", __name__)
# A notice of Canvas has about 2 kB; it sends ten at a time unless asked for more.
_LARGEST_BODY = 256 * 1024
_MOST = 50


@bp.post("/lti/notices")
@public
@limited("refusals")
def arrive() -> Response:
    """Take a delivery of notices: {"notices": [{"jwt": "…"}]}. One good notice is enough for a 200."""
    request.max_content_length = _LARGEST_BODY
    taken = take(_tokens())
    if taken.refused and not taken.believed:
        raise _not_believed(taken.refused[0].status)
    return jsonify(believed=taken.believed, refused=len(taken.refused))


def _tokens() -> list[object]:
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # a thousand brackets
        body = None
    listed = body.get("notices") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST:
        raise Problem(
            "no-notices",
            _("There is no notice in this message"),
            _("It should hold a list of 1 to %(most)s signed notices.", most=_MOST),
            _("Send notices as the Platform Notification Service describes them."),
            _("The administrator of the LMS"),
        )
    return [one.get("jwt") if isinstance(one, dict) else None for one in listed]


def _not_believed(status: int) -> Problem:
    return Problem(
        "notice-not-trusted",
        _("We could not make sure that this notice comes from your LMS"),
        _("The registration in the LMS and the one in this tool differ, or the notice is too old."),
        _("Compare the registration in the LMS with the one in this tool."),
        _("The administrator of the LMS"),
        status,
    )
