"""The lines of a connection test, one function each: what was tried, what came of it in plain words, who can cure it.

The requests are real ones. A grade column is made and removed again; a score goes to a test user, never to a learner.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_mcred.engine.db import db
from lti_mcred.outbound.http import Answer, HttpClient, HttpError, HttpRefused, HttpUntrusted
from lti_mcred.services import service, site
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TOOL_ADMIN, said
from lti_mcred.tool.protocol.services_asked import LINEITEM, LINEITEM_READ, RESULT_READ, ROSTER, SCORE
from lti_mcred.tool.wire import keys
from lti_mcred.tool.wire.jwks import readable_keys
from lti_mcred.tool.wire.service import ServiceRefused, fresh_token

# pass; waiting: could not be tried yet, and the words say why; failed.
State = Literal["pass", "waiting", "failed"]
TITLES: dict[str, Any] = {
    "address": _l("The address of this tool"),
    "keys": _l("The keys of the LMS"),
    "token": _l("The LMS lets us in"),
    "scopes": _l("Rights"),
    "roster": _l("The class list"),
    "column": _l("A grade column made and removed"),
    "score": _l("A score for the test user"),
    "places": _l("Where the LMS opens this tool"),
}
# The rights without which something of the main job is missing, in words.
_RIGHTS: dict[str, Any] = {
    LINEITEM: _l("making grade columns"),
    LINEITEM_READ: _l("reading grade columns"),
    SCORE: _l("writing grades"),
    RESULT_READ: _l("reading grades"),
    ROSTER: _l("the class list"),
}
NEEDED = tuple(_RIGHTS)
_KEPT = 300


@dataclass(frozen=True)
class Line:
    """One line of a test. `said`: the LMS's own words, short, for those who ask there."""

    name: str
    state: State
    words: str
    who: str = ""
    said: str = ""

    @property
    def title(self) -> str:
        """What was tried, for people."""
        return str(TITLES[self.name])


def passed(name: str, words: str) -> Line:
    """Return a line that is fine."""
    return Line(name, "pass", words)


def not_tried(name: str, words: str, who: Any = "", reply: str = "") -> Line:
    """Return a line that could not be tried yet."""
    return Line(name, "waiting", words, str(who), reply[:_KEPT])


def failed(name: str, words: str, who: Any, reply: str = "") -> Line:
    """Return a line that failed, with whoever can cure it."""
    return Line(name, "failed", words, str(who), reply[:_KEPT])


def spoken(answer: Answer) -> str:
    """Return number and words of an answer."""
    return f"{answer.status} {said(answer)}".strip()[:_KEPT]


def busy(answer: Answer) -> bool:
    """Whether the LMS only asks us to slow down; Canvas does it with a 403."""
    return answer.status == 429 or (answer.status == 403 and "rate limit" in said(answer).lower())


def troubled(name: str, answer: Answer) -> Line | None:
    """Return the line for an LMS that cannot answer at the moment, None when it did answer."""
    if busy(answer):
        words = _("The LMS is busy and asked us to slow down. Test again in some minutes.")
        return not_tried(name, words, NOBODY, spoken(answer))
    if answer.status >= 500:
        return failed(name, _("The LMS has a fault of its own. Test again later."), LMS_ADMIN, spoken(answer))
    return None


def unreachable(name: str, error: HttpError) -> Line:
    """Return the line for a request that got no usable answer."""
    if isinstance(error, HttpRefused):
        words = _("The address lies in a private network, and this tool may not go there until its settings allow it.")
        return failed(name, words, TOOL_ADMIN, error.words)
    if isinstance(error, HttpUntrusted):
        words = _("The LMS has no valid certificate at this address.")
        return failed(name, f"{words} {error.advice}".strip(), error.who or LMS_ADMIN, error.words)
    words = _(
        "This tool cannot reach the LMS at this address. Compare the address, and look whether a firewall is between."
    )
    if error.advice:
        words = f"{_('This tool cannot reach the LMS at this address.')} {error.advice}"
    return failed(name, words, error.who or LMS_ADMIN, error.words)


def address() -> Line:
    """Whether our public address leads to us, as far as this can be seen from here."""
    base = site().public_url.rstrip("/")
    ours = {key["kid"] for key in keys.public_jwks()["keys"]}
    db.session.commit()
    try:
        answer = service(HttpClient).request("GET", f"{base}/.well-known/jwks.json")
    except HttpUntrusted as error:
        words = _("%(address)s has no valid certificate, so LMSs do not fetch our keys from there.", address=base)
        return failed("address", f"{words} {error.advice}".strip(), TOOL_ADMIN, error.words)
    except HttpError as error:
        words = _("%(address)s cannot be looked at from this machine. Open %(address)s/.well-known/jwks.json from "
                  "another network: it must show keys.", address=base)  # fmt: skip
        return not_tried("address", words, TOOL_ADMIN, error.words)
    if not ours & _keys_of(answer).keys():
        words = _("At %(address)s something else answers than this tool. Compare the setting public_url with the "
                  "proxy.", address=base)  # fmt: skip
        return failed("address", words, TOOL_ADMIN, spoken(answer))
    if not site().secure:
        return not_tried("address", _("%(address)s answers, but without https: good for trying out only, real LMSs "
                                    "refuse it.", address=base), TOOL_ADMIN)  # fmt: skip
    return passed("address", _("%(address)s answers by https and shows our keys.", address=base))


