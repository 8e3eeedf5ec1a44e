"""What lies beside the courses: the admin's account page, and the frame that keeps notes for tools."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _

from lti_mcred.practice.campus.launches import origin_of
from lti_mcred.practice.campus.plans import tool_or_404
from lti_mcred.practice.campus.web import desk, must_administer
from lti_mcred.practice.pages.course import framed

pages = Blueprint("account", __name__, url_prefix="/<any(canvas, moodle):slug>")


@pages.get("/account")
def account(slug: str) -> str:
    """The account page, for the admin alone: the tools that open something outside every course."""
    here = desk()
    must_administer()
    tools = [tool for tool in here.tools() if tool.active and here.temperament.plan_account(here, tool)]
    return render_template("account.html", tools=tools)


@pages.get("/account/tools/<client_id>")
def account_tool(slug: str, client_id: str) -> str:
    """The page around a tool that is opened from the account; 404 for one that has nothing to open there."""
    here = desk()
    must_administer()
    tool = tool_or_404(here, client_id)
    if here.temperament.plan_account(here, tool) is None:
        abort(404, _("The tool has nothing to open here."))
    return framed(tool, tool.name, {"account": client_id}, f"/{slug}/account", None)


@pages.get("/post_message_forwarding")
def storage_frame(slug: str) -> str:
    """The hidden frame beside a tool that answers lti.put_data and lti.get_data (Platform Storage v0p1)."""
    here = desk()
    tool = tool_or_404(here, request.args.get("tool", ""))
    origins = sorted({origin_of(str(uri)) for uri in (tool.login_url, *tool.redirect_uris)})
    return render_template("storage_frame.html", origins=origins, storage_answers=here.switch("storage_answers"))
