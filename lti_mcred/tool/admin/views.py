"""Pages about what is connected: the list, one LMS, and what is changed there. HTTP only.

One blueprint stands at two addresses: /admin for the operator's session, /v/<visit_id>/admin for a visit of an LMS's
administrator, which works inside the LMS's frame without cookies like every page of a visit.
"""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.tool.admin import access, change, connect_views, overview, people_views
from lti_mcred.tool.admin.forms import Typed, of_platform, read_typed
from lti_mcred.tool.admin.problems import problem
from lti_mcred.tool.admin.reach import (
    LARGEST_FORM,
    admin_url,
    administrator,
    administrators,
    operator_only,
    platform_of,
)
from lti_mcred.tool.admin.words import POLICIES, TOLD
from lti_mcred.tool.install.invitations import open_invitations
from lti_mcred.tool.known.asking import waiting
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import our_documents, our_values, shared
from lti_mcred.tool.profiles import GUIDES, profile_named
from lti_mcred.tool.profiles.guides import AUDIENCE_HINT
from lti_mcred.web.around import never_stored
from lti_mcred.web.guards import public
from lti_mcred.web.limits import limited

bp = Blueprint("admin", __name__)
bp.after_request(never_stored)
connect_views.add_to(bp)
people_views.add_to(bp)
door = Blueprint("admin_door", __name__, url_prefix="/admin")
door.after_request(never_stored)


@door.get("/enter")
@public
def offer() -> str:
    """Show one button; a program that looks at links ahead of people presses none."""
    return render_template("admin/enter.html")


@door.post("/enter")
@public
@limited("refusals")
def enter() -> AnyResponse:
    """Take the link, once, and sign this browser in."""
    request.max_content_length = LARGEST_FORM
    # Whoever pastes by hand may paste the whole link.
    code = request.form.get("code", "").strip().rpartition("#")[2]
    answer = redirect(admin_url("home"), 303)
    access.set_cookie(answer, access.take_link(code))
    return answer


@door.post("/sign-out")
@public
def sign_out() -> AnyResponse:
    """End the session."""
    request.max_content_length = LARGEST_FORM
    if access.current_session() is None:
        raise problem("admin-signed-out")
    access.check_form()
    access.close_session()
    answer = make_response(render_template("admin/signed_out.html"))
    access.drop_cookie(answer)
    return answer


@bp.get("/")
@administrators
def home() -> AnyResponse | str:
    """List every LMS for the operator; show an LMS's administrator her own."""
    who = administrator()
    if who.platform_id is not None:
        return _platform_page(platform_of(who, who.platform_id))
    lines, following = overview.list_platforms(request.args.get("after", "")[:32])
    return render_template(
        "admin/platforms.html", lines=lines, following=following, invitations=open_invitations(),
        guides=list(GUIDES.values()), our_key=overview.our_key(), asking=len(waiting()), notices=_told(),
    )  # fmt: skip


@bp.get("/platforms/<platform_id>")
@administrators
def platform(platform_id: str) -> str:
    """Show one LMS."""
    return _platform_page(platform_of(administrator(), platform_id))


@bp.post("/platforms/<platform_id>/deployments/<deployment_id>")
@operator_only
def decide(platform_id: str, deployment_id: str) -> AnyResponse:
    """Approve or refuse an installation."""
    found = platform_of(administrator(), platform_id)
    row = change.decide(administrator(), found, deployment_id, request.form.get("state", ""))
    return _back(found, {"active": "approved", "refused": "refused"}[row.state] if row else "")


@bp.post("/platforms/<platform_id>/policy")
@operator_only
def policy(platform_id: str) -> AnyResponse:
    """Say what becomes of unknown installations."""
    found = platform_of(administrator(), platform_id)
    done = change.set_policy(administrator(), found, request.form.get("policy", ""))
    return _back(found, "policy" if done else "")


