"""Checking a badge: ours or anybody's Open Badge 3.0 with an eddsa-rdfc-2022 proof. Pure; looking up is
injected.

Nothing here uses a step of signing: it starts from the bytes received. What cannot be checked is said, not
guessed.
Sources: W3C VC Data Model 2.0, Data Integrity 1.0, Bitstring Status List 1.0; Open Badges 3.0, verification.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from lti_mcred.badges import jsonld, status_list
from lti_mcred.badges.keys import KeyFormatError, decode_multikey, did_key_document
from lti_mcred.badges.marking import N_
from lti_mcred.badges.proof import CRYPTOSUITE, verify_proof
from lti_mcred.badges.reading import as_list, issuer_id, moment_of, read_given, summarize, text_of
from lti_mcred.badges.verification import Check, State, Verdict, Verification

# Clocks differ, and a list may be signed a moment after the check began (other verifiers allow the same).
_CLOCK_SKEW = timedelta(minutes=5)
PASSED, FAILED, UNKNOWN = State.PASSED, State.FAILED, State.UNKNOWN


class UnresolvedError(Exception):
    """A DID document or a status list could not be had; nothing can be concluded from that."""


class Resolver(Protocol):
    """Where a verification looks things up. Both methods raise UnresolvedError."""

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return the DID document of a did:web id."""

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return the status list credential at an address."""


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
    checks = list(_integrity(document, resolver, now))
    # What was not shown to be the issuer's word is not followed: neither its dates nor its addresses.
    if all(check.state is PASSED for check in checks):
        checks += [_dates(document, now), *_status(document, resolver, now)]
    checks = [*remarks, *checks]
    return Verification(_verdict(checks), tuple(checks), now, summarize(document))


def _verdict(checks: list[Check]) -> Verdict:
    codes = {check.code for check in checks if check.state is FAILED}
    if "unsigned" in codes:
        return Verdict.UNSIGNED
    if not codes <= {"revoked", "suspended", "expired", "not_yet"}:
        return Verdict.TAMPERED
    unknown = {check.code for check in checks if check.state is UNKNOWN}
    if unknown - {"status"}:
        return Verdict.UNCONFIRMED
    for code, verdict in (
        ("revoked", Verdict.REVOKED),
        ("expired", Verdict.EXPIRED),
        ("not_yet", Verdict.NOT_YET),
        ("suspended", Verdict.SUSPENDED),
    ):
        if code in codes:
            return verdict
    return Verdict.UNCONFIRMED if unknown else Verdict.VALID


def _integrity(document: Mapping[str, Any], resolver: Resolver, now: datetime) -> Iterator[Check]:
    """Form, proof, issuer, key and signature. Stops at the first check that leaves nothing more to learn."""
    form = _form(document)
    yield form
    if form.state is not PASSED:
        return
    proofs = [p for p in as_list(document.get("proof")) if isinstance(p, dict)]
    known = [p for p in proofs if _suite(p) == CRYPTOSUITE and "previousProof" not in p]
    if not known:
        yield _no_known_proof(proofs)
        return
    for proof in known:
        for check in _one_proof(document, proof, resolver, now):
            yield check
            if check.state is not PASSED:
                return


def _form(document: Mapping[str, Any]) -> Check:
    contexts = as_list(document.get("@context"))
    if not contexts or contexts[0] not in (jsonld.VC_2, jsonld.VC_1):
        return Check("form", UNKNOWN, N_("This is not a verifiable credential in a form that is known here."))
    try:
        jsonld.check_defined(document)
    except jsonld.UnknownContextError:
        return Check("form", UNKNOWN, N_("The badge uses a vocabulary that is not known here."))
    except jsonld.UndefinedTermError as error:
        message = N_("Some parts of the badge are not covered by its signature (%(detail)s).")
        return Check("form", UNKNOWN, message, {"detail": str(error)})
    except jsonld.DocumentError as error:
        message = N_("The badge is written in a way that cannot be checked here (%(detail)s).")
        return Check("form", UNKNOWN, message, {"detail": str(error)})
    return Check("form", PASSED, N_("The badge is well formed and every part of it has a known meaning."))


def _suite(proof: Mapping[str, Any]) -> str:
    suite = text_of(proof.get("cryptosuite"))
    return suite if proof.get("type") == "DataIntegrityProof" else text_of(proof.get("type"))


def _no_known_proof(proofs: list[dict[str, Any]]) -> Check:
    if not proofs:
        return Check("unsigned", FAILED, N_("The badge carries no signature."))
    message = N_("The badge is signed with %(kind)s, which cannot be checked here.")
    return Check("proof", UNKNOWN, message, {"kind": ", ".join(filter(None, map(_suite, proofs))) or "?"})


def _one_proof(
    document: Mapping[str, Any], proof: Mapping[str, Any], resolver: Resolver, now: datetime
) -> Iterator[Check]:
    method, issuer = text_of(proof.get("verificationMethod")), issuer_id(dict(document))
    names = {"issuer": issuer}
    if method.partition("#")[0] != issuer or proof.get("proofPurpose") != "assertionMethod":
        yield Check("issuer", FAILED, N_("The signature names another issuer than the badge."))
        return
    yield Check("issuer", PASSED, N_("The signature names the same issuer as the badge."))
    key = _key(issuer, method, resolver)
    yield key
    if key.state is not PASSED:
        return
    expires = proof.get("expires")
    if expires is not None and ((end := moment_of(expires)) is None or end <= now):
        yield Check("signature", UNKNOWN, N_("The signature itself has passed its last day."))
        return
    try:
        good = verify_proof(document, proof, decode_multikey(key.values["multibase"]))
    except jsonld.DocumentError as error:
        message = N_("The badge is written in a way that cannot be checked here (%(detail)s).")
        yield Check("signature", UNKNOWN, message, {"detail": str(error)})
        return
    if good:
        yield Check("signature", PASSED, N_("Nothing was changed since the issuer signed it."), names)
    else:
        yield Check(
            "signature", FAILED, N_("The badge was changed after it was signed, or the issuer never signed it.")
        )


def _key(issuer: str, method: str, resolver: Resolver) -> Check:
    """Find the public key; the check that passes carries it as values['multibase']."""
    names = {"issuer": issuer}
    try:
        if issuer.startswith("did:key:"):
            found: Mapping[str, Any] = did_key_document(issuer)
        elif issuer.startswith("did:web:"):
            found = resolver.did_document(issuer)
        else:
            message = N_("The issuer %(issuer)s has a kind of identity that cannot be looked up here.")
            return Check("key", UNKNOWN, message, names)
    except UnresolvedError:
        return Check("key", UNKNOWN, N_("The issuer %(issuer)s could not be reached for its public key."), names)
    except KeyFormatError:
        return Check("key", UNKNOWN, N_("The issuer %(issuer)s uses a kind of key that is not known here."), names)
    multibase = _listed_key(found, issuer, method)
    if multibase is None:
        return Check("key", FAILED, N_("The issuer %(issuer)s does not list the key named in it."), names)
    try:
        decode_multikey(multibase)
    except KeyFormatError:
        return Check("key", UNKNOWN, N_("The issuer %(issuer)s uses a kind of key that is not known here."), names)
    message = N_("The key named in it belongs to %(issuer)s.")
    return Check("key", PASSED, message, {**names, "multibase": str(multibase)})


def _listed_key(document: Mapping[str, Any], issuer: str, method: str) -> Any:
    """Return publicKeyMultibase of `method` if the issuer's document lists it for assertions, else None."""
    if document.get("id") != issuer:
        return None
    embedded = [m for m in as_list(document.get("assertionMethod")) if isinstance(m, dict)]
    listed = [m for m in as_list(document.get("verificationMethod")) if isinstance(m, dict)]
    if method not in as_list(document.get("assertionMethod")):
        listed = []
    for candidate in [*listed, *embedded]:
        if candidate.get("id") == method and candidate.get("controller") == issuer:
            return candidate.get("publicKeyMultibase", "")
    return None


