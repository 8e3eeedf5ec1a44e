"""The switches of platform storage, which every temperament has (LTI OIDC Login with LTI Client Side postMessages)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_mcred.practice.ground.shapes import Switch


def storage_switches(default: str) -> tuple[Switch, Switch]:
    """The two switches of platform storage: whether and where it is offered, and how it answers."""
    return (
        Switch(
            "storage",
            _l("Platform storage"),
            _l("Where a tool may keep a note when the browser blocks its cookies."),
            default,
            (
                ("post_message_forwarding", _l("in a frame beside the tool")),
                ("_parent", _l("in the page around the tool")),
                ("", _l("not offered (as in Moodle and in the mobile apps)")),
            ),
        ),
        Switch(
            "storage_answers",
            _l("Platform storage answers"),
            _l("A tool must get in, or say what to do, whatever becomes of its note."),
            "at once",
            (
                ("at once", _l("at once")),
                ("late", _l("after three seconds")),
                ("refuses", _l("that it has no room")),
                ("forgets", _l("that there is no such note")),
                ("never", _l("never")),
            ),
        ),
    )
