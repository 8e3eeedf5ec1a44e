"""What a file is called: for whoever must not know whose it is, and beside another of the same name."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from lti_mcred.evidence.endings import ending_of
from lti_mcred.evidence.kept import kind_of
from lti_mcred.evidence.models import Artefact

_NAME_LENGTH = 120


def neutral_name(artefact: Artefact) -> str:
    """Return such a name, `A1-2.pdf`; a link, and a file of a kind without an ending, has none: `A1-2`."""
    number = 1 + next(place for place, item in enumerate(artefact.part.artefacts) if item.id == artefact.id)
    ending = ending_of(kind_of(artefact.blob).media_type) if artefact.blob else ""
    return f"{artefact.part.part_id}-{number}.{ending}" if ending else f"{artefact.part.part_id}-{number}"


def apart(names: Iterable[str]) -> list[str]:
    """Return names of which no two are the same: the second "plan.pdf" is "plan (2).pdf"."""
    names = list(names)
    taken, met, shown = set(names), Counter[str](), []
    for name in names:
        met[name] += 1
        if met[name] == 1:
            shown.append(name)
            continue
        stem, dot, ending = name.rpartition(".")
        stem, dot, ending = (stem, dot, ending) if stem else (name, "", "")
        while (other := f"{stem} ({met[name]}){dot}{ending}") in taken:
            met[name] += 1
        taken.add(other)
        shown.append(other)
    return shown


def clean_name(name: str) -> str:
    """Return a file name to show and to offer for download: no folders, no control signs, 120 characters at most."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = re.sub(r'[<>:"|?*]+', "_", name).strip(" .")
    if not name:
        return "file"
    stem, dot, ending = name.rpartition(".")
    if dot and stem and len(ending) <= 10:
        return f"{stem[: _NAME_LENGTH - len(ending) - 1]}.{ending}"
    return name[:_NAME_LENGTH]