def _dates(document: Mapping[str, Any], now: datetime) -> Check:
    older = jsonld.VC_1 in as_list(document.get("@context"))
    start_name, end_name = ("issuanceDate", "expirationDate") if older else ("validFrom", "validUntil")
    start, end = moment_of(document.get(start_name)), moment_of(document.get(end_name))
    if start is None or (end is None and document.get(end_name) is not None):
        return Check("dates", UNKNOWN, N_("The dates on the badge cannot be read."))
    values = {
        "start": start.date().isoformat(),
        "end": end.date().isoformat() if end else "",
        "start_at": start.isoformat(),
        "end_at": end.isoformat() if end else "",
    }
    if start > now + _CLOCK_SKEW:
        return Check("not_yet", FAILED, N_("The badge is valid only from %(start)s."), values)
    if end is None:
        return Check("dates", PASSED, N_("The badge is valid since %(start)s and has no last day."), values)
    if end <= now:
        return Check("expired", FAILED, N_("The badge was valid until %(end)s."), values)
    return Check("dates", PASSED, N_("The badge is valid from %(start)s until %(end)s."), values)


def _status(document: Mapping[str, Any], resolver: Resolver, now: datetime) -> Iterator[Check]:
    entries = as_list(document.get("credentialStatus"))
    if not entries:
        yield Check("status", PASSED, N_("The issuer keeps no list of withdrawn badges for this one."))
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("type") not in (
            "BitstringStatusListEntry",
            ["BitstringStatusListEntry"],
        ):
            message = N_("The issuer keeps its list of withdrawn badges in a form that is not known here.")
            yield Check("status", UNKNOWN, message)
        else:
            yield _bit(entry, issuer_id(dict(document)), resolver, now)


