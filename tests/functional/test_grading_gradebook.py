"""The wire to the tool's AGS client: what its answers mean for the ledger."""

from typing import Any

import pytest

from lti_mcred.grading.gradebook import Gradebook
from lti_mcred.grading.wire import FoundColumn, NotNow, Posted, Result
from lti_mcred.tool.profiles import Delivery
from lti_mcred.tool.profiles.base import DeliveryState
from lti_mcred.tool.wire import ags
from tests.grading_helpers import World

URL = "https://lms.example.edu/api/lineitems/1"


def _reads(monkeypatch: pytest.MonkeyPatch, answer: list[ags.Result] | Exception) -> None:
    def read_results(*_args: object) -> list[ags.Result]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(ags, "read_results", read_results)


def test_a_post_hands_over_verdict_status_and_words(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []

    def post_body(*args: object) -> ags.Posted:
        sent.extend(args)
        return ags.Posted(Delivery("held", "No."), 422, "words")

    monkeypatch.setattr(ags, "post_body", post_body)
    assert Gradebook().post(here.course, URL, {"x": 1}) == Posted(Delivery("held", "No."), 422, "words")
    assert sent == [here.course, URL, {"x": 1}]


def test_a_column_without_a_row_holds_nothing(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _reads(monkeypatch, [])
    assert Gradebook().result(here.course, URL, "u") == Result(None, None)


def test_a_grade_is_read_with_its_comment(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _reads(monkeypatch, [ags.Result("u", 3.0, 5.0, "Well done.")])
    assert Gradebook().result(here.course, URL, "u") == Result(3.0, 5.0, "Well done.")


@pytest.mark.parametrize("state", ["held", "dead"])
def test_a_column_that_may_not_be_read_is_unknown(here: World, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    _reads(monkeypatch, ags.AgsRefused(Delivery(state, "No.")))
    assert Gradebook().result(here.course, URL, "u") is None


def test_a_column_that_cannot_be_asked_now_has_to_wait(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _reads(monkeypatch, ags.AgsRefused(Delivery("later", "Busy.")))
    with pytest.raises(NotNow) as caught:
        Gradebook().result(here.course, URL, "u")
    assert caught.value.delivery.reason == "Busy."


@pytest.mark.parametrize(
    ("held", "same"),
    [
        (Result(4.0, 5.0), True),
        (Result(80.0, 100.0), True),
        (Result(0.8, 1.0), True),
        (Result(0.8, None), True),
        (Result(4.29, 5.0), False),
        (Result(4.01, 5.0), False),
        (Result(None, None), False),
        (Result(0.0, 5.0), False),
    ],
)
def test_scores_are_compared_in_the_columns_scale(held: Result, same: bool) -> None:
    assert held.same_as(4.0, 5.0) is same


def test_cents_of_rounding_are_no_difference() -> None:
    assert Result(4.29, 10.0).same_as(3.0, 7.0)
    assert not Result(4.31, 10.0).same_as(3.0, 7.0)


def test_of_a_list_only_columns_of_the_link_with_a_usable_address_are_taken(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [
        ags.LineItem("Mine", 4.0, "https://lms.example.edu/2", resource_id="a1", resource_link_id="link-1"),
        ags.LineItem("Another's", 4.0, "https://lms.example.edu/3", resource_link_id="link-2"),
        ags.LineItem("Nobody's", 4.0, "https://lms.example.edu/4"),
        ags.LineItem("No address", 4.0, "", resource_link_id="link-1"),
        ags.LineItem("No web address", 4.0, "ftp://lms.example.edu/5", resource_link_id="link-1"),
    ]
    monkeypatch.setattr(ags, "line_items", lambda _course, **_asked: listed)
    assert Gradebook().columns(here.course, "link-1") == [FoundColumn("https://lms.example.edu/2", "a1")]


@pytest.mark.parametrize("state", ["held", "later"])
def test_a_list_that_is_not_given_is_told_with_its_reason(
    here: World, monkeypatch: pytest.MonkeyPatch, state: DeliveryState
) -> None:
    def refuse(*_given: Any, **_asked: Any) -> list[ags.LineItem]:
        raise ags.AgsRefused(Delivery(state, "Not today."))

    monkeypatch.setattr(ags, "line_items", refuse)
    with pytest.raises(NotNow, match=r"Not today\."):
        Gradebook().columns(here.course, "link-1")
