"""From a definition to what a badge says was achieved, and by whom. Pure.

What today's rules would refuse in a version that was published before them is mended where it means the same, and else
left out where Open Badges lets it be absent: people earn that version, and nothing may keep their badge from them.
"""

from lti_mcred.badges.openbadges.attested import Achievement, Alignment, Criterion, IssuerProfile, Level
from lti_mcred.catalog.badge_terms import same_type
from lti_mcred.catalog.definition import EMAIL, Definition
from lti_mcred.catalog.web_address import as_uri


def describe(definition: Definition, url: str) -> Achievement:
    """Return the achievement of a definition. `url` identifies it.

    Alignments without an address stay out: a badge may not name them so.
    """
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
        alignments=_alignments(definition),
        hours=definition.submission.estimated_hours_to_earn,
        language=definition.language,
        kind=same_type(definition.badge.achievement_type),
    )


def profile(did: str, name: str, url: str | None, email: str | None) -> IssuerProfile:
    """Return an issuer as the credential names it."""
    return IssuerProfile(did, name, as_uri(url or ""), email if email and EMAIL.fullmatch(email) else "")


def _alignments(definition: Definition) -> tuple[Alignment, ...]:
    found = (
        Alignment(
            name=given.statement or given.framework,
            url=as_uri(given.url or ""),
            framework=given.framework,
            code=given.code or "",
        )
        for given in definition.alignments
    )
    return tuple(dict.fromkeys(one for one in found if one.url))
