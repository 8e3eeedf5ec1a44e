"""What stands between a draft and handing it in. Pure: no Flask, no database.

Word limits are advice while one writes and a rule when one hands in. Every gap is named at once, so that nobody has to
press "Submit" four times.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_mcred.catalog.definition import ArtifactSpec, Definition, Prompt
from lti_mcred.evidence.accept import MEGABYTE, taken_by
from lti_mcred.evidence.counting import count_words

OTHERS = ("no", "consent", "unrecognisable")
AI_USES = ("none", "wording", "ideas", "other")
# Characters of the sentences on the use of AI tools.
AI_NOTE_LIMIT = 2000
# Gaps that say "go on"; every other code says "something here needs a look".
_GO_ON = frozenset({"empty", "too_short"})


@dataclass(frozen=True)
class FileShown:
    """A file as the rules see it: the kinds it can count as (accept words), its size in bytes, its name."""

    kinds: frozenset[str]
    size: int
    name: str = ""


@dataclass(frozen=True)
class PartShown:
    """The answer to one part as the rules see it. `others` is the privacy gate's answer, None while unanswered."""

    text: str = ""
    alternative: int | None = None
    others: str | None = None
    note: str = ""
    files: tuple[FileShown, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def has_content(self) -> bool:
        """Whether anything is there at all."""
        return bool(self.text.strip() or self.files or self.links)


@dataclass(frozen=True)
class Gap:
    """One thing to do: which part (None: the statement), a stable code, and numbers or names for the sentence."""

    part_id: str | None
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """The attestation: own work, use of AI tools."""

    own_work: bool = False
    ai_use: str = ""
    ai_note: str = ""


def gaps_of_part(spec: Prompt | ArtifactSpec, shown: PartShown, site_max_mb: int) -> list[Gap]:
    """Return what is missing or wrong in one part; [] when it is ready (or optional and untouched)."""
    required = spec.required if isinstance(spec, ArtifactSpec) else True
    if not shown.has_content:
        return [Gap(spec.id, "empty")] if required else []
    taken = taken_by(spec, shown.alternative, site_max_mb)
    gaps: list[Gap] = []
    if not (shown.files or shown.links or (taken.text_counts and shown.text.strip())):
        gaps.append(Gap(spec.id, "only_note"))
    gaps += _word_gaps(spec, shown)
    gaps += _file_gaps(spec, shown, site_max_mb)
    gaps += _privacy_gaps(spec, shown)
    return gaps


def _word_gaps(spec: Prompt | ArtifactSpec, shown: PartShown) -> list[Gap]:
    """Limits hold for the text as asked for; a note beside a file or an alternative is free."""
    if spec.words is None or shown.alternative is not None or not shown.text.strip():
        return []
    if isinstance(spec, ArtifactSpec) and ("text" not in spec.accept or shown.files):
        return []
    count = count_words(shown.text)
    if count < spec.words.min:
        return [Gap(spec.id, "too_short", {"count": count, "low": spec.words.min})]
    if count > spec.words.max:
        return [Gap(spec.id, "too_long", {"count": count, "high": spec.words.max})]
    return []


def _file_gaps(spec: Prompt | ArtifactSpec, shown: PartShown, site_max_mb: int) -> list[Gap]:
    taken = taken_by(spec, shown.alternative, site_max_mb)
    gaps: list[Gap] = []
    number = len(shown.files) + len(shown.links)
    if number > taken.max_files:
        gaps.append(Gap(spec.id, "too_many", {"count": number, "most": taken.max_files}))
    for file in shown.files:
        if taken.file_kinds and not file.kinds & set(taken.file_kinds):
            gaps.append(Gap(spec.id, "wrong_kind", {"name": file.name, "kinds": taken.file_kinds}))
        if taken.max_mb and file.size > taken.max_mb * MEGABYTE:
            gaps.append(Gap(spec.id, "too_big", {"name": file.name, "limit": taken.max_mb}))
    if shown.links and not taken.takes_links:
        gaps.append(Gap(spec.id, "no_links"))
    return gaps


def _privacy_gaps(spec: Prompt | ArtifactSpec, shown: PartShown) -> list[Gap]:
    """The gate stands before every artefact, and before every file, wherever it is."""
    if isinstance(spec, Prompt) and not (shown.files or shown.links):
        return []
    if shown.others not in OTHERS:
        return [Gap(spec.id, "gate")]
    if shown.others == "consent" and not shown.note.strip():
        return [Gap(spec.id, "consent_note")]
    return []


def part_state(spec: Prompt | ArtifactSpec, shown: PartShown, site_max_mb: int) -> str:
    """Return empty, draft, ready or problem."""
    if not shown.has_content:
        return "empty"
    gaps = gaps_of_part(spec, shown, site_max_mb)
    if not gaps:
        return "ready"
    return "draft" if all(gap.code in _GO_ON for gap in gaps) else "problem"


def gaps_of_statement(definition: Definition, statement: Statement) -> list[Gap]:
    """Return what is missing in the attestation."""
    gaps: list[Gap] = []
    if not statement.own_work:
        gaps.append(Gap(None, "own_work"))
    if statement.ai_use not in AI_USES:
        if definition.assessment.ai_statement_required or statement.ai_use:
            gaps.append(Gap(None, "ai_use"))
    elif statement.ai_use == "other" and not statement.ai_note.strip():
        gaps.append(Gap(None, "ai_note"))
    if len(statement.ai_note) > AI_NOTE_LIMIT:
        gaps.append(Gap(None, "ai_note_long", {"most": AI_NOTE_LIMIT, "count": len(statement.ai_note)}))
    return gaps


def gaps_of_work(
    definition: Definition, parts: Mapping[str, PartShown], open_parts: Collection[str], site_max_mb: int
) -> list[Gap]:
    """Return the gaps of every part that is open, in the order in which the parts are shown."""
    return [
        gap
        for spec in definition.all_parts()
        if spec.id in open_parts
        for gap in gaps_of_part(spec, parts.get(spec.id, PartShown()), site_max_mb)
    ]


def open_parts_of(definition: Definition, locked_criteria: Collection[str]) -> tuple[str, ...]:
    """Return the parts that may be changed: all on a first try, later those that prove a criterion not met yet."""
    if not locked_criteria:
        return tuple(spec.id for spec in definition.all_parts())
    wanted = {
        part_id
        for criterion in definition.rubric.criteria
        if criterion.id not in locked_criteria
        for part_id in criterion.artifacts
    }
    return tuple(spec.id for spec in definition.all_parts() if spec.id in wanted)