def _bit(entry: Mapping[str, Any], issuer: str, resolver: Resolver, now: datetime) -> Check:
    purpose = text_of(entry.get("statusPurpose"))
    if purpose not in ("revocation", "suspension"):
        return Check("status", PASSED, N_("The issuer keeps a list with news about this badge."))
    try:
        listed = resolver.status_list(text_of(entry.get("statusListCredential")))
    except UnresolvedError:
        return Check("status", UNKNOWN, N_("The issuer's list of withdrawn badges could not be reached."))
    found = None
    if issuer_id(dict(listed)) == issuer and all(
        check.state is PASSED for check in [*_integrity(listed, resolver, now), _dates(listed, now)]
    ):
        found = _listed_bit(listed, purpose, text_of(entry.get("statusListIndex")))
    if found is None:
        message = N_("The issuer's list of withdrawn badges could not be trusted or has passed its last day.")
        return Check("status", UNKNOWN, message)
    signed = moment_of(listed.get("validFrom"))
    values = {"time": signed.isoformat() if signed else ""}
    if not found:
        return Check("status", PASSED, N_("The issuer has not withdrawn it (list of %(time)s)."), values)
    if purpose == "revocation":
        return Check("revoked", FAILED, N_("The issuer has withdrawn it (list of %(time)s)."), values)
    return Check("suspended", FAILED, N_("The issuer has suspended it for now (list of %(time)s)."), values)


def _listed_bit(listed: Mapping[str, Any], purpose: str, place: str) -> bool | None:
    subject = listed.get("credentialSubject")
    if not isinstance(subject, dict) or purpose not in as_list(subject.get("statusPurpose")):
        return None
    if not (place.isascii() and place.isdigit() and len(place) < 12):
        return None
    try:
        return status_list.get(status_list.decode(subject.get("encodedList")), int(place))
    except status_list.StatusListError:
        return None
