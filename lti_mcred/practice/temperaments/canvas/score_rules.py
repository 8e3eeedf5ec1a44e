"""What a score post does in Canvas: pure rules, no database. The table of effects is tested row by row.

Three things are kept apart: the submission (attempt, state, grade), its comments, and the AGS result row.
As read in Canvas's app/controllers/lti/ims/scores_controller.rb.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import lenient_number, text_in, utc_moment

Json = dict[str, Any]
SUBMISSION_TYPES = {
    "none",
    "basic_lti_launch",
    "online_text_entry",
    "online_url",
    "external_tool",
    "online_upload",
}
GRADING_WORDS = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
ACTIVITY_WORDS = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}


@dataclass(frozen=True)
class Post:
    """A score post as the rules see it. Flags of the extension count when true or the text "true"."""

    activity: str
    grading: str
    score_given: float | None
    score_maximum: float | None
    comment: str
    submitted_at: datetime | None
    new_submission: bool
    preserve_score: bool
    prioritize_non_tool_grade: bool
    submission_type: str | None
    submission_data: str | None
    has_files: bool

    @property
    def wants_new(self) -> bool:
        """Whether the tool lets this post be a new attempt: ``new_submission``, and a type other than ``none``."""
        return self.new_submission and (self.has_files or self.submission_type != "none")

    @property
    def handed_in(self) -> bool:
        """Whether the activity's progress says that work was handed in; current versions make an attempt only then."""
        return self.activity in {"Submitted", "Completed"}

    @property
    def resets(self) -> bool:
        """The grade goes, unless preserve_score is true."""
        return self.grading not in {"FullyGraded", "PendingManual"} or self.score_given is None


@dataclass(frozen=True)
class Cell:
    """The submission before or after a post; ``score`` is on the line item's scale."""

    score: float | None = None
    state: str = "unsubmitted"  # unsubmitted, submitted, pending_review, graded, ungraded
    attempt: int = 0
    graded_attempt: int | None = None
    submitted_at: datetime | None = None
    submission_type: str | None = None
    submission_data: str | None = None
    grader: str | None = None


@dataclass(frozen=True)
class Effect:
    """What a post did: the new cell, and whether the score was written, cleared or kept."""

    cell: Cell
    score_step: str  # written, cleared, kept
    new_attempt: bool
    comment: bool


def read_post(body: Json) -> Post:
    """The post of a score body whose members were checked before."""
    extension = body.get(v.CANVAS_SUBMISSION)
    extension = extension if isinstance(extension, dict) else {}
    files = file_items(extension)
    kind = extension.get("submission_type")
    known = kind if isinstance(kind, str) and kind in SUBMISSION_TYPES else None
    return Post(
        activity=str(body.get("activityProgress")),
        grading=str(body.get("gradingProgress")),
        score_given=lenient_number(body.get("scoreGiven")),
        score_maximum=lenient_number(body.get("scoreMaximum")),
        comment=str(body.get("comment") or ""),
        submitted_at=parse_moment(submitted_at_text(body)),
        new_submission=_flag(extension, "new_submission", True),
        preserve_score=_flag(extension, "preserve_score", False),
        prioritize_non_tool_grade=_flag(extension, "prioritize_non_tool_grade", False),
        submission_type="online_upload" if files else known or (None if kind else "external_tool"),
        submission_data=text_in(extension, "submission_data"),
        has_files=bool(files),
    )


def apply(
    post: Post,
    before: Cell,
    *,
    main_item: bool,
    item_maximum: float,
    now: datetime,
    every_post_is_an_attempt: bool = False,
) -> Effect:
    """The effect of an accepted post. A line item that is not the main one leaves the submission alone."""
    if not main_item:
        return Effect(before, "kept", False, False)
    makes_attempt = post.wants_new and (post.handed_in or every_post_is_an_attempt)
    cell = _hand_in(post, before, now) if makes_attempt else before
    cell, step = _graded(post, cell, item_maximum)
    cell = _in_state(post, cell, step)
    return Effect(cell, step, cell.attempt > before.attempt, bool(post.comment))


def attempts_used_up(post: Post, before: Cell, allowed: int | None) -> bool:
    """Looks at wants_new only, so a Started post is refused too; an equal submittedAt is let through."""
    if allowed is None or allowed < 0 or not post.wants_new or before.attempt < allowed:
        return False
    return post.submitted_at is None or post.submitted_at != before.submitted_at


def _hand_in(post: Post, cell: Cell, now: datetime) -> Cell:
    submitted_at = post.submitted_at or now
    again = cell.submitted_at == submitted_at
    empty = post.submission_type in {"basic_lti_launch", "online_url", "online_text_entry"}
    state = cell.state if empty and not post.submission_data else "submitted"
    return replace(
        cell,
        attempt=cell.attempt if again else cell.attempt + 1,
        submitted_at=submitted_at,
        submission_type=post.submission_type,
        submission_data=post.submission_data,
        state=state,
    )


def _graded(post: Post, cell: Cell, item_maximum: float) -> tuple[Cell, str]:
    if post.preserve_score:
        return cell, "kept"
    if post.resets:
        return replace(cell, score=None, graded_attempt=None), "cleared"
    if post.prioritize_non_tool_grade and cell.score is not None:
        return cell, "kept"
    score = scaled(post.score_given or 0.0, post.score_maximum, item_maximum)
    return replace(cell, score=score, grader="tool", graded_attempt=cell.attempt), "written"


