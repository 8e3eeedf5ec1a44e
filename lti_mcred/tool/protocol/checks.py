"""Every check on the claims of an id_token whose signature is good, as one table. Pure: no Flask, no database.

Sources: LTI Security Framework 1.0, 5.1.3; LTI Core 1.3, 5.3 and 5.4; Deep Linking 2.0, 3.1; Submission Review 1.0.
Platforms differ in what they add, so unknown claims are never an error (Core 5.4.7).
"""

import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from lti_mcred.outbound.http import origin
from lti_mcred.tool.protocol.addresses import usable
from lti_mcred.tool.protocol.claims import (
    DEEP_LINKING,
    DEEP_LINKING_REQUEST,
    LTI,
    MESSAGE_TYPES,
    RESOURCE_LINK_REQUEST,
    SUBMISSION_REVIEW_REQUEST,
)

LONGEST_ID = 255
# Which page a refusal gets: the registration differs, its keys are to be looked up again in a moment, the launch took
# too long, it came too early, it belongs to another login, the message is incomplete, or nobody is signed in.
Kind = Literal["registration", "moment", "late", "early", "other-login", "message", "anonymous"]
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What this launch must say. `nonce_hash`: SHA-256 of the nonce of this login attempt; times in epoch seconds."""

    issuer: str
    client_id: str
    nonce_hash: str
    deployment_hint: str | None
    # The target_link_uri of the login request, "" when it had none (Canvas does not promise one).
    target_hint: str
    own_origin: str
    now: float
    leeway: float = 60
    max_age: float = 600
    private_hosts: tuple[str, ...] = ()


@dataclass(eq=False)
class Refused(Exception):
    """A claim did not pass. `check` names the row, `fact` is for the operator, `passed` lists what was fine."""

    check: str
    kind: Kind
    status: int
    fact: str
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One row: `fails` returns what is wrong, or an empty string."""

    name: str
    kind: Kind
    status: int
    fails: Callable[[Claims, Expected], str]


def check_claims(claims: Claims, expected: Expected, rows: "tuple[Check, ...] | None" = None) -> list[str]:
    """Return the names of all checks (a launch's unless told), each of them passed.

    Raises Refused at the first that does not.
    """
    passed: list[str] = []
    for row in CHECKS if rows is None else rows:
        if fact := row.fails(claims, expected):
            raise Refused(row.name, row.kind, row.status, fact, tuple(passed))
        passed.append(row.name)
    return passed


def _issuer(claims: Claims, expected: Expected) -> str:
    return "" if claims.get("iss") == expected.issuer else f"iss is {_said(claims.get('iss'))}, not {expected.issuer!r}"


def _audience(claims: Claims, expected: Expected) -> str:
    aud = claims.get("aud")
    listed = aud if isinstance(aud, list) else [aud]
    if expected.client_id not in listed:
        return f"aud {_said(aud)} does not name {expected.client_id!r}"
    # More than one audience is legal only together with azp, and strangers among them are refused.
    return "" if all(one == expected.client_id for one in listed) else f"aud {_said(aud)} names others too"


def _authorised_party(claims: Claims, expected: Expected) -> str:
    azp = claims.get("azp")
    if azp in (None, ""):  # an optional claim that says nothing is as absent
        aud = claims.get("aud")
        return "azp is missing" if isinstance(aud, list) and len(aud) > 1 else ""
    return "" if azp == expected.client_id else f"azp is {_said(azp)}, not {expected.client_id!r}"


def _expiry(claims: Claims, expected: Expected) -> str:
    exp = _time(claims.get("exp"))
    if exp is None:
        return "exp is missing or no number"
    return "" if expected.now < exp + expected.leeway else f"expired {expected.now - exp:.0f} s ago"


def _not_before(claims: Claims, expected: Expected) -> str:
    """RFC 7519, 4.1.5. The claim is optional; one that is there is a time, and that time has come."""
    if claims.get("nbf") is None:
        return ""
    nbf = _time(claims["nbf"])
    if nbf is None:
        return "nbf is no number"
    return "" if nbf <= expected.now + expected.leeway else f"nbf lies {nbf - expected.now:.0f} s in the future"


def _issued(claims: Claims, expected: Expected) -> str:
    iat = _time(claims.get("iat"))
    if iat is None:
        return "iat is missing or no number"
    if iat > expected.now + expected.leeway:
        return f"iat lies {iat - expected.now:.0f} s in the future"
    old = expected.now - iat
    return "" if old <= expected.max_age + expected.leeway else f"iat is {old:.0f} s old"


