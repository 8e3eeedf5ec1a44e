"""What a file is called for whoever must not know whose it is: its part, its place there, the ending of its kind."""

from lti_mcred.evidence.endings import ending_of
from lti_mcred.evidence.models import Artefact


def neutral_name(artefact: Artefact) -> str:
    """Return such a name, `A1-2.pdf`; a link, and a file of a kind without an ending, has none: `A1-2`."""
    number = 1 + next(place for place, item in enumerate(artefact.part.artefacts) if item.id == artefact.id)
    ending = ending_of(artefact.blob.media_type) if artefact.blob else ""
    return f"{artefact.part.part_id}-{number}.{ending}" if ending else f"{artefact.part.part_id}-{number}"
