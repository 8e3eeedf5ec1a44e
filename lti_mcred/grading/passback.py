"""Delivering the ledger: handlers for five topics, safe to run twice at any point.

`attempt.submitted`, `placement.added` and `column.found` write rows, `score.send` brings one to the LMS, and
`column.wanted` asks for a column that no launch names.

The timestamp and the body are committed before the first try. Whatever breaks afterwards, a resend is the same score
word for word, and an LMS that already took it is asked before it is told again (Canvas adds a comment with each post).
A grade that a teacher typed is kept until she sends ours.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from lti_mcred import outbox
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Placement
from lti_mcred.grading import column, ledger, scores
from lti_mcred.grading.decide import gradebook_words
from lti_mcred.grading.feedback import decision_of, judgement_of
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.grading.rubric import points_of
from lti_mcred.grading.wire import NotNow, Posted, Result, Wire
from lti_mcred.outbox import Done, GiveUp, Handler, Later, Outcome, pause
from lti_mcred.people.models import Membership
from lti_mcred.settings import Settings
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.known.platforms import deployment_of, platform_of
from lti_mcred.tool.profiles import Delivery, Score
from lti_mcred.tool.protocol.services_asked import RESULT_READ, SCORE

_BODY_KEPT = 2000
# The worker stops a little after the ledger does, so that the ledger's words are the last.
_MARGIN = timedelta(minutes=5)
# Until when this worker has its row on the wire. Not read from the row, where another worker may have put its own.
_our_flight: ContextVar[datetime | None] = ContextVar("our_flight", default=None)


def handlers(wire: Wire, settings: Settings) -> dict[str, Handler]:
    """Return topic -> handler for the outbox."""
    patience = timedelta(hours=settings.outbox_give_up_hours) - _MARGIN
    passback = Passback(wire, patience, settings.public_url, timedelta(seconds=settings.outbox_lease_seconds))
    topics = {
        "attempt.submitted": passback.submitted,
        "placement.added": passback.placed,
        "column.found": passback.column_found,
        ledger.TOPIC: passback.send,
        column.TOPIC: column.Finder(wire).find,
    }
    return {topic: _speaking(settings.languages[0].replace("-", "_"), handler) for topic, handler in topics.items()}


def _speaking(language: str, handler: Handler) -> Handler:
    """Give a worker, who has no reader in front of it, the language in which reasons are written down."""

    def run(payload: dict[str, Any]) -> Outcome:
        with force_locale(language):
            return handler(payload)

    return run


class Passback:
    """Sends ledger rows through a `Wire`; gives a row to a person after `patience` without success."""

    def __init__(
        self, wire: Wire, patience: timedelta, public_url: str, lease: timedelta, now: Callable[[], datetime] = utcnow
    ) -> None:
        self.wire = wire
        self.patience = patience
        self.public_url = public_url
        self.lease = lease
        self.now = now

    def submitted(self, payload: dict[str, Any]) -> Outcome:
        """Handle {"attempt_id"}: owe "handed in" to the columns whose LMS wants to know."""
        attempt = db.session.get(Attempt, str(payload.get("attempt_id")))
        if attempt is None:
            return GiveUp("there is no such attempt")
        if attempt.state != "submitted":  # withdrawn, returned or decided meanwhile: old news
            return Done()
        platform = deployment_of(attempt.enrolment.person).platform
        if self.wire.body(platform, scores.handed_in(attempt, self.now(), self.public_url)) is not None:
            ledger.owe_submitted(attempt)
        db.session.commit()
        return Done()

    def placed(self, payload: dict[str, Any]) -> Outcome:
        """Handle {"placement_id"}: a learner opened her work from one more course, whose column is owed the score."""
        placement = db.session.get(Placement, str(payload.get("placement_id")))
        if placement is None:
            return GiveUp("there is no such placement")
        handed_in = [attempt for attempt in placement.enrolment.attempts if attempt.state in ("submitted", "decided")]
        decided = [found for found in map(decision_of, handed_in) if found is not None]
        if decided:
            judgement = judgement_of(decided[-1])
            ledger.owe_decision(decided[-1], points_of(judgement), gradebook_words(decided[-1].attempt, judgement))
            db.session.commit()
        if handed_in and handed_in[-1].state == "submitted":
            return self.submitted({"attempt_id": handed_in[-1].id})
        return Done()

    def column_found(self, payload: dict[str, Any]) -> Outcome:
        """Handle {"resource_link_id"}: a link has a grade column now, or at another address; it is owed the scores."""
        link_id = str(payload.get("resource_link_id"))
        if db.session.get(ResourceLink, link_id) is None:
            return GiveUp("there is no such link")
        told = select(Attempt.enrolment_id).where(Attempt.state.in_(("submitted", "decided")))
        waiting = select(Placement.id).where(Placement.resource_link_id == link_id, Placement.enrolment_id.in_(told))
        for placement_id in db.session.scalars(waiting.order_by(Placement.id)).all():
            outbox.put("placement.added", placement_id, {"placement_id": placement_id})
        db.session.commit()
        return Done()

    def send(self, payload: dict[str, Any]) -> Outcome:
        """Handle {"ledger_id"}: bring one row to the LMS, or say why not. One worker at a time.

        With {"again": True}, an operator's word, a row that was held or refused is owed once more.
        """
        entry = db.session.get(LedgerEntry, str(payload.get("ledger_id")), populate_existing=True)
        if entry is None:
            return GiveUp("there is no such ledger row")
        if payload.get("again") and entry.state in ("held", "dead"):
            entry.state, entry.reason = "owed", None
            db.session.commit()
        if entry.state != "owed":
            return Done()
        if not self._take_off(entry, None):
            return self._taken_by_another()
        try:
            return self._check_and_deliver(entry)
        except Exception:
            db.session.rollback()
            ledger.land(entry, _our_flight.get())
            raise

    def _take_off(self, entry: LedgerEntry, mine: datetime | None) -> bool:
        until = utcnow() + self.lease
        taken = ledger.take_off(entry, until, mine)
        _our_flight.set(until)
        return taken

    def _taken_by_another(self) -> Outcome:
        return Later("another worker has this score on the wire", self.lease.total_seconds())

    def _check_and_deliver(self, entry: LedgerEntry) -> Outcome:
        if ledger.outdated(entry):
            return self._settle(entry, "superseded", _("A newer score for this learner took its place."))
        if (obstacle := self._obstacle(entry)) is not None:
            return self._settle(entry, "held", obstacle)
        try:
            return self._deliver(entry)
        except NotNow as wait:  # a grade that cannot be looked at is not risked
            return self._wait(entry, _reason(wait.delivery), wait.delivery.wait)

    def _deliver(self, entry: LedgerEntry) -> Outcome:
        found = self._read(entry)
        if self._may_be_there(entry) and self._arrived(entry, found):
            return self._sent(entry)
        if self._is_typed_by_others(entry, found):
            return self._keep(entry, found)
        return self._first_or_again(entry, found)

    def _first_or_again(self, entry: LedgerEntry, found: Result | None) -> Outcome:
        if entry.request is None and not self._prepare(entry, found):
            return self._settle(entry, "superseded", _("This LMS is told the decision only."))
        return self._post(entry)

    def _may_be_there(self, entry: LedgerEntry) -> bool:
        """Whether the score may stand there before this try: its answer was lost, or the column has two addresses."""
        return entry.request is not None or not (entry.insisted or ledger.on_the_wire(entry, scores_only=False))

    def _obstacle(self, entry: LedgerEntry) -> str | None:
        """Return words for what makes a try pointless; a person who insists lets the LMS judge."""
        if SCORE not in entry.course.scopes:
            return str(_("The LMS has not given this tool the right to write grades in this course."))
        if entry.insisted:
            return None
        state = db.session.scalar(
            select(Membership.state).where(
                Membership.course_id == entry.course_id, Membership.person_id == entry.person_id
            )
        )
        if state == "gone":
            return str(_("The learner is no longer in the course. The decision is kept here."))
        return None

    def _read(self, entry: LedgerEntry) -> Result | None:
        if RESULT_READ not in entry.course.scopes:
            return None
        return self.wire.result(entry.course, entry.lineitem_url, entry.person.sub)

    @staticmethod
    def _arrived(entry: LedgerEntry, found: Result | None) -> bool:
        """Whether an earlier try whose answer was lost did arrive: the same score with the same words stands there."""
        if found is None or entry.score_given is None or entry.score_maximum is None:
            return False
        return found.same_as(entry.score_given, entry.score_maximum) and found.comment.split() == entry.comment.split()

    def _is_typed_by_others(self, entry: LedgerEntry, found: Result | None) -> bool:
        """Whether the column holds a grade that is neither our last one nor the one at hand."""
        if entry.insisted or found is None:
            return False
        if found.given is None:
            remembered = ledger.seen_at_hand_in(entry) if entry.kind == "decided" else None
            if remembered is None:
                return False
            found = Result(remembered["given"], remembered["maximum"])
        known = ledger.possibly_ours(entry)
        if entry.score_given is not None and entry.score_maximum is not None:
            known.append((entry.score_given, entry.score_maximum))
        return not any(found.same_as(given, most) for given, most in known)

    def _keep(self, entry: LedgerEntry, found: Result | None) -> Outcome:
        """Respect a strange grade: a decision waits for the teacher, a hand-in only remembers what it saw."""
        if found is not None and found.given is not None:
            entry.found = {"given": found.given, "maximum": found.maximum}
        elif entry.kind == "decided":
            entry.found = ledger.seen_at_hand_in(entry)
        if entry.kind == "submitted":
            return self._first_or_again(entry, found)
        return self._settle(entry, "kept", _("The gradebook holds a grade that did not come from here."))

    def _prepare(self, entry: LedgerEntry, found: Result | None) -> bool:
        """Fix timestamp and body and commit them, before anything is on the wire. False: this LMS is not told."""
        stamp = self.wire.next_timestamp(platform_of(entry.course), self.now(), ledger.last_stamp(entry))
        body = self.wire.body(platform_of(entry.course), self._score(entry, stamp, found))
        if body is None:
            return False
        entry.stamp, entry.request = stamp, {"url": entry.lineitem_url, "body": body}
        db.session.commit()
        return True

    def _score(self, entry: LedgerEntry, stamp: datetime, found: Result | None) -> Score:
        if entry.kind == "submitted":
            return scores.handed_in(entry.attempt, stamp, self.public_url)
        nothing_seen = found is None or found.given is None
        first = not entry.insisted and nothing_seen and not ledger.on_the_wire(entry, scores_only=True)
        return scores.decided(entry, stamp, yields=first)

    def _post(self, entry: LedgerEntry) -> Outcome:
        if not self._take_off(entry, _our_flight.get()):  # reading took longer than the lease
            return self._taken_by_another()
        request = entry.request or {}
        posted = self.wire.post(entry.course, request["url"], request["body"])
        entry.tries += 1
        entry.answer_status, entry.answer_body = posted.status, posted.body[:_BODY_KEPT]
        return self._heard(entry, posted)

    def _heard(self, entry: LedgerEntry, posted: Posted) -> Outcome:
        delivery = posted.delivery
        reason = _reason(delivery)
        if delivery.state == "sent":
            return self._taken(entry)
        if delivery.state == "superseded":
            return self._refused_as_older(entry, reason)
        if delivery.state == "later":
            return self._wait(entry, reason, delivery.wait)
        if delivery.state == "dead" and (link := ledger.forget_column(entry)):
            column.ask_for_column(link)  # Moodle makes a new column where grades were switched off and on
        return self._settle(entry, "dead" if delivery.state == "dead" else "held", reason)

    def _taken(self, entry: LedgerEntry) -> Outcome:
        """Believe the LMS, but look where a typed grade was to be replaced: Moodle says 200 and keeps an override."""
        if not entry.insisted or entry.score_given is None or entry.score_maximum is None:
            return self._sent(entry)
        try:
            found = self._read(entry)
        except NotNow:
            found = None
        if found is None or found.given is None or found.same_as(entry.score_given, entry.score_maximum):
            return self._sent(entry)
        entry.found = {"given": found.given, "maximum": found.maximum}
        words = _("The LMS took the score, but still shows the grade that was typed there. Remove that grade or its "
                  "override in the gradebook, then send again.")  # fmt: skip
        return self._settle(entry, "held", words)

    def _wait(self, entry: LedgerEntry, reason: str, asked: float) -> Outcome:
        """Try later; `asked`: the seconds that the LMS named, which lengthen our own pause and never shorten it."""
        if self.now() - entry.created_at >= self.patience:
            return self._settle(entry, "held", reason)
        entry.reason, entry.in_flight_until = reason, None
        db.session.commit()
        usual = pause(max(entry.tries, 1)).total_seconds()
        return Later(reason, asked) if asked > usual else Later(reason)

    def _refused_as_older(self, entry: LedgerEntry, reason: str) -> Outcome:
        """The LMS holds something as late as ours: our own lost try, a teacher's grade, or a clock that runs ahead."""
        if entry.kind == "submitted" or entry.score_given is None or entry.score_maximum is None:
            return self._settle(entry, "superseded", reason)
        found = self._read(entry)
        if found is not None and found.same_as(entry.score_given, entry.score_maximum):
            return self._sent(entry)
        if not entry.insisted and (found is None or self._is_typed_by_others(entry, found)):
            return self._keep(entry, found)
        if (entry.request or {}).get("restamped"):
            return self._settle(entry, "held", reason)
        self._prepare(entry, found)
        entry.request = {**(entry.request or {}), "restamped": True}
        db.session.commit()
        return self._post(entry)

    def _sent(self, entry: LedgerEntry) -> Outcome:
        body = (entry.request or {}).get("body", {})
        return self._settle(entry, "sent", self.wire.proviso(platform_of(entry.course), body))

    def _settle(self, entry: LedgerEntry, state: str, reason: str) -> Outcome:
        entry.state, entry.reason, entry.in_flight_until = state, reason or None, None
        if state == "sent":
            entry.sent_at = self.now()
        db.session.commit()
        return GiveUp(reason) if state in ("held", "dead") else Done()


def _reason(delivery: Delivery) -> str:
    """Return our words and, in quotes, those of the LMS."""
    return " ".join(filter(None, (delivery.reason, delivery.words and f"“{delivery.words}”")))