def _issued_before(claims: Claims, expected: Expected) -> str:
    """A notice may have waited in the LMS's queue: how old it may be is what its expiry says."""
    iat = _time(claims.get("iat"))
    if iat is None:
        return "iat is missing or no number"
    return f"iat lies {iat - expected.now:.0f} s in the future" if iat > expected.now + expected.leeway else ""


def _nonce(claims: Claims, expected: Expected) -> str:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        return "nonce is missing"
    given = hashlib.sha256(nonce.encode("utf-8", "replace")).hexdigest()
    return "" if hmac.compare_digest(given, expected.nonce_hash) else "the nonce belongs to another login"


def _deployment(claims: Claims, expected: Expected) -> str:
    return id_fault(claims.get(LTI + "deployment_id"), "deployment_id")


def _same_deployment(claims: Claims, expected: Expected) -> str:
    """Core 4.1.2: the deployment that the login request named is the one that launches."""
    said = claims.get(LTI + "deployment_id")
    same = expected.deployment_hint in (None, said)
    return "" if same else f"deployment_id is {_said(said)}, the login request said {expected.deployment_hint!r}"


def _message_type(claims: Claims, expected: Expected) -> str:
    said = claims.get(LTI + "message_type")
    return "" if said in MESSAGE_TYPES else f"message_type is {_said(said)}"


def _version(claims: Claims, expected: Expected) -> str:
    said = claims.get(LTI + "version")
    return "" if said == "1.3.0" else f"version is {_said(said)}"


def _target(claims: Claims, expected: Expected) -> str:
    target = claims.get(LTI + "target_link_uri")
    # A tool on plain http (development) is an exception of its own.
    if not isinstance(target, str) or not (target.startswith(f"{expected.own_origin}/") or usable(target)):
        return f"target_link_uri is {_said(target)}"
    path = urlsplit(target).path
    ours = origin(target) == expected.own_origin and (path in ("", "/") or path.startswith("/lti/"))
    return "" if ours else f"target_link_uri {_said(target)} is not an address of this tool"


def _same_target(claims: Claims, expected: Expected) -> str:
    """Core 5.3.4: the target is the one that the login request named. How its query is written does not matter."""
    said = str(claims.get(LTI + "target_link_uri"))
    same = not expected.target_hint or _parts(said) == _parts(expected.target_hint)
    return "" if same else "target_link_uri is not the one of the login request"


def _roles(claims: Claims, expected: Expected) -> str:
    roles = claims.get(LTI + "roles")
    if roles is None and claims.get(LTI + "message_type") == DEEP_LINKING_REQUEST:
        return ""
    ok = isinstance(roles, list) and all(isinstance(role, str) for role in roles)
    return "" if ok else "roles is missing or no list of words"


def _resource_link(claims: Claims, expected: Expected) -> str:
    """Other messages than that of a resource link may name one; what they name has to be an id as well."""
    link = claims.get(LTI + "resource_link")
    named = link.get("id") if isinstance(link, dict) else None
    if claims.get(LTI + "message_type") != RESOURCE_LINK_REQUEST and (not isinstance(named, str) or not named):
        return ""
    return id_fault(named, "resource_link.id")


def _subject(claims: Claims, expected: Expected) -> str:
    if "sub" in claims and claims["sub"] not in (None, ""):
        return ""
    return "sub is missing: an anonymous launch"


def _subject_form(claims: Claims, expected: Expected) -> str:
    return id_fault(claims.get("sub"), "sub")


def _context(claims: Claims, expected: Expected) -> str:
    """A context is described by its id (Core 5.4.1); an LMS that leaves the id's place empty names no course."""
    context = claims.get(LTI + "context")
    if context is None or _left_empty(context, "id"):
        return ""
    return id_fault(context.get("id") if isinstance(context, dict) else None, "context.id")


def _tool_platform(claims: Claims, expected: Expected) -> str:
    """How an LMS describes itself locks nobody out, but what it gives as an id has to be one (Core 5.4.2)."""
    platform = claims.get(LTI + "tool_platform")
    guid = platform.get("guid") if isinstance(platform, dict) else None
    return id_fault(guid, "tool_platform.guid") if isinstance(guid, str) and guid else ""


def _deep_linking(claims: Claims, expected: Expected) -> str:
    if claims.get(LTI + "message_type") != DEEP_LINKING_REQUEST:
        return ""
    settings = claims.get(DEEP_LINKING)
    if not isinstance(settings, dict):
        return "deep_linking_settings is missing"
    if not usable(settings.get("deep_link_return_url"), expected.private_hosts):
        return f"deep_link_return_url is {_said(settings.get('deep_link_return_url'))}"
    return "" if isinstance(settings.get("accept_types"), list) else "accept_types is missing"


