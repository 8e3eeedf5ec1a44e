"""The learner's record: what she is earning and has earned, from the course menu. HTTP only."""

from flask import Blueprint, render_template
from sqlalchemy import and_, or_, select

from lti_mcred.badges.models import Award
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Enrolment
from lti_mcred.web.visits import any_visit, current_visit

bp = Blueprint("record", __name__, url_prefix="/v/<visit_id>")


@bp.get("/mine")
@any_visit
def mine() -> str:
    """Show every micro-credential of this person, with state and badge."""
    # Work on the same again in a copied course is not what the badge was given for.
    mine = or_(Enrolment.state == "earned", Enrolment.copy_id == "")
    rows = db.session.execute(
        select(Enrolment, Version, Award)
        .join(Version, Version.id == Enrolment.version_id)
        .outerjoin(Award, and_(Award.person_id == Enrolment.person_id, Award.version_id == Enrolment.version_id, mine))
        .where(Enrolment.person_id == current_visit().person_id)
        .order_by(Enrolment.started_at.desc(), Enrolment.id.desc())
    ).all()
    return render_template("badges/record.html", rows=rows)
