"""The statement before handing in: kept while it is written, also when handing in is refused, and from two tabs."""

import pytest
from flask import Flask

from tests.evidence_helpers import Learner, decide, make_learner

SAID = {"own_work": "1", "ai_use": "other", "ai_note": "It drew the sketch.", "what_changed": "The second step is new."}


@pytest.fixture
def again(app: Flask) -> Learner:
    """A learner in her second try, whose form asks what she changed as well."""
    learner = make_learner(app).start().fill()
    learner.hand_in()
    decide(app, learner, "not_yet", "C4")
    learner.post("/revise")
    return learner


def keep(learner: Learner, revision: int, **given: str) -> tuple[int, dict[str, object]]:
    answer = learner.post("/review", {**SAID, "revision": str(revision), **given}, json=True)
    assert answer.json is not None
    return answer.status_code, answer.json


def test_a_refused_hand_in_keeps_what_the_statement_says(app: Flask) -> None:
    learner = make_learner(app).start()
    page = learner.post("/submit", {"ai_use": "other", "ai_note": "It drew the sketch."})
    assert page.status_code == 422
    assert 'name="revision" autocomplete="off" value="1"' in page.text
    page = learner.get("/review")  # she has filled what was missing, and comes back
    assert ">It drew the sketch.</textarea>" in page.text
    assert 'value="other" checked' in page.text


def test_an_older_tab_replaces_nothing_and_is_told_what_the_other_one_says(again: Learner) -> None:
    assert keep(again, 0)[0] == 200
    status, said = keep(again, 0, what_changed="", ai_use="none", ai_note="")
    theirs = {"what_changed": SAID["what_changed"], "ai_use": "other", "ai_note": SAID["ai_note"]}
    assert (status, said) == (409, {"revision": 1, "theirs": theirs, "whole": True})
    assert again.attempt().what_changed == SAID["what_changed"]
    assert keep(again, 1, what_changed="Both texts.")[0] == 200
    assert again.attempt().what_changed == "Both texts."


def test_a_save_whose_answer_was_lost_is_no_other_tab(again: Learner) -> None:
    first = "a" * 32
    keep(again, 0, what_changed="The first half", save_id=first)
    status, said = keep(again, 0, what_changed="The first half and the rest", save_id="b" * 32, unheard=first)
    assert (status, said["revision"]) == (200, 2)
    assert keep(again, 0, what_changed="The first half and the rest")[0] == 200  # the same again


@pytest.mark.parametrize(("field", "length"), [("ai_note", 2001), ("what_changed", 60_001)])
def test_a_statement_that_is_too_long_is_refused_whole_never_cut(again: Learner, field: str, length: int) -> None:
    assert keep(again, 0)[0] == 200
    status, said = keep(again, 1, **{field: "x" * length})
    assert (status, said["title"]) == (422, "That text is too long to save")
    again.save("A3", text="another note", others="no", alternative="0")
    page = again.hand_in(**{**SAID, "revision": "1", field: "x" * length})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert f">{'x' * length}</textarea>" in page.text
    assert again.attempt().what_changed == SAID["what_changed"]
    assert again.hand_in(**SAID).status_code == 303