def _for_user(claims: Claims, expected: Expected) -> str:
    if claims.get(LTI + "message_type") != SUBMISSION_REVIEW_REQUEST:
        return ""
    # The menu of a Moodle column asks for everybody's work and names nobody; an id's empty place names nobody either.
    person = claims.get(LTI + "for_user")
    if person is None or person == {} or _left_empty(person, "user_id"):
        return ""
    return id_fault(person.get("user_id") if isinstance(person, dict) else None, "for_user.user_id")


CHECKS: tuple[Check, ...] = (
    Check("issuer", "registration", 401, _issuer),
    Check("audience", "registration", 401, _audience),
    Check("authorised party", "registration", 401, _authorised_party),
    Check("expiry", "late", 401, _expiry),
    Check("not before", "early", 401, _not_before),
    Check("issued at", "late", 401, _issued),
    Check("nonce", "other-login", 401, _nonce),
    Check("deployment", "message", 400, _deployment),
    Check("deployment of the login", "registration", 400, _same_deployment),
    Check("message type", "message", 400, _message_type),
    Check("version", "message", 400, _version),
    Check("target link", "message", 400, _target),
    Check("target link of the login", "other-login", 400, _same_target),
    Check("roles", "message", 400, _roles),
    Check("resource link", "message", 400, _resource_link),
    Check("signed in", "anonymous", 403, _subject),
    Check("subject", "message", 400, _subject_form),
    Check("context", "message", 400, _context),
    Check("platform guid", "message", 400, _tool_platform),
    Check("deep linking settings", "message", 400, _deep_linking),
    Check("for user", "message", 400, _for_user),
)


def _said(value: Any) -> str:
    """Return a value for the record of a refusal: short, and of an address no more than its host.

    Facts are read by administrators, and an address or an object may name a person.
    """
    if isinstance(value, list):
        return "[" + ", ".join(_said(one) for one in value[:10]) + "]"
    if not isinstance(value, str):
        return "missing" if value is None else f"no text but {type(value).__name__}"
    if "://" not in value:
        return repr(value[:100])
    host = value.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    return repr(f"{value.partition('://')[0][:10]}://{host[:100]}/…")


def _parts(address: str) -> Any:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.netloc.lower(), parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        return address


def _nonce_there(claims: Claims, expected: Expected) -> str:
    return "" if isinstance(claims.get("nonce"), str) and claims["nonce"] else "nonce is missing"


def _notice(claims: Claims, expected: Expected) -> str:
    notice = claims.get(LTI + "notice")
    if not isinstance(notice, dict):
        return "notice is missing"
    return id_fault(notice.get("id"), "notice.id") or id_fault(notice.get("type"), "notice.type")


def _no_launch(claims: Claims, expected: Expected) -> str:
    """A launch is no notice: whoever catches somebody's id_token gains nothing by posting it here."""
    return "it is a launch" if LTI + "message_type" in claims else ""


# A notice answers no login, so its nonce belongs to none; nobody is signed in and nothing is opened (LTI-PNS 1.0).
NOTICE_CHECKS: tuple[Check, ...] = (
    Check("issuer", "registration", 401, _issuer),
    Check("audience", "registration", 401, _audience),
    Check("authorised party", "registration", 401, _authorised_party),
    Check("expiry", "late", 401, _expiry),
    Check("not before", "early", 401, _not_before),
    Check("issued at", "late", 401, _issued_before),
    Check("nonce", "message", 400, _nonce_there),
    Check("deployment", "message", 400, _deployment),
    Check("version", "message", 400, _version),
    Check("no launch", "message", 400, _no_launch),
    Check("notice", "message", 400, _notice),
    Check("context", "message", 400, _context),
)


def _time(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _left_empty(claim: Any, name: str) -> bool:
    """Whether an LMS keeps a place for an id in a claim and puts nothing there."""
    return isinstance(claim, dict) and name in claim and claim[name] in (None, "")


def id_fault(value: Any, name: str) -> str:
    """Return what is wrong with an id, "" when nothing is: at most 255 ASCII characters (Core 5.3 and 5.4)."""
    if not isinstance(value, str) or not value:
        return f"{name} is missing or no text"
    if len(value) > LONGEST_ID or not all(" " <= c <= "~" for c in value):
        return f"{name} is longer than {LONGEST_ID} characters or not ASCII"
    return ""
