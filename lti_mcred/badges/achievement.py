"""From a catalogue version to what a badge says was achieved."""

from functools import lru_cache

from lti_mcred.badges import picture
from lti_mcred.badges.addresses import address
from lti_mcred.badges.attested import Achievement, Alignment, Criterion, Level
from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version


def achievement_url(version: Version) -> str:
    """Return the address that identifies the achievement: one for each version, for ever."""
    return address("achievements", version.slug, version.version)


def achievement_of(version: Version) -> Achievement:
    """Return the achievement of a version.

    Alignments without an address stay out: a badge may not name them so.
    """
    definition, url = definition_of(version), achievement_url(version)
    rubric = definition.rubric
    return Achievement(
        id=url,
        version=definition.version,
        name=definition.badge.name,
        description=definition.competency,
        criteria_narrative=definition.badge.criteria_narrative,
        criteria_url=url + "#criteria",  # not the id of the achievement itself: RDF would join the two
        criteria=tuple(
            Criterion(
                id=row.id,
                title=row.title,
                levels=tuple(Level(level.id, level.label, row.descriptors[level.id]) for level in rubric.levels),
                required_level=rubric.pass_rule.level,
                required=row.required,
            )
            for row in rubric.criteria
        ),
        image_url=url + "/badge.png",
        image_caption=definition.badge.image_alt,
        alignments=tuple(
            Alignment(
                name=given.statement or given.framework,
                url=given.url,
                framework=given.framework,
                code=given.code or "",
            )
            for given in definition.alignments
            if given.url
        ),
        hours=definition.submission.estimated_hours_to_earn,
        language=definition.language,
        kind=definition.badge.achievement_type,
    )


def design_of(definition: Definition) -> picture.Design:
    """Return the design of the definition's badge picture."""
    badge = definition.badge
    return picture.design_for(badge.image_alt, badge.name, definition.issuer.name)


@lru_cache(maxsize=64)
def png_of(design: picture.Design) -> bytes:
    """Return the picture of 600 px, drawn once by each process."""
    return picture.render_png(design)
