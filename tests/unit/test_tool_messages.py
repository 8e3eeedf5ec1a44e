"""The table of messages and places: what is asked for, what the guide says, and that the tool serves all of it."""

from pathlib import Path

from flask import Flask

from lti_mcred.services import service_of
from lti_mcred.tool.launch.openings import Openings
from lti_mcred.tool.profiles import PLACES
from lti_mcred.tool.profiles.canvas_places import placements
from lti_mcred.tool.profiles.messages import as_markdown, wanted_messages
from lti_mcred.tool.protocol.claims import MESSAGE_TYPES

GUIDE = Path(__file__).resolve().parents[2] / "docs/lms-setup.md"


def test_the_guide_shows_the_table_as_it_is_in_the_code() -> None:
    assert as_markdown(PLACES) in GUIDE.read_text(encoding="utf-8")


def test_every_message_in_the_table_is_taken_and_has_a_page(app: Flask) -> None:
    messages = {place.message for places in PLACES.values() for place in places}
    assert messages == set(MESSAGE_TYPES)
    assert messages <= set(service_of(app, Openings).landings)


def test_canvas_is_asked_for_no_place_where_learners_submit() -> None:
    asked = dict(placements())
    assert "homework_submission" not in asked
    assert asked["course_navigation"] == "LtiResourceLinkRequest"
    assert len(asked) == len(placements()), "Canvas takes the first entry of a placement and drops the others"


def test_submission_review_is_asked_for_where_it_is_offered() -> None:
    everywhere = [("LtiResourceLinkRequest", []), ("LtiDeepLinkingRequest", ["ContentArea"])]
    assert wanted_messages(()) == everywhere
    assert wanted_messages(("LtiSubmissionReviewRequest",)) == [*everywhere, ("LtiSubmissionReviewRequest", [])]
