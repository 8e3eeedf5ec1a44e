"""From a catalogue version to what a badge says was achieved."""

from functools import lru_cache

from lti_mcred.badges.addresses import address
from lti_mcred.badges.openbadges.attested import Achievement
from lti_mcred.badges.openbadges.described import describe
from lti_mcred.badges.picture import draw
from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version


def achievement_url(version: Version) -> str:
    """Return the address that identifies the achievement: one for each version, for ever."""
    return address("achievements", version.slug, version.version)


def achievement_of(version: Version) -> Achievement:
    """Return the achievement of a version."""
    return describe(definition_of(version), achievement_url(version))


def design_of(definition: Definition) -> draw.Design:
    """Return the design of the definition's badge picture."""
    badge = definition.badge
    return draw.design_for(badge.image_alt, badge.name, definition.issuer.name)


@lru_cache(maxsize=64)
def png_of(design: draw.Design) -> bytes:
    """Return the picture of 600 px, drawn once by each process."""
    return draw.render_png(design)
