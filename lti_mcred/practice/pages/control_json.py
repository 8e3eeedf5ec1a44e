"""The shapes in which the control addresses tell of a campus; the tests and the story of the demo read them."""

from __future__ import annotations

from typing import Any

from lti_mcred.practice.campus import gradebook_view
from lti_mcred.practice.campus.course_copy import earlier_contexts
from lti_mcred.practice.campus.desk import Campus, Desk
from lti_mcred.practice.ground.models import Activity, Course, LineItem, Person, Tool
from lti_mcred.practice.ground.tables import ServiceRequest

Json = dict[str, Any]


def campus_json(campus: Campus) -> Json:
    """A campus as a tool must know it to be registered by hand."""
    paths = campus.temperament.paths
    return {
        "slug": campus.slug,
        "name": campus.temperament.college,
        "platform": campus.temperament.platform,
        "issuer": campus.issuer,
        "authorization_endpoint": campus.url(paths.authorization),
        "token_endpoint": campus.url(paths.token),
        "jwks_uri": campus.url(paths.jwks),
        "url": campus.url("/"),
    }


def tool_json(here: Desk, tool: Tool) -> Json:
    """An installed tool beside its campus; ``privacy`` is one of ``PRIVACY_LEVELS``."""
    return {
        **campus_json(here.campus),
        "name": tool.name,
        "client_id": tool.client_id,
        "deployment_id": tool.deployment_id,
        "active": tool.active,
        "privacy": tool.privacy,
        "scopes": tool.scopes,
        "placements": tool.placements,
        "custom": tool.custom,
        "redirect_uris": tool.redirect_uris,
        "target_link_uri": tool.target_link_uri,
    }


def person_json(person: Person) -> Json:
    """Somebody of a campus with every id under which a tool may meet them."""
    names = ("key", "role", "enrolled", "name", "given_name", "family_name", "email", "sub", "legacy_id", "number")
    return {name: getattr(person, name) for name in names}


def course_json(here: Desk, course: Course) -> Json:
    """A course with the address of every launch that can be begun there; those need a signed-in browser."""
    base = here.campus.url(f"/courses/{course.number}")
    active = [tool for tool in here.tools() if tool.active]
    return {
        "number": course.number,
        "context_id": course.context_id,
        "label": course.label,
        "title": course.title,
        "concluded": course.concluded,
        "copied_from": earlier[0] if (earlier := earlier_contexts(here, course)) else None,
        "url": base,
        "add_url": f"{base}/add",
        "gradebook_url": f"{base}/gradebook",
        "menu": [
            {
                "tool": tool.client_id,
                "page_url": f"{base}/menu/{tool.client_id}",
                "launch_url": here.campus.url(f"/launch?course={course.number}&menu={tool.client_id}"),
            }
            for tool in active
            if here.temperament.plan_menu(here, course, tool)
        ],
        "pickers": [
            {
                "tool": tool.client_id,
                "placement": placement.name,
                "launch_url": here.campus.url(
                    f"/launch?course={course.number}&pick={placement.name}&tool={tool.client_id}"
                ),
            }
            for tool in active
            for placement in here.temperament.picker_placements(tool)
        ],
        "activities": [activity_json(here, one) for one in gradebook_view.activities(here, course)],
        "line_items": [line_item_json(here, item) for item in gradebook_view.line_items(here, course)],
    }


def activity_json(here: Desk, activity: Activity) -> Json:
    """An activity; ``launch_url`` is None for a column alone, ``review_url`` waits for a person's key at its end."""
    query = f"course={activity.course.number}&activity={activity.number}"
    return {
        "number": activity.number,
        "resource_link_id": activity.link_id,
        "title": activity.title,
        "url": activity.url,
        "custom": activity.custom,
        "published": activity.published,
        "allowed_attempts": activity.allowed_attempts,
        "page_url": here.campus.url(f"/courses/{activity.course.number}/activities/{activity.number}"),
        "launch_url": here.campus.url(f"/launch?{query}") if activity.url else None,
        "review_url": here.campus.url(f"/launch?{query}&review=") if activity.url else None,
        "line_items": [item.number for item in activity.line_items],
    }


def line_item_json(here: Desk, item: LineItem) -> Json:
    """A grade column; ``id`` is its address on the wire, ``number`` what the other control addresses take."""
    return {
        "number": item.number,
        "id": here.temperament.line_item_url(here, item),
        "label": item.label,
        "maximum": item.score_maximum,
        "resource_id": item.resource_id,
        "tag": item.tag,
        "coupled": item.coupled,
        "activity": item.activity.number if item.activity else None,
    }


def request_json(row: ServiceRequest) -> Json:
    """A line of the request log; ``status`` 0 stands for an answer that was cut off on purpose."""
    names = ("id", "method", "path", "query", "content_type", "body", "status", "answer")
    return {"at": row.at.isoformat(), **{name: getattr(row, name) for name in names}}
