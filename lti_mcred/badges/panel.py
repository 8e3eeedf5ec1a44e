"""The learner's own badge, shown inside pages of other rooms: picture, verdict, link, files, share choices."""

from typing import Any

from flask import render_template
from flask_babel import get_timezone
from markupsafe import Markup

from lti_mcred.badges.award import award_of
from lti_mcred.badges.late import late_for, late_notice
from lti_mcred.badges.models import Award
from lti_mcred.badges.showing import linkedin_url
from lti_mcred.badges.signing import credential_url, verification_of
from lti_mcred.badges.wording import banner, reason_words
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.people.models import Person
from lti_mcred.web.visits import current_visit


def badge_panel(version_id: str, back: str = "") -> Markup:
    """Return the panel of the visit's own badge for a version, empty while there is none. For templates.

    A badge that is held up says so.

    `back` is the path of the page that shows it: the share form returns there.
    """
    person_id = current_visit().person_id
    row = award_of(person_id, version_id)
    if row is None:
        return late_notice() if late_for(person_id, version_id) else Markup("")
    return Markup(render_template("badges/_panel.html", back=back, **panel_values(row)))  # noqa: S704 - escaped by Jinja


def badge_withdrawn(version_id: str) -> bool:
    """Say whether the visit's own badge for a version was withdrawn. For templates."""
    row = award_of(current_visit().person_id, version_id)
    return row is not None and row.revoked_at is not None


def panel_values(row: Award) -> dict[str, Any]:
    """Return what the panel's template needs."""
    version = db.session.get_one(Version, row.version_id)
    verification = verification_of(row)
    definition, link = definition_of(version), credential_url(row.id)
    # What is signed stands on the page; a badge that cannot be read (then the verdict says so) is named as defined.
    name = verification.badge.name if verification.badge else definition.badge.name
    issuer = verification.badge.issuer_name if verification.badge else definition.issuer.name
    return {
        "issuer_name": issuer,
        "linkedin": _linkedin(row, name, issuer),
        "award": row,
        "version": version,
        "definition": definition,
        "banner": banner(verification.verdict),
        "reason": reason_words(row.revoke_reason),
        "link": link,
        "person": db.session.get_one(Person, row.person_id),
    }


def _linkedin(row: Award, name: str, issuer: str) -> str:
    zone = get_timezone()
    expires = row.valid_until.astimezone(zone) if row.valid_until else None
    return linkedin_url(
        name, issuer, awarded=row.awarded_at.astimezone(zone), expires=expires,
        address=credential_url(row.id), credential_id=row.id,
    )  # fmt: skip
