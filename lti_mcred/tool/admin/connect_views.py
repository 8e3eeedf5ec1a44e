"""Pages that connect an LMS: the chooser, one page of steps for each, invitations, the forms. HTTP only."""

import json

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.services import site
from lti_mcred.tool.admin import change
from lti_mcred.tool.admin.forms import LONGEST, Typed, blank, read_typed
from lti_mcred.tool.admin.problems import problem
from lti_mcred.tool.admin.reach import admin_url, administrator, operator_only
from lti_mcred.tool.admin.words import POLICIES
from lti_mcred.tool.install.invitations import DAYS
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import our_values
from lti_mcred.tool.profiles import GUIDES, profile_named
from lti_mcred.tool.profiles.guides import AUDIENCE_HINT, Guide

_CHOICE_OF_DAYS = (1, 7, 30)


def add_to(bp: Blueprint) -> None:
    """Add these pages to the blueprint of the administration."""
    bp.add_url_rule("/connect", "chooser", chooser)
    bp.add_url_rule("/connect/<lms>", "guide", guide)
    bp.add_url_rule("/connect/<lms>/link", "make_link", make_link, methods=["POST"])
    bp.add_url_rule("/connect/<lms>/hand", "by_hand", by_hand)
    bp.add_url_rule("/connect/<lms>/hand", "connect", connect, methods=["POST"])
    bp.add_url_rule("/invitations/<code_hash>", "withdraw", withdraw, methods=["POST"])


@operator_only
def chooser() -> str:
    """Ask which LMS."""
    return render_template("admin/connect.html", guides=GUIDES.values())


@operator_only
def guide(lms: str) -> str | AnyResponse:
    """Show the ways to connect an LMS; one that has a single way begins with it."""
    found = _guide(lms)
    if not found.by_link:
        return redirect(admin_url("by_hand", lms=lms), 303)
    return render_template("admin/guide.html", guide=found, link="", days=DAYS, choice=_CHOICE_OF_DAYS)


@operator_only
def make_link(lms: str) -> str:
    """Make a registration link and show it with the steps: it cannot be shown again."""
    found = _guide(lms)
    days = request.form.get("days", type=int)
    days = days if days in _CHOICE_OF_DAYS else DAYS
    reusable = request.form.get("reusable") == "1"
    link = change.new_invitation(administrator(), days, request.form.get("note", "")[:255], reusable=reusable)
    return render_template("admin/guide.html", guide=found, link=link, days=days, reusable=reusable)


@operator_only
def by_hand(lms: str) -> str:
    """Show our values and the form for the LMS's; an address in the query fills in what follows from it."""
    found = _guide(lms)
    address = request.args.get("address", "")[:LONGEST].strip()
    return _form(found, blank(found, address))


@operator_only
def connect(lms: str) -> AnyResponse | tuple[str, int]:
    """Register the LMS, or show what cannot be used with everything that was typed."""
    found = _guide(lms)
    made = change.connect(administrator(), found, read_typed(request.form))
    if not isinstance(made, Platform):
        return _form(found, made), 422
    return redirect(admin_url("platform", platform_id=made.id, told="added"), 303)


@operator_only
def withdraw(code_hash: str) -> AnyResponse:
    """Withdraw an invitation."""
    done = change.withdraw(administrator(), code_hash[:64])
    return redirect(admin_url("home", **({"told": "revoked"} if done else {})) + "#invitations", 303)


def _form(found: Guide, typed: Typed) -> str:
    document = profile_named(found.profile).registration.document
    content = json.dumps(document.content(site()), indent=2, ensure_ascii=False) if document else ""
    return render_template(
        "admin/by_hand.html", guide=found, typed=typed, ours=our_values(), policies=POLICIES,
        document=document, content=content, audience_hint=AUDIENCE_HINT,
    )  # fmt: skip


def _guide(lms: str) -> Guide:
    found = GUIDES.get(lms)
    if found is None:
        raise problem("no-such-lms")
    return found
