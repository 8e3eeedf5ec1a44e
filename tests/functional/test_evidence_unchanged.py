"""A new try in which nothing is new is not taken: it would cost the learner a try and say the assessor nothing."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.evidence_helpers import PDF, Learner, decide, make_learner

KEPT = "Nothing has changed since try 1, so this try is kept for you."
Change = Callable[[Learner], object]


@pytest.fixture
def again(app: Flask) -> Learner:
    """A learner who revises: C4 is not met yet, so A3 is open, in which there are a note and a recording."""
    learner = make_learner(app).start().fill()
    learner.save("A3", text="Minute 3: the café's  crew.", others="consent", others_note="form 7", alternative="0")
    learner.post("/parts/A3/links", {"url": "https://example.org/film"})
    learner.hand_in()
    decide(app, learner, "not_yet", "C4")
    learner.post("/revise")
    return learner


def save(**given: str) -> Change:
    kept = {"text": "Minute 3: the café's  crew.", "others": "consent", "others_note": "form 7", "alternative": "0"}
    return lambda learner: learner.save("A3", **{**kept, **given})


def take_out(place: int) -> Change:
    return lambda learner: learner.post(f"/parts/A3/artefacts/{learner.part('A3').artefacts[place].id}/remove")


def add_link(url: str) -> Change:
    return lambda learner: learner.post("/parts/A3/links", {"url": url})


def add_file(content: bytes = PDF, name: str = "plan.pdf") -> Change:
    return lambda learner: learner.upload("A3", content, name)


def statement(**given: str) -> Change:
    return lambda learner: learner.post("/review", {"own_work": "1", "ai_use": "wording", **given}, json=True)


SAME: dict[str, list[Change]] = {
    "untouched": [],
    "saved as it was": [save()],
    "spaces and line ends": [save(text=" Minute 3:\r\nthe café's crew. ")],
    "accents in another encoding": [save(text="Minute 3: the cafe\u0301's crew.")],
    "marks that nobody sees": [save(text="Minute 3: the ca\u00adfé's\u200b crew.")],
    "changed and changed back": [save(text="another note"), save()],
    "a file out and in again": [take_out(0), add_file()],
    "a file under another name": [take_out(0), add_file(name="renamed.pdf")],
    "the same file once more": [add_file()],
    "the same file once more under another name": [add_file(name="other.pdf")],
    "a link out and in again": [take_out(1), add_link("https://EXAMPLE.org/film")],
    "another order": [take_out(0), take_out(0), add_link("https://example.org/film"), add_file()],
    "another statement": [statement()],
}
OTHER: dict[str, list[Change]] = {
    "a word": [save(text="Minute 4: the café's crew.")],
    "a file more": [add_file(PDF + b"\n", "more.pdf")],
    "another file of the same name": [take_out(0), add_file(PDF + b"\n")],
    "a link less": [take_out(1)],
    "another link": [take_out(1), add_link("https://example.org/film2")],
    "another answer about other people": [save(others="unrecognisable")],
    "another permission form": [save(others_note="form 8")],
}


def refused(learner: Learner, **given: str) -> bool:
    answer = learner.hand_in(**given)
    assert answer.status_code in (303, 422)
    assert (KEPT in answer.text) == (answer.status_code == 422)
    return answer.status_code == 422


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME)
def test_the_same_work_is_refused_and_the_try_is_kept(again: Learner, changes: list[Change]) -> None:
    for change in changes:
        change(again)
    for _press in range(2):
        assert refused(again)
    assert (again.attempt().number, again.attempt().state) == (2, "draft")


@pytest.mark.parametrize("changes", OTHER.values(), ids=OTHER)
def test_any_change_of_what_is_read_is_taken(again: Learner, changes: list[Change]) -> None:
    for change in changes:
        change(again)
    assert not refused(again)
    assert (again.attempt().number, again.attempt().state) == (2, "submitted")


@pytest.mark.parametrize(("words", "taken"), [("", False), ("  ", False), ("nothing", False), ("...", False),
                                              ("Please look at minute three.", True)])  # fmt: skip
def test_a_sentence_for_the_assessor_lets_work_that_stayed_be_read_again(
    again: Learner, words: str, taken: bool
) -> None:
    assert refused(again, what_changed=words) is not taken


def test_the_review_page_says_it_before_the_button_is_pressed(again: Learner) -> None:
    assert "Nothing has changed yet" in again.get("/review").text
    save(text="another note")(again)
    assert "Nothing has changed yet" not in again.get("/review").text


def test_the_assessor_is_told_of_changes_that_she_can_see_alone(again: Learner) -> None:
    changed = "Changed since the try before"
    save(text=" Minute 3:\nthe café's crew. ", others_note="form 8")(again)
    assert changed not in again.get("/review").text
    save(text="Minute 4: the café's crew.")(again)
    assert changed in again.get("/review").text


def test_the_refusal_leads_to_the_field_and_keeps_what_was_typed(again: Learner) -> None:
    page = again.hand_in(what_changed="as before", ai_use="ideas").text
    assert 'href="#what_changed"' in page
    assert ">as before</textarea>" in page
    assert 'value="ideas" checked' in page


def test_work_that_came_back_as_incomplete_is_not_handed_in_as_it_was(app: Flask) -> None:
    learner = make_learner(app).start().fill()
    learner.hand_in()
    decide(app, learner, "returned", message="The second picture cannot be opened.")
    learner.post("/revise")
    assert refused(learner)
    learner.upload("A1", PDF + b"\n", "again.pdf")
    assert not refused(learner)


def test_a_first_try_has_nothing_to_be_the_same_as(app: Flask) -> None:
    learner = make_learner(app).start().fill()
    assert "Nothing has changed" not in learner.get("/review").text
    assert learner.hand_in().status_code == 303
