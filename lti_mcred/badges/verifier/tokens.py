"""Badges signed as JSON Web Tokens: the second kind of signature that Open Badges 3.0 knows.

Sources: Open Badges 3.0, section "Proof formats" (claims, header); RFC 7515, 7519; W3C VC Data Model 1.1, 6.3.1, and
Securing VCs using JOSE 1.0.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lti_mcred.badges.openbadges.keys import KeyFormatError
from lti_mcred.badges.openbadges.values import issuer_id, mapping, moment_of, objects, text_of
from lti_mcred.badges.verifier import controllers
from lti_mcred.badges.verifier.controllers import KeyProblem
from lti_mcred.badges.verifier.document import UnreadableBadgeError, credential_in, seconds_of, token_of, token_parts
from lti_mcred.badges.verifier.lookup import Resolver, UnresolvedError
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.public_keys import PublicKey, algorithm_of, from_jwk, key_of, signed_by
from lti_mcred.badges.verifier.signatures import bound_to_issuer, not_bound
from lti_mcred.badges.verifier.verification import Check, State

PASSED, FAILED, UNKNOWN = State.PASSED, State.FAILED, State.UNKNOWN
_ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "EdDSA": "EdDSA", "Ed25519": "EdDSA"}  # RFC 9864 renames the last
_TYPES = {"", "jwt", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"}


class _Found(NamedTuple):
    """The key of a token: whose it is, whether that is the issuer, and whether the token named it among others.

    What is not named may have been replaced since: the only key of a document or a set.
    """

    key: PublicKey
    signer: str
    own: bool
    named: bool


def opened(document: dict[str, Any]) -> dict[str, Any]:
    """Return the credential in an envelope; any other document as it is, and an envelope that cannot be opened."""
    token = token_of(document)
    if not token:
        return document
    try:
        return credential_in(token_parts(token)[1])
    except UnreadableBadgeError:
        return document


def check_token(token: str, badge: Mapping[str, Any], resolver: Resolver, now: datetime) -> Iterator[Check]:
    """Yield the checks of form, key, signature, issuer and claims; stops where nothing more can be learnt."""
    try:
        header, payload = token_parts(token)
        signature = _raw(token.rpartition(".")[2])
    except (UnreadableBadgeError, binascii.Error):
        yield Check("form", UNKNOWN, N_("This is not a verifiable credential in a form that is known here."))
        return
    known = "crit" not in header and text_of(header.get("typ")).lower().removeprefix("application/") in _TYPES
    if not known:
        yield Check("form", UNKNOWN, N_("The badge is a token with additions that are not known here."))
        return
    yield Check("form", PASSED, N_("The badge is a token, signed as a whole."))
    algorithm = text_of(header.get("alg"))
    if algorithm.lower() == "none" or not signature:
        yield Check("unsigned", FAILED, N_("The badge carries no signature."))
        return
    if algorithm not in _ALGORITHMS:
        message = N_("The badge is signed with %(kind)s, which cannot be checked here.")
        yield Check("proof", UNKNOWN, message, {"kind": algorithm or "?"})
        return
    try:
        found = _key(header, issuer_id(dict(badge)), _ALGORITHMS[algorithm], resolver, now)
    except KeyProblem as problem:
        yield problem.check
        return
    yield Check("key", PASSED, N_("The key named in it was found."))
    if not signed_by(found.key, signature, token.rpartition(".")[0].encode()):
        yield _does_not_fit(found)
        return
    yield Check("signature", PASSED, N_("Nothing was changed since the issuer signed it."))
    yield _issuer(badge, found)
    yield _claims_agree(badge, payload)


def _does_not_fit(found: _Found) -> Check:
    if found.named:
        message = N_("The badge was changed after it was signed, or the issuer never signed it.")
        return Check("signature", FAILED, message)
    message = N_("The badge names no key, and the one that %(issuer)s has today is not the one that signed it.")
    return Check("signature", UNKNOWN, message, {"issuer": found.signer})


def _issuer(badge: Mapping[str, Any], found: _Found) -> Check:
    if found.own:
        return Check("issuer", PASSED, N_("The signature names the same issuer as the badge."))
    return not_bound(issuer_id(dict(badge)), found.signer)


def _key(header: Mapping[str, Any], issuer: str, algorithm: str, resolver: Resolver, now: datetime) -> _Found:
    """Return the key that a token names. Raises KeyProblem."""
    name = text_of(header.get("kid"))
    if name.startswith("#") or (not name and "jwk" not in header):
        name = controllers.absolute(name, issuer) or issuer
    if name.startswith("did:"):
        found = _by_did(name, issuer, resolver, now)
    elif "jwk" in header:
        found = _brought(_public_key(header["jwk"]), issuer, resolver)
    elif name.startswith("https://"):
        found = _by_address(name, issuer, resolver)
    else:
        raise KeyProblem(Check("key", UNKNOWN, N_("The signature does not say whose key it was made with.")))
    if algorithm_of(found.key) != algorithm:
        message = N_("%(issuer)s uses a kind of key that does not fit this kind of signature.")
        raise KeyProblem(Check("key", UNKNOWN, message, {"issuer": found.signer}))
    return found


def _by_did(name: str, issuer: str, resolver: Resolver, now: datetime) -> _Found:
    method = controllers.normal(name)
    signer = controllers.owner_of(method)
    document = controllers.owner_document(signer, resolver)
    named = method != signer or signer.startswith(("did:key:", "did:jwk:"))  # the last two are one key, for ever
    if method == signer:  # no key is named: fine where there is only one
        names = [listed for listed, _ in controllers.listed(document, signer)]
        method = names[0] if len(set(names)) == 1 else method
    key = controllers.key_named(document, signer, method, now)
    own = controllers.same(signer, issuer) or bound_to_issuer(issuer, method, resolver)
    return _Found(key, signer, own, named)


def _brought(key: PublicKey, issuer: str, resolver: Resolver) -> _Found:
    """Return a key that the token brings along: it is the issuer's where its document lists the same key."""
    numbers = _numbers(key)
    for _, entry in controllers.listed(controllers.owner_document(issuer, resolver), issuer):
        try:
            if _numbers(key_of(entry)) == numbers:
                return _Found(key, issuer, own=True, named=True)
        except KeyFormatError:
            continue
    return _Found(key, "?", own=False, named=True)


