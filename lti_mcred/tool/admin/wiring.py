"""The pages of administrators, handed over to the application."""

from flask import g

from lti_mcred.room import At, Room
from lti_mcred.settings import Settings
from lti_mcred.tool.admin import views
from lti_mcred.tool.admin.access import forget_access
from lti_mcred.tool.admin.reach import admin_field, admin_url


def room() -> Room:
    """Return this room: the same pages for the operator, and inside visits for an LMS's administrator."""
    return Room(
        "tool/admin",
        needs=(Settings,),
        blueprints=(
            views.door,
            At(views.bp, "/admin"),
            At(views.bp, "/v/<visit_id>/admin", "visit_admin"),
        ),
        words={
            "admin_url": admin_url,
            "admin_field": admin_field,
            "administrator": lambda: g.get("administrator"),
        },
        housekeeping=(forget_access,),
    )
