"""The score endpoint of Canvas: refusals in its order, then the rules, then what is stored.

As read in Canvas's app/controllers/lti/ims/scores_controller.rb.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from lti_mcred.practice.campus.cells import grade_of, keep_grade
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import lenient_number
from lti_mcred.practice.ground.fetch import FetchError
from lti_mcred.practice.ground.models import Comment, LineItem, Person, Result, ScorePost
from lti_mcred.practice.temperaments.canvas import gradebook, line_items, score_rules
from lti_mcred.practice.temperaments.canvas.answers import (
    answer,
    body_object,
    field_refusal,
    general_refusal,
    refusal,
)
from lti_mcred.practice.temperaments.canvas.guard import (
    course_for,
    line_item_for,
    refuse_concluded,
    tool_of_token,
)

Json = dict[str, Any]


def routes(blueprint: Blueprint) -> None:
    """Add the score endpoint and that of a file transfer's progress (Canvas: scores_controller.rb)."""
    one = "/api/lti/courses/<int:course_number>/line_items/<int:number>/scores"
    blueprint.add_url_rule(one, service("scores"), post_score, methods=["POST"])
    progress = "/api/lti/courses/<int:course_number>/progress/<int:number>"
    blueprint.add_url_rule(progress, service("progress"), get_progress, methods=["GET"])


def post_score(course_number: int, number: int) -> Response:
    """POST a score (AGS 3.4): 200 with the result's address."""
    here = desk()
    tool = tool_of_token(here, {v.SCORE})
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    item = line_item_for(here, tool, course, number)
    line_items.check_link(item, request.args.get("resourceLinkId"))
    body = body_object()
    learner = _learner(here, body)
    grade = grade_of(here, item, learner)
    result = gradebook.result_of(here, item, learner)
    _refuse_faults(here, item, body, result)
    post = score_rules.read_post(body)
    before = gradebook.cell_of(grade)
    if item.activity and score_rules.attempts_used_up(post, before, item.activity.allowed_attempts):
        raise refusal(422, "The maximum number of allowed attempts has been reached for this submission")
    files = _fetched(here, body, course_number)
    effect = _apply(here, item, post, before)
    result = _store(here, item, learner, body, effect)
    url = f"{line_items.url_of(here, item)}/results/{result.number}"
    return answer({v.CANVAS_SUBMISSION: {"content_items": files}, "resultUrl": url}, media_type=v.SCORE_TYPE)


def get_progress(course_number: int, number: int) -> Response:
    """The progress of a file transfer: here it is always done at once."""
    here = desk()
    tool = tool_of_token(here, {v.PROGRESS})
    course_for(here, tool, course_number)
    return answer({"id": number, "workflow_state": "completed", "completion": 100.0})


def _learner(here: Desk, body: Json) -> Person:
    """By ``sub`` or the numeric Canvas id; a teacher or an unknown person is refused alike."""
    given = body.get("userId")
    person = here.person_by_sub(given)
    if person is None:
        person = next((one for one in here.people() if str(one.number) == str(given)), None)
    if person is None or not person.takes_grades:
        raise refusal(422, "User not found in course or is not a student")
    return person


def _refuse_faults(here: Desk, item: LineItem, body: Json, result: Result | None) -> None:
    wrong = score_rules.find_fault(
        body,
        stored=result.updated_at if result else None,
        item_maximum=item.score_maximum,
        published=item.activity is None or item.activity.published,
        now=here.now(),
    )
    if wrong is None:
        return
    if wrong.shape == "list":
        raise general_refusal(wrong.status, wrong.message)
    if wrong.shape == "field":
        raise field_refusal(wrong.message, "inclusion", "inclusion")
    raise refusal(wrong.status, wrong.message)


def _fetched(here: Desk, body: Json, course_number: int) -> list[Json]:
    """Canvas reads the files itself, before anything is stored; a file that cannot be had refuses the post."""
    extension = body.get(v.CANVAS_SUBMISSION)
    items = score_rules.file_items(extension) if isinstance(extension, dict) else []
    if items:
        here.db.commit()  # let go of the write lock while reading from the tool
    for item in items:
        try:
            here.practice.config.fetch(str(item.get("url")))
        except FetchError as problem:
            if problem.timed_out:
                raise refusal(504, "file url timed out") from problem
            raise refusal(400, f"uploading to file service failed with 400: {problem.reason}") from problem
    base = here.campus.url(f"/api/lti/courses/{course_number}/progress")
    return [
        {"type": "file", "url": item.get("url"), "title": item.get("title"), "progress": f"{base}/{66012 + index}"}
        for index, item in enumerate(items)
    ]


def _apply(here: Desk, item: LineItem, post: score_rules.Post, before: score_rules.Cell) -> score_rules.Effect:
    return score_rules.apply(
        post,
        before,
        main_item=item.activity is not None and item.activity.main_item is item,
        item_maximum=item.score_maximum,
        now=here.now(),
        every_post_is_an_attempt=bool(here.switch("every_post_is_an_attempt")),
    )


def _store(here: Desk, item: LineItem, learner: Person, body: Json, effect: score_rules.Effect) -> Result:
    now = here.now()
    moment = score_rules.parse_moment(body.get("timestamp")) or now
    grade = keep_grade(here, item, learner)
    for name, value in asdict(effect.cell).items():
        setattr(grade, name, value)
    grade.posted_at = moment
    if effect.score_step == "written":
        grade.graded_at, grade.overridden = now, False
    if effect.comment:
        grade.comments.append(Comment(author="", text=str(body["comment"]), created_at=now))
    told = {"score": effect.score_step, "new_attempt": effect.new_attempt, "state": effect.cell.state}
    here.db.add(ScorePost(line_item=item, person_id=learner.id, at=now, body=body, effect=told))
    return _store_result(here, item, learner, body, moment)


def _store_result(here: Desk, item: LineItem, learner: Person, body: Json, moment: datetime) -> Result:
    """Every accepted post overwrites the result row, even where the gradebook keeps its grade."""
    result = gradebook.keep_result(here, item, learner, moment)
    result.score = lenient_number(body.get("scoreGiven"))
    result.maximum = lenient_number(body.get("scoreMaximum"))
    result.comment = str(body["comment"]) if body.get("comment") else None
    result.activity_progress = str(body.get("activityProgress"))
    result.grading_progress = str(body.get("gradingProgress"))
    extension = body.get(v.CANVAS_SUBMISSION)
    result.extension = extension if isinstance(extension, dict) else None
    result.updated_at = moment
    here.db.flush()
    return result