def _by_address(name: str, issuer: str, resolver: Resolver) -> _Found:
    """Return the key at an address: a JWK, or one of a set. It is the issuer's where both are on one https host."""
    try:
        found = resolver.did_document(name)
    except UnresolvedError:
        message = N_("%(issuer)s could not be reached for its public key.")
        raise KeyProblem(Check("key", UNKNOWN, message, {"issuer": name})) from None
    keys, wanted = list(objects(found.get("keys"))), name.partition("#")[2]
    named = [found] if "kty" in found else [key for key in keys if key.get("kid") and key["kid"] in (name, wanted)]
    # Whoever asks for a key by its name gets none that bears another.
    fitting = named or [key for key in keys if not (wanted and key.get("kid"))]
    if len(fitting) != 1:
        raise KeyProblem(Check("key", FAILED, N_("%(issuer)s does not list the key that signed."), {"issuer": name}))
    return _Found(_public_key(fitting[0]), name, _https_host(name) == _https_host(issuer) != "", bool(named))


def _https_host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "https" else ""


def _public_key(jwk: object) -> PublicKey:
    try:
        return from_jwk(jwk)
    except KeyFormatError:
        message = N_("The badge is signed with a kind of key that is not known here.")
        raise KeyProblem(Check("key", UNKNOWN, message)) from None


def _numbers(key: PublicKey) -> Any:
    if hasattr(key, "public_numbers"):
        return key.public_numbers()
    return key.public_bytes_raw()


def _claims_agree(badge: Mapping[str, Any], payload: Mapping[str, Any]) -> Check:
    """Check that the token's own claims say the same as the badge (Open Badges 3.0, JWT claims)."""
    subject = mapping(badge.get("credentialSubject"))
    said = {"iss": issuer_id(dict(badge)), "jti": text_of(badge.get("id")), "sub": text_of(subject.get("id"))}
    wrong = [name for name, value in said.items() if payload.get(name) is not None and payload[name] != value]
    for name, members in (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate"))):
        moment = next((m for m in (moment_of(badge.get(member)) for member in members) if m), None)
        if payload.get(name) is not None and seconds_of(payload[name]) != (moment and moment.replace(microsecond=0)):
            wrong.append(name)
    if wrong:
        message = N_("The token and the badge in it say different things (%(detail)s).")
        return Check("claims", FAILED, message, {"detail": ", ".join(wrong)})
    return Check("claims", PASSED, N_("The token and the badge in it say the same."))


def _raw(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
