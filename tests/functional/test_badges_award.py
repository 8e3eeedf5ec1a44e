"""Awarding: one badge per person and version, verified before it is stored; revoking; the holder's choice."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from lti_mcred.badges import award as awarding
from lti_mcred.badges import issuer as issuers
from lti_mcred.badges import lists, signing
from lti_mcred.badges.award import add_months, award_anew, award_of, consider
from lti_mcred.badges.models import Award, IssuerKey, StatusList
from lti_mcred.badges.openbadges import status_list
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.share import show_name
from lti_mcred.badges.signing import credential_url
from lti_mcred.badges.verifier.reading import summarize
from lti_mcred.badges.verifier.verification import Verdict, Verification
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.engine.db import db, utcnow
from lti_mcred.grading.models import Decision
from lti_mcred.outbox import Done, GiveUp, Later
from lti_mcred.secretbox import SealBroken
from tests import factories
from tests.badges_rows import awarded, earned_decision
from tests.services import change_settings

pytestmark = pytest.mark.usefixtures("app")


def count(model: type) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def checked(row: Award) -> Verification:
    """Verify a stored award as the world would."""
    return verify(json.loads(row.credential), LocalResolver(), utcnow())


def test_an_earned_decision_becomes_a_valid_badge() -> None:
    decision = earned_decision()
    assert consider({"decision_id": decision.id}) == Done()
    row = db.session.scalars(select(Award)).one()
    assert checked(row).verdict is Verdict.VALID
    document = json.loads(row.credential)
    assert document["id"] == f"http://127.0.0.1:8000/credentials/{row.id}"
    assert document["issuer"]["id"] == f"did:web:127.0.0.1%3A8000:issuers:{row.issuer.slug}"
    assert document["awardedDate"] == decision.decided_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert summarize(document).total == "5/5"


def test_the_same_news_twice_gives_one_badge() -> None:
    decision = earned_decision()
    assert consider({"decision_id": decision.id}) == Done()
    first = db.session.scalars(select(Award)).one().credential
    assert consider({"decision_id": decision.id}) == Done()
    assert db.session.scalars(select(Award)).one().credential == first


def test_a_later_decision_about_the_same_work_makes_no_second_badge() -> None:
    decision = earned_decision()
    consider({"decision_id": decision.id})
    again = Decision(attempt_id=decision.attempt_id, sequence=2, outcome="earned", criteria=decision.criteria)
    db.session.add(again)
    db.session.commit()
    consider({"decision_id": again.id})
    assert count(Award) == 1


def test_an_earned_decision_that_was_overtaken_gives_no_badge() -> None:
    decision = earned_decision()
    db.session.add(Decision(attempt_id=decision.attempt_id, sequence=2, outcome="not_yet", criteria={}))
    db.session.commit()
    assert consider({"decision_id": decision.id}) == Done()
    assert count(Award) == 0


def test_not_yet_gives_no_badge() -> None:
    assert consider({"decision_id": earned_decision(outcome="not_yet").id}) == Done()
    assert count(Award) == 0


def test_a_test_user_gets_no_badge() -> None:
    course = factories.course()
    student_view = factories.person(course, is_test_user=True)
    assert consider({"decision_id": earned_decision(who=student_view, at=course).id}) == Done()
    assert count(Award) == 0


@pytest.mark.parametrize("payload", [{}, {"decision_id": "0" * 32}])
def test_news_about_nothing_is_given_up(payload: dict[str, str]) -> None:
    assert isinstance(consider(payload), GiveUp)


def test_a_decision_without_a_level_is_given_up_with_the_reason() -> None:
    outcome = consider({"decision_id": earned_decision(criteria={}).id})
    assert outcome == GiveUp("the badge could not be signed: criterion C1 has no result")


def test_a_place_that_was_taken_meanwhile_is_drawn_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    first = awarded()
    decision = earned_decision(of=factories.version(factories.example("k12-exit-ticket-regrouping")))
    monkeypatch.setattr(lists, "open_list", lambda _issuer: db.session.get(StatusList, first.status_list_id))
    monkeypatch.setattr(lists, "draw", lambda _row: first.status_index)
    monkeypatch.setattr(awarding, "signed_text", lambda *_args: "{}")
    assert isinstance(consider({"decision_id": decision.id}), Later)
    assert count(Award) == 1


def test_a_badge_that_does_not_verify_is_not_stored_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    decision = earned_decision()
    monkeypatch.setattr(signing, "sign", lambda document, key, _now: {**document, "proof": []})
    outcome = consider({"decision_id": decision.id})
    assert isinstance(outcome, GiveUp)
    assert "no signature" in outcome.reason
    assert count(Award) == 0


@pytest.mark.parametrize("error", [SealBroken("was LTI_MCRED_SECRET_KEY changed?"), RuntimeError("out of luck")])
def test_what_may_pass_by_itself_is_tried_again_with_its_reason_kept(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    decision = earned_decision()

    def fail(*_given: object) -> str:
        """Fail as something that nobody expected."""
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(awarding, "signed_text", fail)
        outcome = consider({"decision_id": decision.id})
    assert isinstance(outcome, Later)
    assert str(error) in outcome.reason
    assert count(Award) == 0
    assert consider({"decision_id": decision.id}) == Done()
    assert count(Award) == 1


def test_the_badge_has_no_name_unless_its_holder_chose_so() -> None:
    row = awarded()
    assert "Nadia" not in row.credential
    show_name(row, show=True)
    assert summarize(json.loads(row.credential)).earner_name == "Nadia Okafor"
    assert checked(row).verdict is Verdict.VALID
    show_name(row, show=False)
    assert "Nadia" not in row.credential


def test_signing_again_keeps_the_badges_identity() -> None:
    row = awarded()
    before = json.loads(row.credential)
    with time_machine.travel(utcnow() + timedelta(days=40), tick=False):
        show_name(row, show=True)
    after = json.loads(row.credential)
    for name in ("id", "awardedDate", "validUntil", "credentialStatus"):
        assert before[name] == after[name]
    assert before["credentialSubject"]["id"] == after["credentialSubject"]["id"]
    assert before["credentialSubject"]["result"] == after["credentialSubject"]["result"]
    assert before["validFrom"] < after["validFrom"]


def test_choosing_the_same_again_changes_nothing() -> None:
    row = awarded()
    before = row.credential
    assert show_name(row, show=False).credential == before


def test_a_name_that_the_lms_never_told_cannot_be_shown() -> None:
    course = factories.course()
    row = awarded(who=factories.person(course, name=None), at=course)
    with pytest.raises(ValueError, match="name"):
        show_name(row, show=True)


def test_expiry_follows_the_definition() -> None:
    with time_machine.travel(datetime(2026, 8, 31, 9, tzinfo=UTC), tick=False):
        row = awarded()  # 36 months
        forever = awarded(of=factories.version(factories.example("uni-faculty-transparent-assignment")))
    assert row.valid_until == datetime(2029, 8, 31, 9, tzinfo=UTC)
    assert forever.valid_until is None
    with time_machine.travel(datetime(2029, 8, 31, 9, 0, 1, tzinfo=UTC), tick=False):
        assert checked(row).verdict is Verdict.EXPIRED


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [((2027, 1, 31), 1, (2027, 2, 28)), ((2028, 1, 31), 1, (2028, 2, 29)), ((2026, 12, 5), 13, (2028, 1, 5))],
)
def test_months_end_on_a_day_that_exists(start: tuple[int, int, int], months: int, end: tuple[int, int, int]) -> None:
    assert add_months(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)


def test_a_withdrawn_badge_is_seen_at_once_and_its_neighbours_stay_valid() -> None:
    row, other = awarded(), awarded(of=factories.version(factories.example("k12-exit-ticket-regrouping")))
    assert checked(row).valid
    revoke(row.id, "mistake")
    assert checked(row).verdict is Verdict.REVOKED
    assert checked(other).valid


def test_withdrawing_twice_keeps_the_first_reason_and_time() -> None:
    row = awarded()
    first = revoke(row.id, "integrity").revoked_at
    again = revoke(row.id, "request")
    assert (again.revoked_at, again.revoke_reason) == (first, "integrity")


def test_a_withdrawn_badge_is_awarded_anew_by_a_person_only() -> None:
    row = awarded()
    with pytest.raises(ValueError, match="stands"):
        award_anew(row.id)
    revoke(row.id, "mistake")
    consider({"decision_id": row.decision_id})
    assert count(Award) == 1
    new = award_anew(row.id)
    assert (new.decision_id, new.id != row.id, checked(new).verdict) == (row.decision_id, True, Verdict.VALID)
    assert checked(row).verdict is Verdict.REVOKED
    assert award_of(row.person_id, row.version_id) == new
    assert award_anew(row.id) == new
    with pytest.raises(LookupError):
        award_anew("nothing")


def earned_after_a_withdrawal() -> tuple[Award, Decision]:
    """Return a withdrawn badge, and a later decision of the same person that has earned one."""
    row = awarded()
    revoke(row.id, "integrity")
    old = db.session.get_one(Decision, row.decision_id)
    later = Decision(attempt_id=old.attempt_id, sequence=2, outcome="earned", criteria=old.criteria)
    db.session.add(later)
    db.session.commit()
    return row, later


def test_after_a_withdrawal_new_work_earns_a_new_badge() -> None:
    row, later = earned_after_a_withdrawal()
    assert consider({"decision_id": later.id}) == Done()
    standing = award_of(row.person_id, row.version_id)
    assert standing is not None
    assert (standing.decision_id, standing.revoked_at) == (later.id, None)
    with pytest.raises(ValueError, match="later decision"):
        award_anew(row.id)


def test_a_withdrawn_badge_is_never_taken_for_the_one_that_was_earned(monkeypatch: pytest.MonkeyPatch) -> None:
    row, later = earned_after_a_withdrawal()
    with monkeypatch.context() as busy:
        busy.setattr(lists, "draw", lambda _row: row.status_index)
        busy.setattr(awarding, "signed_text", lambda *_args: "{}")
        assert isinstance(consider({"decision_id": later.id}), Later)
    assert consider({"decision_id": later.id}) == Done()
    standing = award_of(row.person_id, row.version_id)
    assert standing is not None
    assert standing.decision_id == later.id


def test_a_withdrawn_badge_is_not_signed_again() -> None:
    row = awarded()
    revoke(row.id, "request")
    with pytest.raises(ValueError, match="name"):
        show_name(row, show=True)


def test_withdrawing_needs_a_known_reason_and_a_badge() -> None:
    row = awarded()
    with pytest.raises(ValueError, match="reason"):
        revoke(row.id, "I do not like it")
    with pytest.raises(LookupError):
        revoke("nothing", "mistake")
    assert checked(row).valid


def test_a_signed_list_is_kept_for_a_day_and_then_signed_again() -> None:
    row = awarded()
    listed = db.session.get_one(StatusList, row.status_list_id)
    first = lists.signed_list(listed)
    assert lists.signed_list(listed) == first
    with time_machine.travel(utcnow() + timedelta(hours=25), tick=False):
        second = json.loads(lists.signed_list(listed))
    assert second["validFrom"] > json.loads(first)["validFrom"]


def test_a_list_that_changed_while_it_was_signed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    row = awarded()
    listed = db.session.get_one(StatusList, row.status_list_id)
    listed.signed = None
    db.session.commit()
    signing = lists.sign

    def slow_sign(*given: object) -> object:
        """Let a withdrawal happen while the list is being signed."""
        db.session.execute(update(StatusList).values(bits=status_list.with_bit(status_list.empty(), 5)))
        return signing(*given)

    monkeypatch.setattr(lists, "sign", slow_sign)
    lists.signed_list(listed)
    db.session.expire_all()
    assert listed.signed is None


def test_a_half_full_list_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    row = awarded()
    monkeypatch.setattr(lists, "_FULL", 1)
    assert lists.open_list(row.issuer).id != row.status_list_id


def test_two_titles_of_one_issuer_share_its_key_and_list() -> None:
    one = awarded()
    definition = factories.example("k12-exit-ticket-regrouping")
    info = factories.example().issuer
    other = awarded(of=factories.version(definition.model_copy(update={"issuer": info})))
    assert (one.issuer_id, one.status_list_id) == (other.issuer_id, other.status_list_id)
    assert one.status_index != other.status_index
    assert count(IssuerKey) == 1


def test_after_a_rotation_old_badges_stay_valid_and_new_ones_use_the_new_key() -> None:
    old = awarded()
    issuers.rotate(old.issuer)
    new = awarded(of=factories.version(factories.example().model_copy(update={"version": "1.1.0"})))
    methods = [json.loads(row.credential)["proof"][0]["verificationMethod"] for row in (old, new)]
    assert methods[0] != methods[1]
    assert checked(old).valid
    assert checked(new).valid
    document = issuers.issuer_document(old.issuer.slug)
    assert document is not None
    assert document["assertionMethod"] == methods


def test_keys_are_not_readable_in_the_database_and_need_the_same_secret(app: Flask) -> None:
    row = awarded()
    stored = db.session.scalars(select(IssuerKey)).one()
    assert issuers.signing_key(row.issuer).private.private_bytes_raw().hex() not in stored.private_encrypted
    change_settings(app, secret_key="another" * 6)
    with pytest.raises(SealBroken):
        issuers.signing_key(row.issuer)
    listed = db.session.get_one(StatusList, row.status_list_id)
    listed.signed = None
    db.session.commit()
    assert checked(row).verdict is Verdict.UNCONFIRMED


def test_the_address_of_a_badge_cannot_be_guessed() -> None:
    row = awarded()
    assert len(row.id) == 43
    assert credential_url(row.id).endswith(row.id)
    assert award_of(row.person_id, row.version_id) is row
