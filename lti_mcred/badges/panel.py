"""The learner's own badge, shown inside pages of other rooms: picture, verdict, link, files, share choices."""

from typing import Any

from flask import render_template
from markupsafe import Markup

from lti_mcred.badges.award import award_of
from lti_mcred.badges.models import Award
from lti_mcred.badges.signing import credential_url, shown
from lti_mcred.badges.wording import banner, reason_words
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.db import db
from lti_mcred.tool.models import Person
from lti_mcred.web.visits import current_visit


def badge_panel(version_id: str, back: str = "") -> Markup:
    """Return the panel of the visit's own badge for a version, empty while there is none. For templates.

    `back` is the path of the page that shows it: the share form returns there.
    """
    row = award_of(current_visit().person_id, version_id)
    if row is None:
        return Markup("")
    return Markup(render_template("badges/_panel.html", back=back, **panel_values(row)))  # noqa: S704 - escaped by Jinja


def panel_values(row: Award) -> dict[str, Any]:
    """Return what the panel's template needs."""
    version = db.session.get_one(Version, row.version_id)
    return {
        "award": row,
        "version": version,
        "definition": definition_of(version),
        "banner": banner(shown(row).verdict),
        "reason": reason_words(row.revoke_reason),
        "link": credential_url(row.id),
        "person": db.session.get_one(Person, row.person_id),
    }
