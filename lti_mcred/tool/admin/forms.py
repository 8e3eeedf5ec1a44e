"""The forms that take an LMS's values: what was typed, what is wrong with it at which field, and the registration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_mcred.tool.known import platforms
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import PlatformError
from lti_mcred.tool.profiles import usual_policy
from lti_mcred.tool.profiles.guides import Guide
from lti_mcred.web.typed import plain

LONGEST = 4000
ENDPOINTS = ("auth_url", "token_url", "jwks_url")
FIELDS = ("name", "issuer", "client_id", "deployment", *ENDPOINTS, "token_audience", "policy", "environment", "host")
_ADDRESS = _l("Type the whole address, with https:// at its beginning and nothing left out.")
_FIELD_OF = {"deployments": "deployment"}
# By field: what to write instead.
_HELP: dict[str, Any] = {
    "issuer": _l("Type the issuer as your LMS shows it: it begins with https:// and has no question mark in it."),
    "client_id": _l("Type the client ID that your LMS shows: at most 255 characters, letters without accents."),
    "deployment": _l("Type the deployment ID that your LMS shows, or leave it out: the first launch brings it."),
    "host": _ADDRESS,
    "auth_url": _ADDRESS,
    "token_url": _ADDRESS,
    "jwks_url": _ADDRESS,
    "token_audience": _l("This is longer than any audience can be. Leave it out unless your LMS names one."),
    "policy": _l("Choose one of the three."),
}


@dataclass(frozen=True)
class Typed:
    """What stands in a form: every field as text, and what to write instead of what cannot be used."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return what to write instead in this field, "" when it is fine."""
        return self.errors.get(name, "")


def read_typed(form: Mapping[str, str]) -> Typed:
    """Return the known fields of a posted form, without blanks around and control characters in them."""
    return Typed({name: plain(form.get(name, "")).strip()[:LONGEST] for name in FIELDS})


def blank(guide: Guide, address: str = "") -> Typed:
    """Return the form as it is first shown: with what can be worked out from the LMS's address."""
    known = guide.known(address)
    return Typed({"policy": usual_policy(known.issuer), "environment": "production", **vars(known), "host": address})


def of_platform(platform: Platform) -> Typed:
    """Return the form with what is stored."""
    stored = {name: getattr(platform, name) or "" for name in ("name", "issuer", "client_id", *ENDPOINTS)}
    return Typed({**stored, "token_audience": platform.token_audience or ""})


def register(guide: Guide, typed: Typed) -> Platform | Typed:
    """Register an LMS with typed values, or return them with the errors. Commits when it registers."""
    typed = _completed(guide, typed)
    if errors := errors_of(typed):
        return Typed(typed.values, _at_fields_of(guide, errors))
    try:
        return platforms.add_platform(
            name=typed["name"], issuer=typed["issuer"], client_id=typed["client_id"], auth_url=typed["auth_url"],
            token_url=typed["token_url"], jwks_url=typed["jwks_url"], token_audience=typed["token_audience"],
            profile=guide.profile, policy=typed["policy"], deployments=_deployments(typed),
        )  # fmt: skip
    except PlatformError as error:  # only that it is there already: everything else was looked at
        known = _("An LMS with this issuer and client ID is connected already.")
        return Typed(typed.values, {error.field or "client_id": known})


def errors_of(typed: Typed) -> dict[str, str]:
    """Return field -> what to write instead, for everything that cannot be stored."""
    urls = {name: typed[name] for name in ENDPOINTS}
    found = platforms.faults(
        typed["issuer"], typed["client_id"], _deployments(typed), urls,
        token_audience=typed["token_audience"], policy=typed["policy"],
    )  # fmt: skip
    return {name: str(_HELP[name]) for name in (_FIELD_OF.get(name, name) for name in found)}


def _completed(guide: Guide, typed: Typed) -> Typed:
    """Put in what the form does not ask for, because it follows from the rest."""
    return Typed({**typed.values, **vars(guide.worked_out(typed.values))}) if guide.worked_out else typed


def _at_fields_of(guide: Guide, errors: dict[str, str]) -> dict[str, str]:
    """Return the errors at the fields that the form has: addresses that it works out come from other fields."""
    if guide.worked_out is None:
        return errors
    shown = {name: text for name, text in errors.items() if name not in ENDPOINTS}
    return shown if len(shown) == len(errors) else {guide.worked_out_from: str(_HELP[guide.worked_out_from]), **shown}


def _deployments(typed: Typed) -> tuple[str, ...]:
    return (typed["deployment"],) if typed["deployment"] else ()
