"""Checking a badge: ours or anybody's Open Badge 3.0. Pure; looking up is injected.

Nothing here uses a step of signing: it starts from the bytes received. What cannot be checked is said, not guessed.
Sources: W3C VC Data Model 2.0, Data Integrity 1.0, Bitstring Status List 1.0; Open Badges 3.0, verification.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lti_mcred.badges.openbadges.values import ENDS, STARTS, items, moments, objects
from lti_mcred.badges.verifier.conformity import conformity
from lti_mcred.badges.verifier.document import token_of
from lti_mcred.badges.verifier.lookup import Resolver, UnresolvedError
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.reading import read_given, summarize
from lti_mcred.badges.verifier.signatures import check_proofs, form
from lti_mcred.badges.verifier.standing import CLOCK_SKEW, standing
from lti_mcred.badges.verifier.tokens import check_token, opened
from lti_mcred.badges.verifier.verification import Check, State, Verdict, Verification

__all__ = ["Resolver", "UnresolvedError", "verify", "verify_bytes"]
PASSED, FAILED, UNKNOWN, SKIPPED = State.PASSED, State.FAILED, State.UNKNOWN, State.SKIPPED
_TELL_NOTHING = {"status", "witness"}  # not knowing these leaves room for what is known
_PARTS = (
    ("signature", N_("Whether anything was changed: the checks before it must pass first.")),
    ("dates", N_("The dates: they are the issuer's word only when the signature is confirmed.")),
    ("status", N_("Whether it was withdrawn: the issuer's list is asked only when the signature is confirmed.")),
)


def verify_bytes(data: bytes, resolver: Resolver, now: datetime) -> Verification:
    """Check the badge in a file. Raises UnreadableBadgeError when there is none to check in it."""
    given = read_given(data)
    return verify(given.document, resolver, now, given.remarks)


def verify(
    document: dict[str, Any], resolver: Resolver, now: datetime, remarks: tuple[Check, ...] = ()
) -> Verification:
    """Check a credential and return every check made, with the verdict. `remarks` are those on the file it came in.

    Never raises for what the document holds.
    """
    token = token_of(document)
    badge = opened(document)
    signed = check_token(token, badge, resolver, now) if token else _integrity(badge, resolver, now)
    first, *rest = signed
    checks = [*remarks, first, *conformity(badge), *rest]
    # What was not shown to be the issuer's word is not followed: neither its dates nor its addresses.
    if _confirmed([first, *rest]):
        checks.append(_dates(badge, now))
        checks += standing(badge, resolver, lambda listed: _confirmed(_integrity(listed, resolver, now)), now)
    made = {check.code for check in checks} | ({"signature"} if "unsigned" in {c.code for c in checks} else set())
    skipped = tuple(
        Check(code, SKIPPED, message)
        for code, message in _PARTS
        if code not in made and not (code in ("dates", "status") and _confirmed([first, *rest]))
    )
    return Verification(verdict_of(checks), tuple(checks), now, summarize(badge), (*skipped, *_endorsements(badge)))


def _endorsements(badge: Mapping[str, Any]) -> Iterator[Check]:
    """Yield a check that is not made: praise by others has signatures of its own."""
    subjects = list(objects(badge.get("credentialSubject")))
    achievements = [found for subject in subjects for found in objects(subject.get("achievement"))]
    nodes = [badge, *objects(badge.get("issuer")), *achievements]
    if any(True for node in nodes for name in ("endorsement", "endorsementJwt") for _ in items(node.get(name))):
        message = N_("The endorsements in it: each is signed by somebody else and has to be checked by itself.")
        yield Check("endorsement", SKIPPED, message)


def _confirmed(checks: Iterable[Check]) -> bool:
    """Whether the issuer is shown to have signed: a further signature that cannot be checked takes nothing away."""
    return all(check.state is PASSED or (check.code == "witness" and check.state is UNKNOWN) for check in checks)


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """Return what a reader may conclude from the checks: the gravest of what was found.

    Whatever leaves it open who issued the badge comes before what its issuer says of it (withdrawn, run out).
    """
    failed = {check.code for check in checks if check.state is FAILED}
    unknown = {check.code for check in checks if check.state is UNKNOWN}
    if "unsigned" in failed:
        return Verdict.UNSIGNED
    if "signature" in failed:
        return Verdict.TAMPERED
    if (failed - {"revoked", "suspended", "expired", "not_yet"} - {"schema", "results"}) or unknown - _TELL_NOTHING:
        return Verdict.UNCONFIRMED
    for code, verdict in (
        ("revoked", Verdict.REVOKED),
        ("expired", Verdict.EXPIRED),
        ("not_yet", Verdict.NOT_YET),
        ("suspended", Verdict.SUSPENDED),
    ):
        if code in failed:
            return verdict
    return Verdict.UNCONFIRMED if failed or "status" in unknown else Verdict.VALID


def _integrity(document: Mapping[str, Any], resolver: Resolver, now: datetime) -> list[Check]:
    """Form, proof, issuer, key and signature. Stops at the first check that leaves nothing more to learn."""
    first = form(document)
    return [first] if first.state is not PASSED else [first, *check_proofs(document, resolver, now)]


def _dates(document: Mapping[str, Any], now: datetime) -> Check:
    starts, ends = moments(document, STARTS), moments(document, ENDS)
    if not starts or None in starts or None in ends:
        return Check("dates", UNKNOWN, N_("The dates on the badge cannot be read."))
    start, end = max(filter(None, starts)), min(filter(None, ends), default=None)
    values = {
        "start": start.date().isoformat(),
        "end": end.date().isoformat() if end else "",
        "start_at": start.isoformat(),
        "end_at": end.isoformat() if end else "",
    }
    if start > now + CLOCK_SKEW:
        return Check("not_yet", FAILED, N_("The badge is valid only from %(start)s."), values)
    if end is None:
        return Check("dates", PASSED, N_("The badge is valid since %(start)s and has no last day."), values)
    if end <= now:
        return Check("expired", FAILED, N_("The badge was valid until %(end)s."), values)
    return Check("dates", PASSED, N_("The badge is valid from %(start)s until %(end)s."), values)
