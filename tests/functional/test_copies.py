"""Copied courses: what a link of another course opens, who decides, and what stays where it was."""

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from lti_mcred.catalog import copies
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.catalog.place import find_activity
from lti_mcred.engine.db import db
from lti_mcred.evidence.find import earlier_of, work_of
from lti_mcred.evidence.models import Enrolment
from lti_mcred.evidence.start import start
from lti_mcred.grading import ledger
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import CourseCopy, ResourceLink
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.protocol.claims import AGS, history
from lti_mcred.web.models import Visit
from tests import factories
from tests.conformance.lms import INSTRUCTOR, LEARNER, Lms, open_pages, stand_up
from tests.statements import statements

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@dataclass
class School:
    """An LMS in front of the real pages: `opens` launches a link and returns the visit."""

    lms: Lms
    version: Version

    def opens(
        self, link: str, course: str, activity: str | None = None, role: str = LEARNER, *, sub: str = "sub-1",
        custom: dict[str, Any] | None = None, column: str | None = None, **changes: Any,
    ) -> Visit:  # fmt: skip
        said = {**({"activity": activity} if activity else {}), **(custom or {})}
        grades = {"scope": [SCORE], "lineitems": f"https://lms.example.edu/{course}/items"}
        grades |= {"lineitem": column} if column else {}
        answer = self.lms.launch(
            context={"id": course, "title": course.title()}, resource_link={"id": link, "title": link},
            custom=said, roles=[role], sub=sub, **{AGS: grades}, **changes,
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        self.page = answer.location
        return db.session.get_one(Visit, self.page.split("/")[2], populate_existing=True)

    def places(self, course: str, link: str, column: str | None = None) -> Activity:
        """A teacher has picked the version in a course, and its link was opened."""
        self.opens("menu", course, role=INSTRUCTOR, sub="teacher")
        row = db.session.query(Course).filter_by(context_id=course).order_by(Course.id.desc()).first()
        activity = factories.activity(self.version, row)
        db.session.commit()
        self.opens(link, course, activity.id, INSTRUCTOR, sub="teacher", column=column)
        return activity

    def reads(self, visit: Visit, page: str = "copied") -> str:
        answer = self.lms.client.get(f"/v/{visit.id}/{page}", headers=factories.auth(visit), follow_redirects=True)
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    def confirms(self, visit: Visit, **fields: str) -> int:
        return self.lms.client.post(f"/v/{visit.id}/copied", data=fields, headers=factories.auth(visit)).status_code


def _school(app: Flask, **values: Any) -> School:
    lms = stand_up(app, app.test_client(), **values)
    open_pages(app)
    lms.register()
    return School(lms, factories.version())


@pytest.fixture
def school(app: Flask) -> School:
    return _school(app)


def link(name: str, course: str) -> ResourceLink:
    query = db.session.query(ResourceLink).join(Course).filter(ResourceLink.resource_link_id == name)
    return query.filter(Course.context_id == course).populate_existing().one()


# --- asking once ------------------------------------------------------------------------------------------------


def test_a_copied_link_opens_nothing_before_the_teacher_has_said_so(either: Flask) -> None:
    school = _school(either)
    activity = school.places("autumn", "a1")
    learner = school.opens("s1", "spring", activity.id)
    assert learner.activity_id is None
    assert school.page.endswith("/copied")
    assert "Your teacher comes first" in school.reads(learner)
    teacher = school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher")
    assert "From “Autumn”" in school.reads(teacher)
    assert school.confirms(teacher) == 303
    again = school.opens("s1", "spring", activity.id)
    taken = db.session.get_one(Activity, again.activity_id)
    assert (taken.copied_from, taken.version_id) == (activity.id, activity.version_id)
    assert again.course_id == taken.course_id
    assert link("s1", "spring").named is None
    assert school.opens("a1", "autumn", activity.id).activity_id == activity.id


def test_confirming_twice_makes_one_activity(either: Flask) -> None:
    school = _school(either)
    activity = school.places("autumn", "a1")
    one = school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher")
    offered = copies.offers(one)
    two = school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher-2")
    copies.take_over(one, offered)
    copies.take_over(two, offered)
    assert db.session.query(Activity).filter_by(named=activity.id).count() == 1
    assert copies.offers(two) == []


def test_all_waiting_links_of_the_course_open_after_one_answer(school: School) -> None:
    first, second = school.places("autumn", "a1"), school.places("autumn", "a2")
    school.opens("s2", "spring", second.id)
    teacher = school.opens("s1", "spring", first.id, INSTRUCTOR, sub="teacher")
    assert len(copies.offers(teacher)[0].shown) == 2
    school.confirms(teacher)
    assert link("s2", "spring").activity_id == find_activity(second.id, teacher.course_id, teacher.deployment_id)


def test_a_learner_cannot_answer_for_the_teacher(school: School) -> None:
    activity = school.places("autumn", "a1")
    learner = school.opens("s1", "spring", activity.id)
    assert school.confirms(learner) == 403
    assert link("s1", "spring").activity_id is None


def test_links_from_two_courses_are_offered_side_by_side(school: School) -> None:
    one, two = school.places("autumn", "a1"), school.places("winter", "w1")
    school.opens("s2", "spring", two.id)
    teacher = school.opens("s1", "spring", one.id, INSTRUCTOR, sub="teacher")
    assert [offer.course.context_id for offer in copies.offers(teacher)] == ["autumn", "winter"]


def test_the_newest_version_is_offered_and_taken_only_when_chosen(school: School) -> None:
    activity = school.places("autumn", "a1")
    newer = factories.version(replace_version(school.version, "9.0.0"), version="9.0.0")
    db.session.commit()
    teacher = school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher")
    text = school.reads(teacher)
    assert "Version 9.0.0, the newest" in text
    school.confirms(teacher, **{f"use-{activity.id}": "newest"})
    here = db.session.query(Activity).filter_by(named=activity.id).one()
    assert here.version_id == newer.id
    assert db.session.get_one(Activity, activity.id).version_id == school.version.id


def replace_version(version: Version, number: str) -> Any:
    return factories.example().model_copy(update={"version": number})


# --- where it comes from ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("autumn,spring", ("autumn", "spring")), (" a%2Cb , c ", ("a,b", "c")), ("", ()), ("$Context.id.history", ()),
        ("$ResourceLink.id.history", ()), ("autumn,truncated", ("autumn",)), ("a,a,b", ("a", "b")), (",,", ()),
    ],
)  # fmt: skip
def test_a_history_is_a_list_of_ids_the_newest_first(value: str, ids: tuple[str, ...]) -> None:
    assert history(value) == ids


