"""The address that an LMS sends its notices to. HTTP only."""

from flask import Blueprint, Response, jsonify, request

from lti_mcred.tool.notices.problems import problem
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
        raise problem("notice-not-trusted", status=taken.refused[0].status)
    return jsonify(believed=taken.believed, refused=len(taken.refused))


def _tokens() -> list[object]:
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # a thousand brackets
        body = None
    listed = body.get("notices") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST:
        raise problem("no-notices", most=_MOST)
    return [one.get("jwt") if isinstance(one, dict) else None for one in listed]