def scaled(given: float, maximum: float | None, item_maximum: float) -> float:
    """``given`` of ``maximum`` on the line item's scale; a maximum of zero leaves it as it is."""
    return given if not maximum else given * item_maximum / maximum


def _in_state(post: Post, cell: Cell, step: str) -> Cell:
    if post.grading == "PendingManual" and post.handed_in:
        return replace(cell, state="pending_review")
    if step == "written" or (step == "kept" and not post.preserve_score):
        return replace(cell, state="graded")
    if step == "cleared" and post.grading == "FullyGraded":
        return replace(cell, state="ungraded")
    return cell


# --- members of the body -------------------------------------------------------------------------------------------


def parse_moment(text: Any) -> datetime | None:
    """A moment as :func:`utc_moment` reads it, whatever blanks stand around it."""
    return utc_moment(text.strip()) if isinstance(text, str) else None


def submitted_at_text(body: Json) -> Any:
    """``submission.submittedAt``, else the extension's ``submitted_at``; a top-level one is ignored."""
    submission, extension = body.get("submission"), body.get(v.CANVAS_SUBMISSION)
    if isinstance(submission, dict) and submission.get("submittedAt") is not None:
        return submission["submittedAt"]
    return extension.get("submitted_at") if isinstance(extension, dict) else None


def file_items(extension: Json) -> list[Json]:
    """The content items of type file; other types are ignored."""
    items = extension.get("content_items")
    if not isinstance(items, list):
        return []
    return [item for item in items if isinstance(item, dict) and item.get("type") == "file"]


@dataclass(frozen=True)
class Wrong:
    """A refusal of the rules: ``shape`` is object, list or field (see answers.py)."""

    status: int
    message: str
    shape: str = "object"


def find_fault(
    body: Json, *, stored: datetime | None, item_maximum: float, published: bool, now: datetime
) -> Wrong | None:
    """The first failing check from "required members" to "online_upload needs content_items", in Canvas's order."""
    checks = (
        _wrong_members(body),
        None if published else Wrong(422, "This assignment is still unpublished"),
        _wrong_timestamp(body, stored),
        _wrong_maximum(body, item_maximum),
        _wrong_score(body),
        _wrong_submitted_at(body, now),
        _wrong_upload(body),
        _wrong_progress(body),
    )
    return next((wrong for wrong in checks if wrong is not None), None)


def _wrong_members(body: Json) -> Wrong | None:
    for name in ("userId", "activityProgress", "gradingProgress", "timestamp"):
        if body.get(name) in (None, ""):
            return Wrong(400, f"{name} is missing", "list")
    return None


def _wrong_timestamp(body: Json, stored: datetime | None) -> Wrong | None:
    text = body.get("timestamp")
    moment = parse_moment(text)
    if moment is None:
        return Wrong(400, f"Provided timestamp of {text} not a valid timestamp")
    if stored is not None and moment < stored:
        last = stored.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stored.microsecond // 1000:03d}Z"
        return Wrong(400, f"Provided timestamp of {text} before last updated timestamp of {last}")
    return None


def _wrong_maximum(body: Json, item_maximum: float) -> Wrong | None:
    given, maximum = lenient_number(body.get("scoreGiven")), lenient_number(body.get("scoreMaximum"))
    if given is not None and maximum is None:
        return Wrong(422, "ScoreMaximum not supplied when ScoreGiven present.")
    if maximum is not None and maximum < 0:
        return Wrong(422, "ScoreMaximum must be greater than or equal to 0")
    if maximum == 0 and item_maximum != 0:
        return Wrong(422, "cannot be zero if line item's maximum is not zero")
    return None


def _wrong_score(body: Json) -> Wrong | None:
    given = lenient_number(body.get("scoreGiven"))
    return Wrong(422, "ScoreGiven must be greater than or equal to 0") if given is not None and given < 0 else None


def _wrong_submitted_at(body: Json, now: datetime) -> Wrong | None:
    text = submitted_at_text(body)
    if text is None:
        return None
    moment = parse_moment(text)
    if moment is None:
        return Wrong(400, f"Provided submitted_at timestamp of {text} not a valid timestamp")
    if moment > now + timedelta(minutes=1):
        return Wrong(400, f"Provided submitted_at timestamp of {text} in the future")
    return None


def _wrong_upload(body: Json) -> Wrong | None:
    extension = body.get(v.CANVAS_SUBMISSION)
    extension = extension if isinstance(extension, dict) else {}
    if extension.get("submission_type") == "online_upload" and not file_items(extension):
        return Wrong(422, "Content items must be provided with submission type 'online_upload'")
    return None


def _wrong_progress(body: Json) -> Wrong | None:
    """The model's own validation comes last; the field is named in its answer."""
    if str(body.get("gradingProgress")) not in GRADING_WORDS:
        return Wrong(422, "grading_progress", "field")
    if str(body.get("activityProgress")) not in ACTIVITY_WORDS:
        return Wrong(422, "activity_progress", "field")
    return None


def _flag(extension: Json, name: str, default: bool) -> bool:
    value = extension.get(name)
    return default if value is None else value in (True, "true", "1", 1)
