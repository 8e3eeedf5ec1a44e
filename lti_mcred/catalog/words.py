"""Sentences about a definition, for people."""

from flask_babel import gettext as _

from lti_mcred.catalog.definition import Definition


def pass_rule_words(definition: Definition) -> str:
    """Return the pass rule as a sentence: "Earned when all 5 criteria are at Demonstrated or above."."""
    rule = definition.rubric.pass_rule
    label = next(level.label for level in definition.rubric.levels if level.id == rule.level)
    required = [criterion for criterion in definition.rubric.criteria if criterion.required]
    optional = len(definition.rubric.criteria) - len(required)
    top = definition.rubric.levels[-1].id == rule.level
    values = {"count": len(required), "level": label, "optional": optional, "some": rule.n_of_optional}
    if not rule.n_of_optional and optional:
        return str(_("Earned when the %(count)s required criteria are at %(level)s or above.", **values))
    if not optional and top:
        return str(_("Earned when all %(count)s criteria are at %(level)s.", **values))
    if not optional:
        return str(_("Earned when all %(count)s criteria are at %(level)s or above.", **values))
    return str(
        _(
            "Earned when the %(count)s required criteria, and %(some)s of the %(optional)s optional ones, "
            "are at %(level)s or above.",
            **values,
        )
    )
