"""What differs between LMSs, one module per LMS (Canvas has several). What is not known is as the specifications say.

Chosen by `platform.profile`; everything else of the product asks the profile instead of asking which LMS it is.
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.tool.profiles import open_edx
from lti_mcred.tool.profiles.base import Delivery, Score
from lti_mcred.tool.profiles.blackboard import BLACKBOARD
from lti_mcred.tool.profiles.brightspace import BRIGHTSPACE
from lti_mcred.tool.profiles.canvas import CANVAS
from lti_mcred.tool.profiles.generic import GENERIC
from lti_mcred.tool.profiles.guides import Guide
from lti_mcred.tool.profiles.messages import Place
from lti_mcred.tool.profiles.moodle import MOODLE
from lti_mcred.tool.profiles.profile import LmsProfile
from lti_mcred.tool.profiles.sakai import SAKAI

_KNOWN = (CANVAS, MOODLE, BRIGHTSPACE, BLACKBOARD, SAKAI)
PROFILES: dict[str, LmsProfile] = {profile.name: profile for profile in (*_KNOWN, GENERIC)}
# What the chooser of the administration offers, by key. Open edX has a guide and needs no profile.
GUIDES: dict[str, Guide] = {
    guide.key: guide for guide in (*(profile.guide for profile in _KNOWN), open_edx.GUIDE, GENERIC.guide)
}
# From where each LMS opens us, by its title.
PLACES: dict[Any, tuple[Place, ...]] = {
    **{profile.title: profile.places for profile in _KNOWN},
    open_edx.TITLE: open_edx.PLACES,
}
# A place's name -> what it is called for an administrator, and why it is wanted.
PLACE_WORDS: dict[str, tuple[Any, Any]] = {
    place.name: (place.what, place.why) for profile in _KNOWN for place in profile.places if place.name
}
# The campuses of the practice LMS.
PRACTISED = tuple(profile.name for profile in _KNOWN if profile.practised)


def profile_named(name: str) -> LmsProfile:
    """Return the profile called `name` (platform.profile); an unknown name gets the generic one."""
    return PROFILES.get(name, GENERIC)


def is_course(profile: str, context_types: Collection[str]) -> bool:
    """Whether a context of these types is a course in an LMS of this profile."""
    return profile_named(profile).no_courses.isdisjoint(context_types)


def is_own_link(profile: str, resource_link_id: str, context_id: str) -> bool:
    """Whether a resource link stands for one placement in an LMS of this profile."""
    return not profile_named(profile).repeats_context_id or resource_link_id != context_id


def profile_of_product(family: str, issuer: str = "") -> LmsProfile:
    """Return the profile for a `product_family_code`, else for an issuer on a host that is always of one make."""
    code, host = family.strip().lower(), urlsplit(issuer).hostname or ""
    for profile in _KNOWN:
        if code in profile.registration.families:
            return profile
    for profile in _KNOWN:
        if any(host == one or host.endswith(f".{one}") for one in profile.registration.domains):
            return profile
    return GENERIC


def usual_policy(issuer: str) -> str:
    """Return what becomes of unknown deployments by default: where one client id serves many schools, each is asked."""
    return "ask" if any(issuer in profile.registration.issuers_of_many for profile in _KNOWN) else "first"


__all__ = [
    "GUIDES",
    "PLACES",
    "PLACE_WORDS",
    "PRACTISED",
    "PROFILES",
    "Delivery",
    "LmsProfile",
    "Score",
    "is_course",
    "is_own_link",
    "profile_named",
    "profile_of_product",
    "usual_policy",
]
