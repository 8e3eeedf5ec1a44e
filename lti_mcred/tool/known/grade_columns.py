"""Whose a grade column is: it belongs to the course that named it first (docs/decisions/0010-course-copies.md)."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from lti_mcred.engine.db import db
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import ResourceLink


def belongs_elsewhere(column: str, course_id: str) -> bool:
    """Whether a grade column belongs to another course of the deployment already.

    A copied link has been seen to name the column of the course that it was copied from. A column stays with the course
    that named it first, so last term's never takes this term's scores; the link keeps the column that it has.
    """
    other = aliased(Course)
    deployment = select(other.deployment_id).where(other.id == course_id).scalar_subquery()
    query = (
        select(ResourceLink.id)
        .join(Course, Course.id == ResourceLink.course_id)
        .where(ResourceLink.lineitem_url == column, Course.id != course_id, Course.deployment_id == deployment)
    )
    return db.session.scalar(query.limit(1)) is not None
