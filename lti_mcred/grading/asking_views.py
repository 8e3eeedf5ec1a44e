"""Somebody of the staff asks to assess. HTTP only."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.people.models import RoleRequest
from lti_mcred.tool.known import asking
from lti_mcred.web.guards import Guard
from lti_mcred.web.in_person import in_person
from lti_mcred.web.visits import current_visit, not_your_page, visit_url

bp = Blueprint("asking", __name__, url_prefix="/v/<visit_id>/ask-to-assess")


def _check() -> None:
    if not asking.may_ask(current_visit()):
        raise not_your_page()


staff_who_does_not_assess = Guard("teacher or assistant who does not assess", _check)


def may_ask_to_assess() -> bool:
    """Whether the page offers it. For templates."""
    return asking.may_ask(current_visit())


def asked_to_assess() -> RoleRequest | None:
    """Return what became of her request. For templates."""
    return asking.standing(current_visit())


@bp.post("")
@staff_who_does_not_assess
@in_person
def ask() -> AnyResponse:
    """Ask; the course page says what becomes of it."""
    asking.ask_for_role(current_visit())
    return redirect(visit_url("course.overview") + "#assessing", 303)
