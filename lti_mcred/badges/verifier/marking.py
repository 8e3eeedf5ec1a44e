"""Marking sentences for translation where they stand, in modules that know no web framework."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractor looks for
    """Mark a sentence for translation; it is translated where it is shown."""
    return message
