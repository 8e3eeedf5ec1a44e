"""Whose key is it? From the id of a key to the key, through the document of its owner, read in every legal form.

Sources: W3C DID Core 1.0 (3.2.2 relative DID URLs, 5.2 verification methods, 5.3 relationships), Controlled
Identifiers 1.0 (2.2: `expires`, `revoked`), the did:web method specification.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from lti_mcred.badges.openbadges.keys import KeyFormatError
from lti_mcred.badges.openbadges.values import items, moment_of, objects, one
from lti_mcred.badges.verifier.lookup import Resolver, UnresolvedError
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.public_keys import PublicKey, key_document, key_of
from lti_mcred.badges.verifier.verification import Check, State

_PERCENT = re.compile("%[0-9a-fA-F]{2}")
_RELATIVE = ("#", "/", "?")


class KeyProblem(Exception):
    """Why a key was not found or may not be used, as a check to show."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.words)
        self.check = check


def normal(url: str) -> str:
    """Return a DID URL in one spelling: the host of did:web in small letters, percent signs with capitals."""
    did, separator, fragment = url.partition("#")
    if did.startswith("did:web:"):
        head, _, rest = did.removeprefix("did:web:").partition(":")
        head = _PERCENT.sub(lambda code: code[0].upper(), head.lower())
        rest = _PERCENT.sub(lambda code: code[0].upper(), rest)
        did = f"did:web:{head}:{rest}" if rest else f"did:web:{head}"
    return did + separator + fragment


def same(one_id: str, other: str) -> bool:
    """Whether two ids of issuers are the same one."""
    return bool(one_id) and normal(one_id) == normal(other)


def absolute(url: object, base: str) -> str:
    """Return a DID URL in full and in one spelling: '#key-1' is a key of `base`. "" for what is no text."""
    url = one(url)
    if isinstance(url, dict):  # the thing itself instead of its name
        url = one(url.get("id"))
    if not isinstance(url, str):
        return ""
    return normal(base + url if url.startswith(_RELATIVE) else url)


def owner_of(method: str) -> str:
    """Return the id before the fragment of a key's id."""
    return method.partition("#")[0]


def owner_document(owner: str, resolver: Resolver) -> Mapping[str, Any]:
    """Return the document of a key's owner. Raises KeyProblem."""
    names = {"issuer": owner}
    try:
        if owner.startswith(("did:key:", "did:jwk:")):
            return key_document(owner)
        if owner.startswith(("did:web:", "https://")):
            return resolver.did_document(owner)
    except UnresolvedError:
        message = N_("%(issuer)s could not be reached for its public key.")
        raise KeyProblem(Check("key", State.UNKNOWN, message, names)) from None
    except KeyFormatError:
        message = N_("%(issuer)s uses a kind of key that is not known here.")
        raise KeyProblem(Check("key", State.UNKNOWN, message, names)) from None
    message = N_("%(issuer)s is a kind of identity that cannot be looked up here.")
    raise KeyProblem(Check("key", State.UNKNOWN, message, names))


def key_named(document: Mapping[str, Any], owner: str, method: str, now: datetime) -> PublicKey:
    """Return the key `method` of `owner`, if the owner's document lists it for assertions and it is in use.

    Raises KeyProblem.
    """
    names = {"issuer": owner}
    if not same(absolute(document.get("id"), ""), owner):
        raise _refused(N_("What stands at the address of %(issuer)s is about somebody else."), names)
    found = [
        entry for entry in _assertion_methods(document, owner) if absolute(entry.get("id"), owner) == normal(method)
    ]
    if not found:
        known = objects(document.get("verificationMethod"))
        if any(absolute(entry.get("id"), owner) == normal(method) for entry in known):
            raise _refused(N_("%(issuer)s lists the key that signed, but not for signing badges."), names)
        raise _refused(N_("%(issuer)s does not list the key that signed."), names)
    if any(entry != found[0] for entry in found):
        raise _refused(N_("%(issuer)s lists two keys under the name of the one that signed."), names)
    if not any(same(absolute(controller, owner), owner) for controller in items(found[0].get("controller"))):
        raise _refused(N_("The key that signed is listed by %(issuer)s, but belongs to somebody else."), names)
    _in_use(found[0], names, now)
    try:
        return key_of(found[0])
    except KeyFormatError:
        message = N_("%(issuer)s uses a kind of key that is not known here.")
        raise KeyProblem(Check("key", State.UNKNOWN, message, names)) from None


def listed(document: Mapping[str, Any], owner: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (id in full, verification method) of each key that the document lists for assertions."""
    for entry in _assertion_methods(document, owner):
        yield absolute(entry.get("id"), owner), entry


def vouches(document: Mapping[str, Any], owner: str, method: str) -> bool:
    """Whether the document of `owner` names somebody else's key `method` for its assertions."""
    if not same(absolute(document.get("id"), ""), owner):
        return False
    return normal(method) in {absolute(name, owner) for name in items(document.get("assertionMethod"))}


def _assertion_methods(document: Mapping[str, Any], owner: str) -> Iterator[Mapping[str, Any]]:
    """Yield the verification methods for assertions: named in the list, or written out in it."""
    named = set()
    for entry in items(document.get("assertionMethod")):
        if isinstance(entry, dict) and set(entry) != {"id"}:
            yield entry
        else:
            named.add(absolute(entry, owner))
    for entry in objects(document.get("verificationMethod")):
        if absolute(entry.get("id"), owner) in named - {""}:
            yield entry


def _in_use(entry: Mapping[str, Any], names: dict[str, str], now: datetime) -> None:
    for name in ("revoked", "expires"):
        if entry.get(name) is None:
            continue
        end = moment_of(entry[name])
        if end is None or end <= now:
            message = N_("%(issuer)s has taken the key that signed out of use.")
            raise _refused(message, names)


def _refused(message: str, names: dict[str, str]) -> KeyProblem:
    return KeyProblem(Check("key", State.FAILED, message, names))
