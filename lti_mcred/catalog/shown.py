"""The description of a version as HTML: the same for everybody who reads a language, so it is rendered once."""

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.services import service

_MOST_KEPT = 600


class Descriptions(dict[tuple[str, str, str, str], Markup]):
    """What this process has rendered: by fingerprint, language, template and macro."""


def described(row: Version, template: str, macro: str) -> Markup:
    """Return what a macro of a template makes of a version's definition, in the reader's language.

    A version's content never changes under its fingerprint, and a macro sees nothing of a person or a visit.
    """
    key, kept = (row.sha256, str(get_locale()), template, macro), service(Descriptions)
    if (known := kept.get(key)) is not None:
        return known
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    render = getattr(current_app.jinja_env.get_template(template).module, macro)
    kept[key] = shown = Markup(render(definition_of(row)))  # noqa: S704 - rendered with escaping
    return shown
