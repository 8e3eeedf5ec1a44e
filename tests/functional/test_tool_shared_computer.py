"""A computer that several people use: whoever launches next in the same browser does not open the work of the last."""

import pytest
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.web.models import Visit
from tests import factories
from tests.conformance.lms import Lms

TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


def _opened(lms: Lms, **changes: object) -> Visit:
    before = set(db.session.scalars(select(Visit.id)))
    assert lms.launch(**changes).status_code == 303
    db.session.expire_all()
    return next(visit for visit in db.session.scalars(select(Visit)) if visit.id not in before)


def _is_shell(lms: Lms, visit: Visit) -> bool:
    return "resume.js" in lms.client.get(f"/v/{visit.id}/mine").text


def test_the_next_person_in_a_browser_does_not_open_the_pages_of_the_last(lms: Lms) -> None:
    first = _opened(lms, sub="ada")
    assert not _is_shell(lms, first)
    second = _opened(lms, sub="bea")
    assert _is_shell(lms, first)
    assert not _is_shell(lms, second)


def test_a_tab_that_was_left_open_still_saves_by_its_bearer(lms: Lms) -> None:
    first = _opened(lms, sub="ada")
    _opened(lms, sub="bea")
    assert lms.client.get(f"/v/{first.id}/mine", headers=factories.auth(first)).status_code == 200


def test_the_same_person_keeps_every_tab(lms: Lms) -> None:
    first = _opened(lms, sub="ada")
    _opened(lms, sub="ada")
    assert not _is_shell(lms, first)


@pytest.mark.parametrize(
    "changes", [{"sub": "test", "roles": [LEARNER, TEST_USER]}, {"sub": "bea", "custom": {"masquerade": "ada"}}]
)
def test_a_look_through_the_eyes_of_a_learner_closes_nothing(lms: Lms, changes: dict[str, object]) -> None:
    first = _opened(lms, sub="ada")
    _opened(lms, **changes)
    assert not _is_shell(lms, first)
