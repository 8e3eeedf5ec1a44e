"""Pages say what this installation does, whatever a definition asks for: one assessor of ours, without names, once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.badges.award import consider
from lti_mcred.badges.models import Award
from lti_mcred.badges.revoke import revoke
from lti_mcred.catalog.definition import Definition
from lti_mcred.engine.db import db
from lti_mcred.grading.models import Assessment, Decision
from tests import factories
from tests.grading_helpers import Browser, World, marks_form, taken, world

# What nothing is behind, in the words in which it was promised or might be.
UNBACKED = re.compile(
    r"certified|\bpeers?\b|self-assessed|second (assessor|reader)|another (reader|assessor)|\bappeal|\bcoach"
    r"|moderat|lead assessor|adjudicat|show you parts|unless you share it|number \d+ of \d+|to renew it"
    r"|can see who you are|reminder|by e-mail|we (will )?(write|notify|remind)|4711",
    re.IGNORECASE,
)


def demanding(mode: str) -> Definition:
    """Return a definition that asks for everything that this installation does not do."""
    document = factories.example().model_dump(mode="json", exclude_none=True)
    document["assessment"] |= {
        "mode": mode,
        "blind": False,
        "double_scoring": {"first_n": 10, "random_percent": 20, "borderline": True},
        "adjudication": "a lead assessor of number 4711 decides",
        "appeal_days": 4711 % 365,
        "assessor_requirements": "4711 exemplars, certified",
        "attempts": {"before_coaching": 1, "coaching_then_continue": True},
        "peer_review": {"reviewers": 3},
    }
    document["badge"]["renewal"] = "Hand in number 4711 again."
    document["stacks"] = [{"name": "Ready for 4711", "position": 1, "of": 3}]
    return Definition.model_validate(document)


def _decide(here: World, assessor: Browser, assessment: Assessment, **levels: str) -> None:
    path = f"/assess/{assessment.id}"
    assert assessor.post(path, {**marks_form(here, **levels), "then": "finish"}).status_code == 303
    assert assessor.post(f"{path}/submit", {"revision": "1"}).status_code == 303
    decision = db.session.scalars(select(Decision).where(Decision.attempt_id == assessment.attempt_id)).one()
    consider({"decision_id": decision.id})
    db.session.commit()


def _pages(client: FlaskClient, here: World) -> Iterator[tuple[str, Any]]:
    """Yield the pages on which people are told who judges and what follows: before, while it waits, and after."""
    learner = Browser(client, here.learning())
    yield "about", learner.get("/work/about")
    teacher = Browser(client, here.teaching())
    yield "preview", teacher.get(f"/library/{here.version.id}")
    yield "course", teacher.get("/course")
    here.attempt()
    yield "waiting", learner.get("/work/waiting")
    assessor = Browser(client, here.desk())
    assessment = taken(assessor)
    for page in ("", f"/{assessment.id}", f"/{assessment.id}/release", f"/{assessment.id}/incomplete"):
        yield f"assess{page and '/…' + page[33:]}", assessor.get(f"/assess{page}")
    _decide(here, assessor, assessment)
    yield "earned", learner.get("/work/decision")
    yield "record", learner.get("/mine")
    award = db.session.scalars(select(Award)).one()
    yield "badge", client.get(f"/credentials/{award.id}", headers={"Accept": "text/html"})
    slug, version = here.version.slug, here.version.version
    yield "achievement", client.get(f"/achievements/{slug}/{version}", headers={"Accept": "text/html"})
    other = factories.person(here.course)
    here.attempt(other)
    _decide(
        here, assessor, taken(assessor), **{here.definition.rubric.criteria[0].id: here.definition.rubric.levels[0].id}
    )
    visit = factories.visit(other, here.course, "learner", link=here.link)
    db.session.commit()
    yield "not yet", Browser(client, visit).get("/work/decision")


@pytest.mark.parametrize("mode", ["self", "peer", "certified", "peer_then_certified"])
def test_no_page_promises_what_nothing_is_behind(client: FlaskClient, mode: str) -> None:
    here = world(definition=demanding(mode))
    own = " ".join(
        str(value)
        for field in ("summary", "competency", "title", "submission", "rubric", "key_method", "research_and_resources")
        for value in [here.version.document[field]]
    )
    assert not UNBACKED.search(own), "what the definition itself says of the work would hide what our pages say"
    told = dict(_pages(client, here))
    assert {name: answer.status_code for name, answer in told.items()} == dict.fromkeys(told, 200)
    assert len(told) == 13
    promised = {name: found[0] for name, answer in told.items() if (found := UNBACKED.search(answer.text))}
    assert promised == {}
    for name in ("about", "badge"):
        assert "Somebody whom" in told[name].text
    assert "They are shown a number, not your name" in told["about"].text


def test_a_badge_that_was_withdrawn_is_not_cheered(client: FlaskClient) -> None:
    here = world()
    learner = Browser(client, here.learning())
    here.attempt()
    assessor = Browser(client, here.desk())
    _decide(here, assessor, taken(assessor))
    assert "You earned it" in learner.get("/work/decision").text
    revoke(db.session.scalars(select(Award)).one().id, "integrity")
    page = learner.get("/work/decision").text
    assert "<h1>Your badge was withdrawn</h1>" in page
    assert "You earned it" not in page
    assert "shows all that was asked for" not in page
    assert "What the assessor says" in page
