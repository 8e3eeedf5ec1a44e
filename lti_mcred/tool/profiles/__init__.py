"""What differs between LMSs, one module per LMS: Canvas, Moodle, and the generic rest.

Chosen by `platform.profile`; everything else of the product asks the profile instead of asking which LMS it is.
"""

from collections.abc import Collection

from lti_mcred.tool.profiles.base import Delivery, LmsProfile, Score
from lti_mcred.tool.profiles.canvas import CanvasProfile
from lti_mcred.tool.profiles.generic import GenericProfile
from lti_mcred.tool.profiles.moodle import MoodleProfile

PROFILES: dict[str, LmsProfile] = {p.name: p for p in (CanvasProfile(), MoodleProfile(), GenericProfile())}


def profile_named(name: str) -> LmsProfile:
    """Return the profile called `name` (platform.profile); an unknown name gets the generic one."""
    return PROFILES.get(name, PROFILES["generic"])


def is_course(profile: str, context_types: Collection[str]) -> bool:
    """Whether a context of these types is a course in an LMS of this profile."""
    return profile_named(profile).no_courses.isdisjoint(context_types)


def is_own_link(profile: str, resource_link_id: str, context_id: str) -> bool:
    """Whether a resource link stands for one placement in an LMS of this profile."""
    return not profile_named(profile).repeats_context_id or resource_link_id != context_id


def profile_of_product(family: str) -> LmsProfile:
    """Return the profile for a `product_family_code` of a tool_platform claim or an openid configuration."""
    return profile_named(family.strip().lower())


__all__ = [
    "PROFILES",
    "Delivery",
    "LmsProfile",
    "Score",
    "is_course",
    "is_own_link",
    "profile_named",
    "profile_of_product",
]