def test_a_long_history_is_cut() -> None:
    assert len(history(",".join(map(str, range(5000))))) == 100


@pytest.mark.parametrize(
    "history_said", ["spring,autumn", "$Context.id.history", None], ids=["sent", "literal", "none"]
)
def test_a_copy_of_a_copy_names_the_course_that_is_known(school: School, history_said: str | None) -> None:
    activity = school.places("autumn", "a1")
    school.confirms(school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher"))
    custom = {"context_history": history_said} if history_said else {}
    teacher = school.opens("x1", "summer", activity.id, INSTRUCTOR, sub="teacher", custom=custom)
    wanted = "spring" if history_said == "spring,autumn" else "autumn"
    assert [offer.course.context_id for offer in copies.offers(teacher)] == [wanted]
    school.confirms(teacher)
    assert school.opens("x1", "summer", activity.id).activity_id is not None


def test_a_notice_of_the_copy_says_where_it_comes_from(school: School) -> None:
    activity = school.places("autumn", "a1")
    school.confirms(school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher"))
    menu = school.opens("menu", "summer", role=INSTRUCTOR, sub="teacher")
    assert copies.offers(menu) == []
    row = CourseCopy(deployment_id=menu.deployment_id, context_id="summer", origin_context_id="spring")
    db.session.add(row)
    db.session.commit()
    assert [offer.course.context_id for offer in copies.offers(menu)] == ["spring"]
    assert "This course was copied" in school.reads(menu, "course")


def test_a_link_that_names_nothing_follows_the_link_before_it(either: Flask) -> None:
    school = _school(either)
    activity = school.places("autumn", "a1")
    custom = {"link_history": "zz,a1"}
    learner = school.opens("s1", "spring", custom=custom)
    assert learner.activity_id is None
    assert school.page.endswith("/copied")
    school.confirms(school.opens("s1", "spring", role=INSTRUCTOR, sub="teacher", custom=custom))
    taken = db.session.get_one(Activity, school.opens("s1", "spring", custom=custom).activity_id)
    assert taken.copied_from == activity.id


def test_a_new_link_in_the_same_course_opens_what_the_old_one_did(school: School) -> None:
    activity = school.places("autumn", "a1")
    assert school.opens("a2", "autumn", custom={"link_history": "a1"}).activity_id == activity.id
    assert school.opens("a3", "autumn", activity.id).activity_id == activity.id


@pytest.mark.parametrize("said", ["$ResourceLink.id.history", "unknown", ""])
def test_a_history_that_leads_nowhere_is_a_link_without_activity(school: School, said: str) -> None:
    school.places("autumn", "a1")
    visit = school.opens("s1", "spring", custom={"link_history": said})
    assert visit.activity_id is None
    assert not school.page.endswith("/copied")


# --- tenants ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [INSTRUCTOR, LEARNER])
def test_another_deployments_course_is_never_shown(school: School, who: str) -> None:
    activity = school.places("autumn", "a1")
    platform = platform_of(db.session.get_one(Course, activity.course_id))
    factories.deployment(platform, deployment_id="deployment-2")
    db.session.commit()
    school.lms = replace(school.lms, deployment_id="deployment-2")
    custom = {"context_history": "autumn", "link_history": "a1"}
    visit = school.opens("s1", "spring", activity.id, who, sub="teacher", custom=custom)
    assert visit.activity_id is None
    text = school.reads(visit)
    assert school.version.title not in text
    assert "Autumn" not in text
    assert copies.offers(visit) == []
    assert ("not known in this course" in text) == (who == INSTRUCTOR)


def test_a_notice_for_one_deployment_says_nothing_about_another(school: School) -> None:
    activity = school.places("autumn", "a1")
    platform = platform_of(db.session.get_one(Course, activity.course_id))
    other = factories.deployment(platform)
    db.session.add(CourseCopy(deployment_id=other.id, context_id="spring", origin_context_id="autumn"))
    db.session.commit()
    assert copies.offers(school.opens("menu", "spring", role=INSTRUCTOR, sub="teacher")) == []


@pytest.mark.parametrize("name", ["x" * 40, "0" * 32, "'; --", "%", "ä\u2028"])
def test_a_name_that_nobody_gave_opens_nothing(school: School, name: str) -> None:
    visit = school.opens("s1", "spring", name, INSTRUCTOR)
    assert visit.activity_id is None
    assert "This link opens nothing here" in school.reads(visit)


# --- last term stays last term ----------------------------------------------------------------------------------

AUTUMN, SPRING = "https://lms.example.edu/autumn/items/1", "https://lms.example.edu/spring/items/2"


def _both(school: School) -> Activity:
    """Autumn with its column, and a spring that was copied and confirmed."""
    activity = school.places("autumn", "a1", AUTUMN)
    school.confirms(school.opens("s1", "spring", activity.id, INSTRUCTOR, sub="teacher", column=SPRING))
    return activity


def test_a_copied_link_that_names_last_terms_column_has_none(either: Flask) -> None:
    school = _school(either)
    activity = school.places("autumn", "a1", AUTUMN)
    school.opens("s1", "spring", activity.id, column=AUTUMN)
    assert link("s1", "spring").lineitem_url is None
    assert link("a1", "autumn").lineitem_url == AUTUMN


def test_a_stale_claim_does_not_move_a_link_back_to_last_terms_column(either: Flask) -> None:
    school = _school(either)
    activity = _both(school)
    school.opens("s1", "spring", activity.id, column=AUTUMN)
    assert link("s1", "spring").lineitem_url == SPRING


def test_a_column_that_moves_inside_its_course_is_followed(school: School) -> None:
    activity = _both(school)
    school.opens("s1", "spring", activity.id, column=f"{SPRING}0")
    assert link("s1", "spring").lineitem_url == f"{SPRING}0"


def test_two_deployments_do_not_take_columns_from_each_other(school: School) -> None:
    activity = school.places("autumn", "a1", AUTUMN)
    factories.deployment(platform_of(db.session.get_one(Course, activity.course_id)), deployment_id="deployment-2")
    db.session.commit()
    school.lms = replace(school.lms, deployment_id="deployment-2")
    school.opens("s1", "spring", column=AUTUMN)
    assert link("s1", "spring").lineitem_url == AUTUMN


def _works(visit: Visit) -> Enrolment:
    found = start(work_of(visit)).enrolment
    assert found is not None
    return found


def test_work_and_drafts_of_last_term_do_not_come_along(school: School) -> None:
    activity = _both(school)
    old = _works(school.opens("a1", "autumn", activity.id, column=AUTUMN))
    old.attempts[0].parts[0].text = "Autumn's draft"
    db.session.commit()
    here = work_of(school.opens("s1", "spring", activity.id, column=SPRING))
    assert here.enrolment is None
    assert earlier_of(here) == old
    new = _works(here.visit)
    assert new.id != old.id
    assert all(part.text == "" for part in new.attempts[0].parts)
    assert work_of(school.opens("a1", "autumn", activity.id, column=AUTUMN)).enrolment == old


@pytest.mark.parametrize("stale", [False, True], ids=["plain", "after a launch with last term's claim"])
def test_scores_go_to_the_column_of_the_course_where_the_work_was_done(school: School, stale: bool) -> None:
    activity = _both(school)
    _works(school.opens("a1", "autumn", activity.id, column=AUTUMN))
    here = _works(school.opens("s1", "spring", activity.id, column=SPRING))
    if stale:
        school.opens("s1", "spring", activity.id, column=AUTUMN)
    assert _owed(here) == [SPRING]


def test_after_a_new_link_in_the_same_course_the_old_column_is_left_alone(school: School) -> None:
    activity = school.places("autumn", "a1", AUTUMN)
    work = _works(school.opens("a1", "autumn", activity.id, column=AUTUMN))
    new = {"custom": {"link_history": "a1"}, "column": f"{AUTUMN}0"}
    assert _works(school.opens("a2", "autumn", activity.id, **new)) == work
    assert _owed(work) == [f"{AUTUMN}0"]


def _owed(work: Enrolment) -> list[str]:
    attempt = work.attempts[-1]
    ledger.owe_submitted(attempt)
    db.session.commit()
    rows = db.session.query(LedgerEntry).filter_by(attempt_id=attempt.id)
    return [row.lineitem_url for row in rows]


# --- what it costs ----------------------------------------------------------------------------------------------


def test_a_launch_of_a_copied_link_costs_no_statement_more(school: School) -> None:
    activity = _both(school)
    school.opens("a1", "autumn", activity.id, column=AUTUMN)
    school.opens("s1", "spring", activity.id, column=SPRING)
    counted: list[int] = []
    for name, course, column in (("a1", "autumn", AUTUMN), ("s1", "spring", SPRING)):
        with statements() as asked:
            school.opens(name, course, activity.id, column=column)
        counted.append(len(asked))
    assert counted[0] == counted[1] > 0
