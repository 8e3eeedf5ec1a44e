"""The LMS's door: login, launch, our public keys. HTTP only."""

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from flask import url_for as address_of
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.outbound.http import origin
from lti_mcred.tool.launch.login import Opened, again_fields, authorization_url, open_attempt, over, waiting_attempt
from lti_mcred.tool.launch.problems import refusal
from lti_mcred.tool.launch.take import Landed, Unbound, confirm, launch
from lti_mcred.tool.refusals.fields import LAUNCH_FIELDS, LOGIN_FIELDS, read_fields
from lti_mcred.tool.refusals.table import ANY_FRAME
from lti_mcred.tool.wire import keys
from lti_mcred.web.around import never_stored, show
from lti_mcred.web.guards import public
from lti_mcred.web.limits import limited
from lti_mcred.web.visits import bearer_of, browser_token, set_browser_cookie, token_hash

bp = Blueprint("tool", __name__)
bp.after_request(never_stored)
_LONGEST_COOKIE = 100
_LARGEST_BODY = 2 * 1024 * 1024


@bp.before_request
def small_bodies() -> None:
    """What an LMS sends here is small; whatever is refused here must be seen in its frame (refusals/pages.py)."""
    request.max_content_length = _LARGEST_BODY
    g.frame_ancestors = ANY_FRAME


@bp.route("/lti/login", methods=["GET", "POST"])
@public
@limited("logins", "refusals")
def login() -> AnyResponse:
    """Begin an OIDC login: straight to the platform when the browser keeps our cookie, else find out first."""
    fields = read_fields(request.form if request.method == "POST" else request.args, LOGIN_FIELDS)
    known = _browser()
    browser = known or keys.new_jti()
    opened = open_attempt(fields, browser)
    if known:
        answer: AnyResponse = _to_platform(opened)
    else:
        answer = redirect(address_of("tool.go_on", state=opened.state, nonce=opened.nonce), 303)
    set_browser_cookie(answer, browser)
    return answer


@bp.get("/lti/login/continue")
@public
@limited("refusals")
def go_on() -> AnyResponse:
    """Look whether the cookie stays, before the LMS's launch is used up: Moodle and Canvas let each be used once."""
    opened = waiting_attempt(request.args.get("state", "")[:255], request.args.get("nonce", "")[:255])
    if opened is None:
        raise over(was_used=False)
    browser = _browser()
    if browser and token_hash(browser) == opened.browser_hash:
        return _to_platform(opened)
    g.frame_ancestors = ANY_FRAME
    if opened.storage_target:
        return _put_page(opened)
    return _window_page(again_fields(opened.params))


@bp.post("/lti/launch")
@public
@limited("logins", "refusals")
def launched() -> AnyResponse:
    """Take a launch: to its first page, or one rung further down the ladder of binding."""
    landed = launch(read_fields(request.form, LAUNCH_FIELDS), _browser())
    if isinstance(landed, Unbound):
        return _unbound_page(landed, request.form.get("state", ""))
    return show(landed.visit, landed.page)


@bp.get("/lti/launch")
@public
def not_a_page() -> Response:
    """Help whoever kept the address of a launch as a bookmark, or pressed reload."""
    raise refusal("launch-address")


@bp.post("/lti/launch/confirm")
@public
@limited("refusals")
def confirmed() -> Response:
    """Trade a ticket and the state from platform storage for a visit: the one place that gives out its bearer."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # a thousand brackets
        body = None
    given = body if isinstance(body, dict) else {}
    ticket, state = given.get("ticket"), given.get("state")
    if not _secret(ticket) or not _secret(state):
        raise over(was_used=True)
    landed: Landed = confirm(str(ticket), str(state))
    return jsonify(url=landed.page, visit_id=landed.visit.id, bearer=bearer_of(landed.visit))


@bp.get("/.well-known/jwks.json")
@public
def jwks() -> Response:
    """Publish our public keys."""
    answer = jsonify(keys.public_jwks())
    answer.headers["Cache-Control"] = f"public, max-age={keys.JWKS_MAX_AGE}"
    return answer


def _to_platform(opened: Opened) -> Response:
    """Send the browser to the platform. No words for people who follow no redirect: an LMS's launch needs one."""
    return Response(status=302, headers={"Location": authorization_url(opened)})


def _browser() -> str | None:
    """Return the token of our cookie; one that we cannot have made counts as none."""
    token = browser_token()
    return token if token and 20 <= len(token) <= _LONGEST_COOKIE and token.isascii() else None


def _secret(value: object) -> bool:
    """Whether we can have made this: what we give out is short and ASCII (JSON can name half a character)."""
    return isinstance(value, str) and len(value) <= 255 and value.isascii()


def _put_page(opened: Opened) -> Response:
    """Let the platform's storage remember the state, then go on to the platform."""
    return make_response(
        render_template(
            "visits/binding.html",
            mode="put",
            storage_target=opened.storage_target,
            platform_origin=origin(opened.auth_url),
            state=opened.state,
            next_url=authorization_url(opened),
            login_fields=again_fields(opened.params),
        )
    )


def _window_page(login_fields: dict[str, str]) -> Response:
    """Offer a window of its own, where cookies are first-party; who is in one already has them switched off."""
    if request.headers.get("Sec-Fetch-Dest") == "document":
        raise refusal("cookies-off")
    return make_response(render_template("visits/new_window.html", login_fields=login_fields))


def _unbound_page(unbound: Unbound, state: str) -> Response:
    g.frame_ancestors = unbound.ancestors
    again = again_fields(unbound.params)
    if unbound.rung == "window":
        return _window_page(again)
    return make_response(
        render_template(
            "visits/binding.html",
            mode="get",
            storage_target=unbound.storage_target,
            platform_origin=origin(unbound.auth_url),
            state=state,
            ticket=unbound.ticket,
            confirm_url=address_of("tool.confirmed"),
            login_fields=again,
        )
    )
