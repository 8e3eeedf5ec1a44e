"""Has the issuer withdrawn a badge? Status lists of strangers, read bit by bit.

Source: W3C Bitstring Status List 1.0, sections 2 and 3.2. A set bit of a revocation counts as soon as the list is shown
to be the issuer's: nobody else could set it, and the Recommendation knows no way back.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from lti_mcred.badges.openbadges import status_list
from lti_mcred.badges.openbadges.values import issuer_id, items, mapping, moment_of, one, text_of
from lti_mcred.badges.verifier.controllers import same
from lti_mcred.badges.verifier.lookup import Resolver, UnresolvedError
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.verification import Check, State

PASSED, FAILED, UNKNOWN = State.PASSED, State.FAILED, State.UNKNOWN
Proven = Callable[[Mapping[str, Any]], bool]
# Clocks differ, and a list may be signed a moment after the check began (other verifiers allow the same).
CLOCK_SKEW = timedelta(minutes=5)
_MOST_ENTRIES = 5  # each may cost a look-up
_LIST, _ENTRY = "BitstringStatusListCredential", "BitstringStatusListEntry"
_NEWS = ("refresh", "message")


class _Distrust(Exception):
    """Why a list says nothing about a badge."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def standing(document: Mapping[str, Any], resolver: Resolver, proven: Proven, now: datetime) -> Iterator[Check]:
    """Yield a check for each entry of credentialStatus; `proven` says whether a list is signed by its own issuer."""
    entries = list(items(document.get("credentialStatus")))
    if not entries:
        yield Check("status", PASSED, N_("The issuer keeps no list of withdrawn badges for this one."))
    for entry in entries[:_MOST_ENTRIES]:
        if not isinstance(entry, dict) or text_of(entry.get("type")) != _ENTRY:
            message = N_("The issuer keeps its list of withdrawn badges in a form that is not known here.")
            yield Check("status", UNKNOWN, message)
        else:
            yield _entry(entry, issuer_id(dict(document)), resolver, proven, now)
    if len(entries) > _MOST_ENTRIES:
        yield Check("status", UNKNOWN, N_("The badge names more lists than are read here."))


def _entry(entry: Mapping[str, Any], issuer: str, resolver: Resolver, proven: Proven, now: datetime) -> Check:
    purpose = text_of(entry.get("statusPurpose"))
    if not _is_one(entry.get("statusSize")):
        message = N_("The issuer's list keeps more than yes or no about a badge, which cannot be read here.")
        return Check("status", UNKNOWN, message)
    if purpose in _NEWS:
        return Check("status", PASSED, N_("The issuer keeps a list with news about this badge."))
    if purpose not in ("revocation", "suspension"):
        message = N_("The issuer keeps a list about this badge for a purpose that is not known here.")
        return Check("status", UNKNOWN, message)
    url = text_of(entry.get("statusListCredential"))
    try:
        listed = resolver.status_list(url)
    except UnresolvedError:
        return Check("status", UNKNOWN, N_("The issuer's list of withdrawn badges could not be reached."))
    try:
        _trust(listed, issuer, url, proven)
        bit = _bit(listed, purpose, text_of(entry.get("statusListIndex")))
        if not bit or purpose != "revocation":
            _within_dates(listed, now)
    except _Distrust as distrust:
        return Check("status", UNKNOWN, distrust.message)
    return _found(bit=bit, purpose=purpose, signed=moment_of(listed.get("validFrom")))


def _found(*, bit: bool, purpose: str, signed: datetime | None) -> Check:
    values = {"time": signed.isoformat()} if signed else {}
    if not bit:
        message = (
            N_("The issuer has not withdrawn it (list of %(time)s).")
            if signed
            else N_("The issuer has not withdrawn it.")
        )
        return Check("status", PASSED, message, values)
    if purpose == "revocation":
        message = (
            N_("The issuer has withdrawn it (list of %(time)s).") if signed else N_("The issuer has withdrawn it.")
        )
        return Check("revoked", FAILED, message, values)
    message = (
        N_("The issuer has suspended it for now (list of %(time)s).")
        if signed
        else N_("The issuer has suspended it for now.")
    )
    return Check("suspended", FAILED, message, values)


def _trust(listed: Mapping[str, Any], issuer: str, url: str, proven: Proven) -> None:
    """Raise _Distrust unless this is the list that the badge names, and the issuer of the badge signed it."""
    if _LIST not in items(listed.get("type")):
        raise _Distrust(N_("What stands at the address of the issuer's list is no list of withdrawn badges."))
    if not same(issuer_id(dict(listed)), issuer):
        raise _Distrust(N_("The list of withdrawn badges was issued by somebody else than the badge."))
    if listed.get("id") is not None and text_of(listed["id"]) != url:
        raise _Distrust(N_("What stands at the address of the issuer's list is another list."))
    if not proven(listed):
        raise _Distrust(N_("The signature of the issuer's list of withdrawn badges could not be confirmed."))


def _within_dates(listed: Mapping[str, Any], now: datetime) -> None:
    start, end = listed.get("validFrom"), listed.get("validUntil")
    if end is not None and ((last := moment_of(end)) is None or last <= now):
        raise _Distrust(N_("The issuer's list of withdrawn badges has passed its last day."))
    if start is not None and ((first := moment_of(start)) is None or first > now + CLOCK_SKEW):
        raise _Distrust(N_("The issuer's list of withdrawn badges has not begun yet, or does not say when it does."))


def _bit(listed: Mapping[str, Any], purpose: str, place: str) -> bool:
    subject = mapping(listed.get("credentialSubject"))
    if not _is_one(subject.get("statusSize")):
        raise _Distrust(N_("The issuer's list keeps more than yes or no about a badge, which cannot be read here."))
    if purpose not in items(subject.get("statusPurpose")) or text_of(subject.get("type")) != "BitstringStatusList":
        raise _Distrust(N_("The issuer's list is kept for another purpose than the badge says."))
    if not (place.isascii() and place.isdigit() and len(place) < 12):
        raise _Distrust(N_("The badge does not name its place in the issuer's list."))
    try:
        return status_list.get(status_list.decode(one(subject.get("encodedList"))), int(place))
    except status_list.StatusListError:
        raise _Distrust(N_("The issuer's list cannot be unpacked, or has no such place.")) from None


def _is_one(size: Any) -> bool:
    """Whether a statusSize says one bit an entry, which is also what nothing says."""
    size = one(size)
    return size is None or size == [] or (not isinstance(size, bool) and size in (1, "1"))
