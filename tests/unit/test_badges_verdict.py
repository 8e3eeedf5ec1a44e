"""The verdict on a badge: what each check counts for, what is not looked at any more, and the dates to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.verifier import verify as verifying
from lti_mcred.badges.verifier.verification import Check, State, Verdict, Verification
from lti_mcred.badges.verifier.verify import verdict_of, verify, verify_bytes
from tests.badges_helpers import (
    AWARD,
    DID,
    KEY,
    LIST_URL,
    NOW,
    OTHER_KEY,
    FakeResolver,
    signed_badge,
    signed_list,
)  # fmt: skip
from tests.unit.test_badges_tokens import check as check_token
from tests.unit.test_badges_tokens import token

PASSED, FAILED, UNKNOWN = State.PASSED, State.FAILED, State.UNKNOWN
BADGE = signed_badge()
PLAIN = {name: value for name, value in BADGE.items() if name not in ("proof", "credentialStatus")}
DAY = timedelta(days=1)


def found(*checks: tuple[str, State]) -> Verdict:
    """The verdict on these checks, beside one that passed."""
    return verdict_of([Check("form", PASSED, ""), *(Check(code, state, "") for code, state in checks)])


def dated(start: datetime, end: datetime | None) -> Verification:
    """What is found of a badge with these dates."""
    badge = {name: value for name, value in PLAIN.items() if name != "validUntil"}
    badge |= {"validFrom": start.isoformat(), **({"validUntil": end.isoformat()} if end else {})}
    return verify(sign(badge, KEY, NOW), FakeResolver(), NOW)


VERDICTS: list[tuple[list[tuple[str, State]], Verdict]] = [
    ([], Verdict.VALID),
    ([("unsigned", FAILED), ("signature", FAILED)], Verdict.UNSIGNED),
    ([("signature", FAILED), ("issuer", FAILED), ("form", UNKNOWN)], Verdict.TAMPERED),
    ([("revoked", FAILED), ("expired", FAILED), ("not_yet", FAILED), ("suspended", FAILED)], Verdict.REVOKED),
    ([("expired", FAILED), ("not_yet", FAILED), ("suspended", FAILED)], Verdict.EXPIRED),
    ([("not_yet", FAILED), ("suspended", FAILED)], Verdict.NOT_YET),
    ([("suspended", FAILED)], Verdict.SUSPENDED),
    ([("revoked", FAILED), ("schema", FAILED), ("results", FAILED)], Verdict.REVOKED),
    ([("expired", FAILED), ("schema", FAILED)], Verdict.EXPIRED),
    ([("schema", FAILED)], Verdict.UNCONFIRMED),
    ([("results", FAILED)], Verdict.UNCONFIRMED),
    ([("revoked", FAILED), ("issuer", FAILED)], Verdict.UNCONFIRMED),
    ([("witness", FAILED), ("expired", FAILED)], Verdict.UNCONFIRMED),
    ([("revoked", FAILED), ("dates", UNKNOWN)], Verdict.UNCONFIRMED),
    ([("revoked", FAILED), ("status", UNKNOWN)], Verdict.REVOKED),
    ([("expired", FAILED), ("witness", UNKNOWN)], Verdict.EXPIRED),
    ([("status", UNKNOWN)], Verdict.UNCONFIRMED),
    ([("witness", UNKNOWN)], Verdict.VALID),
    ([("signature", UNKNOWN)], Verdict.UNCONFIRMED),
    ([("key", UNKNOWN)], Verdict.UNCONFIRMED),
]  # fmt: skip


@pytest.mark.parametrize(("checks", "verdict"), VERDICTS, ids=range(len(VERDICTS)))
def test_the_gravest_check_decides_and_what_the_issuer_says_counts_only_when_it_is_the_issuer(
    checks: list[tuple[str, State]], verdict: Verdict
) -> None:
    assert found(*checks) is verdict
    assert found(*reversed(checks)) is verdict


def not_made(badge: dict[str, Any], resolver: FakeResolver | None = None) -> list[str]:
    """The codes of the checks that were not made."""
    return [check.code for check in verify(badge, resolver or FakeResolver(), NOW).skipped]


def test_what_was_not_looked_at_is_told() -> None:
    assert not_made(BADGE) == []
    assert not_made({name: value for name, value in BADGE.items() if name != "proof"}) == ["dates", "status"]
    assert not_made({**BADGE, "name": "Another"}) == ["dates", "status"]
    assert not_made(BADGE, FakeResolver(documents={})) == ["signature", "dates", "status"]
    assert not_made({**BADGE, "@context": []}) == ["signature", "dates", "status"]


def test_what_was_found_to_be_over_or_withdrawn_was_looked_at() -> None:
    assert dated(NOW - 9 * DAY, NOW - DAY).skipped == ()
    assert dated(NOW + DAY, None).skipped == ()
    assert not_made(BADGE, FakeResolver(lists={LIST_URL: signed_list(AWARD.status.index)})) == []


def test_dates_that_cannot_be_read_leave_the_question_open() -> None:
    check = verify(sign({**PLAIN, "validFrom": "last autumn"}, KEY, NOW), FakeResolver(), NOW).check("dates")
    assert check is not None
    assert (check.state, check.words) == (UNKNOWN, "The dates on the badge cannot be read.")


def test_a_list_is_asked_and_dates_are_read_only_of_a_confirmed_issuer() -> None:
    withdrawn = FakeResolver(lists={LIST_URL: signed_list(AWARD.status.index)})
    codes = [check.code for check in verify(signed_badge(OTHER_KEY), withdrawn, NOW).checks]
    assert not {"dates", "status", "revoked"} & set(codes)
    assert verify(BADGE, withdrawn, NOW).verdict is Verdict.REVOKED


def test_a_list_that_its_issuer_did_not_sign_says_nothing() -> None:
    false = FakeResolver(lists={LIST_URL: signed_list(AWARD.status.index, key=OTHER_KEY)})
    assert verify(BADGE, false, NOW).verdict is Verdict.UNCONFIRMED


@pytest.mark.parametrize("name", ["endorsement", "endorsementJwt"])
@pytest.mark.parametrize("place", ["badge", "issuer", "achievement", "achievements"])
def test_endorsements_are_named_wherever_they_stand_as_signed_by_others(name: str, place: str) -> None:
    subject = PLAIN["credentialSubject"]
    title = subject["achievement"]
    praised = {name: ["eyJ"]}
    badge = {
        "badge": {**PLAIN, **praised},
        "issuer": {**PLAIN, "issuer": {**PLAIN["issuer"], **praised}},
        "achievement": {
            **PLAIN,
            "credentialSubject": {**subject, "achievement": {**title, **praised}},
        },
        "achievements": {**PLAIN, "credentialSubject": [subject, {**subject, "achievement": [praised]}]},
    }[place]
    *others, praise = verify(badge, FakeResolver(), NOW).skipped
    assert "endorsement" not in [check.code for check in others]
    assert (praise.code, praise.words) == (
        "endorsement", "The endorsements in it: each is signed by somebody else and has to be checked by itself.",
    )  # fmt: skip


def test_a_badge_without_endorsements_speaks_of_none() -> None:
    assert "endorsement" not in not_made({**PLAIN, "endorsement": []})


def test_what_is_said_of_dates_is_the_time_to_the_second_and_the_day() -> None:
    start, end = datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2027, 11, 1, 9, tzinfo=UTC)
    check = dated(start, end).check("dates")
    assert check is not None
    assert (check.state, check.words) == (PASSED, "The badge is valid from 2026-11-01 until 2027-11-01.")
    assert check.values == {
        "start": "2026-11-01", "end": "2027-11-01",
        "start_at": "2026-11-01T08:30:00+00:00", "end_at": "2027-11-01T09:00:00+00:00",
    }  # fmt: skip
    endless = dated(start, None).check("dates")
    assert endless is not None
    assert (endless.state, endless.words) == (PASSED, "The badge is valid since 2026-11-01 and has no last day.")
    assert (endless.values["end"], endless.values["end_at"]) == ("", "")


DATES = [
    (NOW + timedelta(seconds=300), NOW + DAY, Verdict.VALID),
    (NOW + timedelta(seconds=301), NOW + DAY, Verdict.NOT_YET),
    (NOW - DAY, NOW + timedelta(seconds=1), Verdict.VALID),
    (NOW - DAY, NOW, Verdict.EXPIRED),
    (NOW + DAY, NOW - DAY, Verdict.NOT_YET),
]


@pytest.mark.parametrize(("start", "end", "verdict"), DATES, ids=range(len(DATES)))
def test_a_badge_begins_with_a_little_patience_and_ends_to_the_second(
    start: datetime, end: datetime, verdict: Verdict
) -> None:
    assert dated(start, end).verdict is verdict


def test_each_date_is_confirmed_or_refused_by_a_check_of_its_own_name() -> None:
    for start, end, code in ((NOW + DAY, None, "not_yet"), (NOW - DAY, NOW, "expired")):
        check = dated(start, end).check(code)
        assert check is not None
        assert check.state is FAILED


OLDER = {
    **{name: value for name, value in PLAIN.items() if name not in ("validFrom", "validUntil", "awardedDate")},
    "@context": [
        jsonld.VC_1,
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        "https://w3id.org/security/data-integrity/v2",
    ],
    "credentialSubject": {
        **PLAIN["credentialSubject"],
        "achievement": {
            name: value for name, value in PLAIN["credentialSubject"]["achievement"].items() if name != "inLanguage"
        },
    },
}
TWICE: list[tuple[dict[str, str], Verdict]] = [
    ({"issuanceDate": "2026-11-03T10:42:07Z", "expirationDate": "2027-11-03T10:42:07Z"}, Verdict.VALID),
    ({"issuanceDate": "2026-11-03T10:42:07Z", "validFrom": "2026-12-01T00:00:00Z"}, Verdict.NOT_YET),
    ({"issuanceDate": "2026-11-03T10:42:07Z", "expirationDate": "2027-11-03T10:42:07Z",
      "validUntil": "2026-11-04T00:00:00Z"}, Verdict.EXPIRED),
    ({"issuanceDate": "2026-11-03T10:42:07Z", "validFrom": "soon"}, Verdict.UNCONFIRMED),
    ({"issuanceDate": "2026-11-03T10:42:07Z", "expirationDate": "2027-11-03T10:42:07Z", "validUntil": "soon"},
     Verdict.UNCONFIRMED),
    ({}, Verdict.UNCONFIRMED),
]  # fmt: skip


@pytest.mark.parametrize(("dates", "verdict"), TWICE, ids=range(len(TWICE)))
def test_of_two_dates_for_one_end_the_stricter_counts(dates: dict[str, str], verdict: Verdict) -> None:
    found = verify(sign({**OLDER, **dates}, KEY, AWARD.valid_from), FakeResolver(), NOW)
    assert found.verdict is verdict


def test_a_check_on_the_file_stands_before_those_on_the_badge() -> None:
    remark = Check("picture", PASSED, "It was in a picture.")
    found = verify(BADGE, FakeResolver(), NOW, (remark,))
    assert found.checks[0] is remark
    assert found.checks[1].code == "form"
    assert found.checked_at == NOW
    assert found.badge is not None
    assert found.badge.issuer_id == DID


def test_a_badge_in_a_token_is_checked_as_a_token() -> None:
    found = check_token(token())
    assert found.verdict is Verdict.VALID
    assert [check.code for check in found.checks][:1] == ["form"]


def test_a_resolver_and_its_error_are_had_from_here() -> None:
    assert {"Resolver", "UnresolvedError", "verify", "verify_bytes"} == set(verifying.__all__)
    with pytest.raises(ValueError, match="empty"):
        verify_bytes(b"", FakeResolver(), NOW)


def test_a_further_signature_that_cannot_be_checked_takes_nothing_away() -> None:
    badge = sign({**PLAIN, "credentialStatus": BADGE["credentialStatus"]}, KEY, AWARD.valid_from)
    proofs = [*badge["proof"], {"type": "Ed25519Signature2020", "proofValue": "z1"}]
    found = verify({**badge, "proof": proofs}, FakeResolver(), NOW)
    assert found.verdict is Verdict.VALID
    assert [check.state for check in found.checks if check.code == "witness"] == [UNKNOWN]
    assert found.check("status") is not None


def test_a_badge_is_confirmed_at_the_moment_that_is_asked_for() -> None:
    award = replace(AWARD, valid_from=NOW - DAY, valid_until=NOW + DAY)
    badge = signed_badge(award=award)
    assert verify(badge, FakeResolver(), NOW).valid
    assert verify(badge, FakeResolver(), NOW + 2 * DAY).verdict is Verdict.EXPIRED
