"""The admin's pages: installed tools, installing one by link or by hand, switching on, privacy."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus import installs
from lti_mcred.practice.campus.plans import tool_or_404
from lti_mcred.practice.campus.web import allow_frames_of, desk, must_administer, same_origin_only
from lti_mcred.practice.ground.fetch import FetchError
from lti_mcred.practice.ground.shapes import NewTool

pages = Blueprint("admin", __name__, url_prefix="/<any(canvas, moodle):slug>/admin")
pages.before_request(same_origin_only)


@pages.get("/tools")
def tools(slug: str) -> str:
    """The installed tools, and the forms that install another one."""
    must_administer()
    return render_template("tools.html", tools=desk().tools(), typed={}, problems=[])


@pages.get("/tools/<client_id>")
def tool(slug: str, client_id: str) -> str:
    """One tool: its ids, addresses, scopes and privacy, and what an update of it would change."""
    must_administer()
    found = tool_or_404(desk(), client_id)
    return render_template("tool.html", tool=found, privacy_levels=installs.PRIVACY_LEVELS)


@pages.get("/register")
def register(slug: str) -> str:
    """Open the tool's registration page in a frame, with a fresh one-hour token; ``tool``: it updates that one."""
    must_administer()
    address = request.args.get("url", "").strip()
    if not installs.is_web_address(address):
        abort(400, _("Type the tool's registration address, starting with http:// or https://."))
    named = request.args.get("tool", "")
    updates = tool_or_404(desk(), named) if named else None
    configuration, token = desk().temperament.registration_link(desk(), updates)
    parts = urlsplit(address)
    query = "&".join(
        filter(None, [parts.query, urlencode({"openid_configuration": configuration, "registration_token": token})])
    )
    allow_frames_of(address)
    return render_template("register.html", address=address, source=urlunsplit(parts._replace(query=query)))


@pages.post("/tools")
def add_by_hand(slug: str) -> str | WerkzeugResponse:
    """Install a tool from typed addresses; a form with a fault comes back as typed, with its fields named."""
    must_administer()
    here = desk()
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    problems = [name for name in FIELDS if not _fine(name, typed[name])]
    if problems:
        return render_template("tools.html", tools=here.tools(), typed=typed, problems=problems)
    made = installs.by_hand(
        here,
        name=typed["client_name"],
        login_url=typed["login_url"],
        redirect_uris=typed["redirect_uris"].split(),
        jwks_uri=typed["jwks_uri"],
        target=typed["target_link_uri"],
    )
    return redirect(f"/{slug}/admin/tools/{made.client_id}", 303)


@pages.post("/tools/by-url")
def add_by_url(slug: str) -> str | WerkzeugResponse:
    """A developer key by URL: redirect addresses are typed, everything else stands in the document."""
    must_administer()
    here = desk()
    typed = {name: request.form.get(name, "").strip() for name in ("key_redirect_uris", "key_url")}
    problems = [name for name in typed if not _fine(name, typed[name])]
    made = None
    if not problems:
        try:
            document = here.practice.config.fetch(typed["key_url"])
            made = here.temperament.read_key(document, typed["key_redirect_uris"].split())
        except FetchError:
            made = None
        problems = [] if made else ["key_url"]
    if made is None:
        return render_template("tools.html", tools=here.tools(), typed=typed, problems=problems)
    return redirect(f"/{slug}/admin/tools/{installs.install(here, made).client_id}", 303)


FIELDS = ("client_name", "login_url", "redirect_uris", "jwks_uri", "target_link_uri")


def _fine(name: str, text: str) -> bool:
    if name == "client_name":
        return bool(text)
    return bool(text) and all(installs.is_web_address(part) for part in text.split())


@pages.post("/tools/<client_id>/activate")
def activate(slug: str, client_id: str) -> WerkzeugResponse:
    """Switch a tool on, as an admin must after each installation: neither product does it by itself."""
    must_administer()
    installs.activate(desk(), tool_or_404(desk(), client_id))
    return redirect(f"/{slug}/admin/tools", 303)


@pages.post("/tools/<client_id>/update")
def accept_update(slug: str, client_id: str) -> WerkzeugResponse:
    """Take over what the tool asked for (Canvas: nothing changes before)."""
    must_administer()
    found = tool_or_404(desk(), client_id)
    if found.wanted_update is not None:
        installs.replace(found, NewTool(**found.wanted_update))
    return redirect(f"/{slug}/admin/tools/{client_id}", 303)


@pages.post("/tools/<client_id>/deactivate")
def deactivate(slug: str, client_id: str) -> WerkzeugResponse:
    """Switch a tool off: its launches and services are refused; its activities, columns and grades stay."""
    must_administer()
    tool_or_404(desk(), client_id).active = False
    return redirect(f"/{slug}/admin/tools/{client_id}", 303)


@pages.post("/tools/<client_id>/privacy")
def privacy(slug: str, client_id: str) -> WerkzeugResponse:
    """Choose what the tool gets to know of people; 400 for a level that there is not."""
    must_administer()
    level = request.form.get("privacy", "")
    if level not in installs.PRIVACY_LEVELS:
        abort(400, _("Choose one of the privacy levels."))
    tool_or_404(desk(), client_id).privacy = level
    return redirect(f"/{slug}/admin/tools/{client_id}", 303)