@bp.post("/platforms/<platform_id>/name")
@operator_only
def rename(platform_id: str) -> AnyResponse | tuple[str, int]:
    """Give an LMS another name."""
    found = platform_of(administrator(), platform_id)
    typed = request.form.get("name", "")
    if not change.rename(administrator(), found, typed):
        return _platform_page(found, typed_name=typed), 422
    return _back(found, "renamed")


@bp.get("/platforms/<platform_id>/addresses")
@operator_only
def addresses(platform_id: str) -> str:
    """Show the form for other endpoints."""
    found = platform_of(administrator(), platform_id)
    return _addresses_page(found, of_platform(found))


@bp.post("/platforms/<platform_id>/addresses")
@operator_only
def change_addresses(platform_id: str) -> AnyResponse | tuple[str, int]:
    """Store other endpoints."""
    found = platform_of(administrator(), platform_id)
    wrong = change.change_addresses(administrator(), found, read_typed(request.form))
    if wrong is not None:
        return _addresses_page(found, wrong), 422
    return _back(found, "addresses")


@bp.post("/platforms/<platform_id>/test")
@administrators
def test(platform_id: str) -> AnyResponse:
    """Ask for a test of the connection."""
    found = platform_of(administrator(), platform_id)
    change.test_connection(administrator(), found)
    return redirect(admin_url("platform", platform_id=found.id) + "#checks-title", 303)


@bp.post("/platforms/<platform_id>/renewal")
@administrators
def renewal(platform_id: str) -> str | AnyResponse:
    """Make a link that renews the registration, and show it: it cannot be shown again."""
    found = platform_of(administrator(), platform_id)
    link = change.renewal_link(administrator(), found)
    if link is None:
        return _back(found, "")
    return render_template("admin/renewal.html", platform=found, link=link, guides=GUIDES.values())


@bp.get("/platforms/<platform_id>/remove")
@operator_only
def ask_to_remove(platform_id: str) -> str:
    """Ask before an LMS is removed."""
    return render_template("admin/remove.html", platform=platform_of(administrator(), platform_id), typed="", error="")


@bp.post("/platforms/<platform_id>/remove")
@operator_only
def remove(platform_id: str) -> AnyResponse | tuple[str, int]:
    """Remove an LMS whose name was typed."""
    found = platform_of(administrator(), platform_id)
    typed = request.form.get("confirmation", "")
    if typed.strip() != found.name:
        return render_template("admin/remove.html", platform=found, typed=typed, error=True), 422
    change.remove(administrator(), found)
    return redirect(admin_url("home", told="removed"), 303)


@bp.post("/platforms/<platform_id>/restore")
@operator_only
def restore(platform_id: str) -> AnyResponse:
    """Let a removed LMS launch again."""
    found = platform_of(administrator(), platform_id)
    change.restore(administrator(), found)
    return _back(found, "restored")


@bp.post("/keys")
@operator_only
def new_key() -> AnyResponse:
    """Publish a new key of ours."""
    change.new_key(administrator())
    return redirect(admin_url("home", told="key"), 303)


def _platform_page(found: Platform, typed_name: str | None = None) -> str:
    profile = profile_named(found.profile)
    return render_template(
        "admin/platform.html",
        shown=overview.show_platform(administrator(), found),
        platform=found,
        ours=[*our_values(), *our_documents()],
        behaves_like=profile.manner or profile.title,
        policies=POLICIES,
        renewable=administrator().operates or not shared(found),
        typed_name=typed_name,
        asking=len(waiting(administrator().deployment_id)),
        notices=_told(),
    )


def _addresses_page(found: Platform, typed: Typed) -> str:
    return render_template("admin/addresses.html", platform=found, typed=typed, audience_hint=AUDIENCE_HINT)


def _back(found: Platform, told: str) -> AnyResponse:
    values = {"told": told} if told else {}
    return redirect(admin_url("platform", platform_id=found.id, **values), 303)


def _told() -> list[dict[str, str]]:
    told = request.args.get("told", "")
    return [{"kind": "met", "text": str(TOLD[told])}] if told in TOLD else []
