"""Notices to tools: made while a change is stored, sent after it is, once and never again (as Canvas does)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.fetch import FetchError
from lti_mcred.practice.ground.shapes import Notice


def deliver(desk: Desk, notices: Iterable[Notice]) -> list[int]:
    """Store what this request did, then send each notice; return what the handlers answered, 0 for no answer.

    The write lock is let go first: the tool may ask for our keys before it answers.
    """
    desk.db.commit()
    answers = []
    for notice in notices:
        body = json.dumps({"notices": [{"jwt": notice.jwt}]}).encode()
        try:
            answers.append(desk.practice.config.send(notice.handler, body))
        except FetchError:
            answers.append(0)
    return answers