def key_set(platform: Platform) -> Line:
    """Whether the LMS publishes keys with which its launches can be checked, fetched anew."""
    url = platform.jwks_url
    db.session.commit()
    try:
        answer = service(HttpClient).request("GET", url, headers={"Accept": "application/json"})
    except HttpRefused as error:
        return unreachable("keys", error)
    except HttpError as error:
        words = _("The keys of the LMS cannot be fetched. Compare the keyset URL with the one that the LMS shows.")
        return failed("keys", f"{words} {error.advice}".strip(), error.who or LMS_ADMIN, error.words)
    found = _keys_of(answer)
    if not found:
        words = _("At the keyset URL there is no key that we can use: RS256 with 2048 bits or more. Compare it with "
                  "the one that the LMS shows.")  # fmt: skip
        return troubled("keys", answer) or failed("keys", words, LMS_ADMIN, spoken(answer))
    bits = min(key.key_size for key in found.values())
    return passed("keys", ngettext("1 key for RS256, of %(bits)s bits.", "%(num)s keys for RS256, of %(bits)s bits.",
                                   len(found), bits=bits))  # fmt: skip


def token(platform: Platform) -> tuple[Line, tuple[str, ...]]:
    """Ask for a token with all rights that we use; return the line and the rights that were granted.

    An LMS may grant less silently (Moodle) or refuse all for one (Canvas); then it is asked again with the rest.
    """
    asked = set(NEEDED)
    while True:
        try:
            granted = fresh_token(platform, asked)
        except ServiceRefused as refused:
            if not _about_scopes(refused.answer):
                return _no_token(refused.answer), ()
            named = asked & set(re.findall(r"https?://[^\s,\"'<>]+", refused.answer.text))
            asked -= named
            if not named or not asked:
                return _one_by_one(platform, asked, refused.answer)
        except HttpError as error:
            return unreachable("token", error), ()
        else:
            return passed("token", _("It knows this tool and gave it an access token.")), granted


def rights(granted: Iterable[str]) -> Line:
    """Compare what was granted with what we ask for."""
    missing = [scope for scope in NEEDED if scope not in set(granted)]
    if not missing:
        return passed("scopes", _("All that this tool asks for is granted."))
    words = _("Not granted: %(rights)s. Allow it where the tool is registered in the LMS.",
              rights=", ".join(str(_RIGHTS[scope]) for scope in missing))  # fmt: skip
    return failed("scopes", words, LMS_ADMIN)


def _one_by_one(platform: Platform, asked: set[str], last: Answer) -> tuple[Line, tuple[str, ...]]:
    """For an LMS that refuses all for one and does not say for which."""
    granted: set[str] = set()
    for scope in sorted(asked):
        try:
            granted |= set(fresh_token(platform, (scope,)))
        except ServiceRefused as error:
            if not _about_scopes(error.answer):
                return _no_token(error.answer), ()
        except HttpError as error:
            return unreachable("token", error), ()
    if granted:
        return passed("token", _("It knows this tool and gave it an access token.")), tuple(sorted(granted))
    words = _("It knows this tool, but lets it use nothing. Allow its services where it is registered in the LMS.")
    return failed("token", words, LMS_ADMIN, spoken(last)), ()


def _about_scopes(answer: Answer) -> bool:
    try:
        told = answer.json()
    except (HttpError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("error") == "invalid_scope"


def _no_token(answer: Answer) -> Line:
    if line := troubled("token", answer):
        return line
    if answer.status in (404, 405, 410):
        words = _("At the token URL nothing gives out tokens. Compare it with the one that the LMS shows.")
        return failed("token", words, TOOL_ADMIN, spoken(answer))
    words = _("It does not accept this tool. Look in the LMS whether the tool is switched on, whether the client ID is "
              "the same, and whether it has our keyset URL: %(url)s",
              url=f"{site().public_url.rstrip('/')}/.well-known/jwks.json")  # fmt: skip
    return failed("token", words, LMS_ADMIN, spoken(answer))


def _keys_of(answer: Answer) -> dict[str, RSAPublicKey]:
    try:
        return readable_keys(answer.json()) if answer.ok else {}
    except (HttpError, RecursionError):
        return {}
