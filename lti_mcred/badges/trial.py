"""A trial badge of a definition: made, signed, put into its picture and checked as real ones are, by the same code.

What cannot be awarded is found when the definition is checked, and not when somebody has earned it. Nothing is stored:
key, list and addresses are made up. Pure.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from lti_mcred.badges.openbadges import attested, baking, status_list
from lti_mcred.badges.openbadges.credential import build_credential
from lti_mcred.badges.openbadges.described import describe, profile
from lti_mcred.badges.openbadges.jsonld import DocumentError
from lti_mcred.badges.openbadges.keys import SigningKey, did_document, did_web, generate
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.picture import draw
from lti_mcred.badges.verifier.reading import UnreadableBadgeError, read_badge
from lti_mcred.badges.verifier.verification import State, Verdict
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.catalog.definition import STORED, Definition
from lti_mcred.catalog.yaml_file import Place

_BASE = "https://badges.example.edu"
_LIST = f"{_BASE}/status/1"
# Looking for the place of a fault takes a trial for each.
_MOST_TRIALS, _FEW = 60, 20
_DID = did_web(_BASE, "issuers", "trial")


class _Made:
    """Answers for the made-up issuer alone."""

    def __init__(self, key: SigningKey, now: datetime) -> None:
        bits = status_list.empty()
        document = status_list.build_list_credential(
            _LIST, _DID, bits, valid_from=now, valid_until=now.replace(year=now.year + 1, day=1), ttl_seconds=300
        )
        self._lists = {_LIST: sign(document, key, now)}
        self._documents = {_DID: did_document(_DID, [key.public_multibase])}

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return the DID document: a trial badge names no other."""
        return self._documents[did]

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return the status list: a trial badge names no other."""
        return self._lists[url]


def faults(definition: Definition) -> Iterator[tuple[Place, str, str]]:
    """Yield (place, what, cure) for what keeps badges of a definition from being awarded. See yaml_file.Check."""
    words = attempt(definition)
    if not words:
        return
    tried = islice(_places(definition), _MOST_TRIALS)
    place = next((place for place in tried if _cured_by(definition, place)), ())
    yield place, f"keeps the badge from being awarded: {words}.", "Write it in another way, or leave it out."


def attempt(definition: Definition) -> str:
    """Make and check the largest and the least badge of a definition; return why it does not work, "" when it does."""
    now = datetime.now(UTC).replace(microsecond=0)
    required = {row.id for row in definition.rubric.criteria if row.required}
    everything = {row.id for row in definition.rubric.criteria}
    key = generate(_DID)
    try:
        pictured = draw.render_png(
            draw.design_for(definition.badge.image_alt, definition.badge.name, definition.issuer.name), 64
        )
        resolver = _Made(key, now)
        for judged, name in ((everything, "Ana María Ortiz"), (required, "")):
            text = _signed(definition, key, now, judged, name)
            found = verify(read_badge(baking.bake(pictured, text)), resolver, now)
            if found.verdict is not Verdict.VALID:
                return "; ".join(check.words.rstrip(".") for check in found.checks if check.state is not State.PASSED)
    except (attested.CredentialError, DocumentError, UnreadableBadgeError, baking.BakingError, ValueError) as error:
        return str(error).rstrip(".") or type(error).__name__
    return ""


def _signed(definition: Definition, key: SigningKey, now: datetime, judged: set[str], name: str) -> str:
    url = f"{_BASE}/achievements/{definition.id}/{definition.version}"
    level = definition.rubric.levels[-1].id
    award = attested.Award(
        id=f"{_BASE}/credentials/trial",
        subject_id="urn:uuid:5f0ac9a4-8c1c-4f4c-9f59-2f3c1c9b7c11",
        valid_from=now,
        valid_until=now.replace(year=now.year + 1, day=1) if definition.badge.expires_after_months else None,
        status=attested.StatusEntry(_LIST, 1),
        levels=dict.fromkeys(judged, level),
        name=name,
    )
    issuer = profile(_DID, definition.issuer.name, definition.issuer.url, definition.issuer.email)
    document = build_credential(issuer, describe(definition, url), award)
    return json.dumps(sign(document, key, now), ensure_ascii=False)


def _places(definition: Definition) -> Iterator[Place]:
    """Yield every place of a definition that goes into the badge."""
    for row in range(len(definition.alignments)) if len(definition.alignments) <= _FEW else ():
        yield "alignments", row
    yield ("alignments",)
    for part in ("name", "image_alt", "criteria_narrative", "achievement_type"):
        yield "badge", part
    yield from (("issuer", "name"), ("issuer", "url"), ("issuer", "email"), ("competency",), ("language",))
    yield "submission", "estimated_hours_to_earn"
    for row in range(len(definition.rubric.levels)):
        yield "rubric", "levels", row, "label"
    for row, criterion in enumerate(definition.rubric.criteria):
        yield "rubric", "criteria", row, "title"
        for level in criterion.descriptors:
            yield "rubric", "criteria", row, "descriptors", level


_HARMLESS: dict[Place, Any] = {
    ("issuer", "url"): None, ("issuer", "email"): None, ("language",): "en", ("alignments",): [],
    ("submission", "estimated_hours_to_earn"): 1.0, ("badge", "achievement_type"): "MicroCredential",
}  # fmt: skip


def _cured_by(definition: Definition, place: Place) -> bool:
    """Whether a definition can be awarded when something harmless stands at a place."""
    data: Any = definition.canonical()
    node = data
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = {"framework": "X"} if place[0] == "alignments" and len(place) > 1 else _HARMLESS.get(place, "x")
    return not attempt(Definition.model_validate(data, context=STORED))
