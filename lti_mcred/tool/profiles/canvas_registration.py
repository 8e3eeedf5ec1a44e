"""How Canvas registers us by itself: its issuers, its extensions, a message for each menu.

Source: Canvas documentation, "Registration"; canvas-lms, app/models/lti/ims/registration.rb.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.settings import Settings
from lti_mcred.tool.profiles.canvas_developer_key import canvas_json
from lti_mcred.tool.profiles.canvas_guide import HOSTED
from lti_mcred.tool.profiles.canvas_places import CUSTOM, VISIBILITY, placements
from lti_mcred.tool.profiles.messages import LINK, PICK
from lti_mcred.tool.profiles.registering import Document, Registration

_CANVAS = "https://canvas.instructure.com/lti/"


def messages(settings: Settings, _offered: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the messages that we ask for. Visibility is said for a whole message, so each menu has one of its own."""
    menus = [_message(settings, LINK, [name]) for name in VISIBILITY]
    return [*menus, _message(settings, PICK, [name for name, kind in placements() if kind == PICK])]


def places(_offered: tuple[str, ...]) -> list[str]:
    """Return the names of the places where the tool will be found."""
    return [name for name, _kind in placements()]


def _message(settings: Settings, kind: str, named: list[str]) -> dict[str, Any]:
    base = settings.public_url.rstrip("/")
    message: dict[str, Any] = {
        "type": kind,
        "target_link_uri": f"{base}/lti/launch",
        "label": settings.tool_name,
        "icon_uri": f"{base}/static/img/icon.svg",
        "placements": named,
    }
    if kind == PICK:
        return message | {f"{_CANVAS}launch_width": 900, f"{_CANVAS}launch_height": 700}
    message[f"{_CANVAS}visibility"] = VISIBILITY[named[0]]
    return message | ({f"{_CANVAS}course_navigation/default_enabled": True} if named == ["course_navigation"] else {})


def _vouched_for(settings: Settings) -> tuple[str, ...]:
    return settings.canvas_issuers


REGISTRATION = Registration(
    families=frozenset({"canvas"}),
    # A school's Canvas, on whatever host, has the issuer of hosted Canvas.
    issuers=frozenset(issuer for issuer, _host in HOSTED.values()),
    vouched_for=_vouched_for,
    how_to_vouch=_l("If it is the issuer of a Canvas of your own, the administrator of this tool can allow it: "
                    "LTI_MCRED_CANVAS_ISSUERS=%(issuer)s"),
    name_member=f"{_CANVAS}account_name",
    # Canvas names its host there and wants the token address all the same.
    names_audience=False,
    custom=CUSTOM,
    # Left out, Canvas sends neither names nor e-mail.
    extensions={f"{_CANVAS}privacy_level": "public", f"{_CANVAS}tool_id": "lti_mcred"},
    messages=messages,
    places=places,
    document=Document("/lti/canvas.json", _l("Canvas developer key JSON"), canvas_json),
    next_step=_l("Canvas shows the permissions next. Confirm them and switch the tool on for your account."),
    next_step_renewed=_l("Canvas shows what would change. Accept it there; until then everything stays as it was."),
    way_to_desk=_l("Assessors find their desk, and teachers their page, in the course menu."),
)  # fmt: skip
