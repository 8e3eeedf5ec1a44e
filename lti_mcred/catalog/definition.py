"""The definition format: what a micro-credential is, as typed, frozen, validated data. Pure: no Flask, no database.

Terms follow the field (competency, key method, artifact, criterion, level). YAML in, `Definition` out; `canonical`
gives the bytes that a published version is frozen by.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from lti_mcred.catalog.badge_terms import is_achievement_type, nearest_types
from lti_mcred.catalog.web_address import fault_of

FORMATS = ("micro-credential/1", "micro-credential-example/1")
ACCEPT_WORDS = (
    "pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "rtf", "epub", "pages", "keynote", "numbers",
    "html", "text", "link", "image", "audio", "video",
)  # fmt: skip

# Given to model_validate for what was stored before: a published version stays readable when the rules grow.
STORED = {"stored": True}
# RDF's canonical form writes these in ways that differ between programs, or has none for them; XML has none.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _stored(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get("stored"))


def _can_be_signed(value: str, info: ValidationInfo) -> str:
    """Let a text pass that every program signs and shows in the same way."""
    if _stored(info):
        return value
    if control := _CONTROL.search(value):
        message = f"holds a control character (U+{ord(control[0]):04X}). Take it out"
        raise ValueError(message)
    if value.startswith("_:"):
        message = "begins with _: and could not stand in a badge. Begin it with a word"
        raise ValueError(message)
    if all(unicodedata.category(sign)[0] in "CZ" for sign in value):
        message = "holds no visible character. Write something here"
        raise ValueError(message)
    return value


def _is_called(value: str, info: ValidationInfo) -> str:
    """Let a name pass that looks like what it is."""
    if not _stored(info) and _OVERRIDES.search(value):
        message = "holds marks that turn the direction of writing. Write the name without them"
        raise ValueError(message)
    return value


def _web_address(value: str, info: ValidationInfo) -> str:
    if not _stored(info) and (fault := fault_of(value)) is not None:
        raise ValueError(" ".join(fault).rstrip("."))
    return value


def _email(value: str, info: ValidationInfo) -> str:
    if not _stored(info) and not EMAIL.fullmatch(value):
        message = f"{value!r} is not an e-mail address. Write one such as badges@college.example.edu"
        raise ValueError(message)
    return value


def _achievement_type(value: str, info: ValidationInfo) -> str:
    if _stored(info) or is_achievement_type(value):
        return value
    nearest = " or ".join(nearest_types(value)) or "MicroCredential"
    message = f"{value!r} is no achievement type of Open Badges. Use {nearest}, or a term of your own: ext:YourTerm"
    raise ValueError(message)


# Of HTML's e-mail field: what programs that read badges take.
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(_can_be_signed),
]
Short = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_can_be_signed)
]
BadgeUrl = Annotated[str, AfterValidator(_web_address)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,126}[a-z0-9]$")]
PartId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
SemVer = Annotated[str, StringConstraints(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")]
Code = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value),
    AfterValidator(_can_be_signed),
]


class Model(BaseModel):
    """A frozen value; unknown fields are errors, because a misspelt field would otherwise be lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Audience(Model):
    """Who it is for."""

    sector: Short
    roles: tuple[Short, ...] = ()
    grades: tuple[Code, ...] = ()
    prerequisites: Text | None = None


class IssuerInfo(Model):
    """Who stands behind it.

    `id` says which issuer this is, whatever its name becomes: a word of the author's own, the same in every definition
    of that issuer. Without it, an issuer is known by the exact name.
    """

    id: Slug | None = None
    name: Annotated[Short, AfterValidator(_is_called)]
    type: Short | None = None
    contact_role: Short | None = None
    url: BadgeUrl | None = Field(default=None, pattern=r"^https://")
    email: Annotated[str, AfterValidator(_email)] | None = None


class Method(Model):
    """The key method, or one of its components."""

    name: Short
    description: Text


class Research(Model):
    """A citation and what it supports."""

    citation: Text
    supports: Text | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")


class Resource(Model):
    """Free material to learn the method."""

    title: Short
    kind: Short | None = None
    cost: Code | None = None
    accessible: bool | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")


class ResearchAndResources(Model):
    """Why the method works and where to learn it."""

    rationale: Text
    research: tuple[Research, ...] = ()
    resources: tuple[Resource, ...] = ()


class Words(Model):
    """Word limits of a text, both inclusive."""

    min: int = Field(default=0, ge=0, le=20_000)
    max: int = Field(default=20_000, ge=1, le=20_000)

    @model_validator(mode="after")
    def _ordered(self) -> "Words":
        if self.min > self.max:
            message = "min is larger than max; swap them"
            raise ValueError(message)
        return self


class Prompt(Model):
    """An overview question (part 1) or a reflection (part 3)."""

    id: PartId
    prompt: Text
    words: Words = Words()
    alternatives: tuple[Text, ...] = ()


class ArtifactSpec(Model):
    """One artefact of part 2. Sizes in megabytes, lengths in minutes."""

    id: PartId
    title: Short
    instructions: Text
    accept: tuple[Literal[ACCEPT_WORDS], ...] = Field(min_length=1)  # type: ignore[valid-type]  # read at run time
    max_files: int = Field(default=1, ge=1, le=50)
    max_mb_each: int = Field(default=20, ge=1, le=2048)
    max_minutes: int | None = Field(default=None, ge=1, le=600)
    words: Words | None = None
    required: bool = True
    shows_other_people: Literal["no", "possible", "yes"] = "possible"
    alternatives: tuple[Text, ...] = ()


class Submission(Model):
    """What the learner hands in."""

    estimated_hours_to_earn: float = Field(gt=0, le=1000)
    window_days: int = Field(default=180, ge=1, le=3650)
    part_1_overview: tuple[Prompt, ...] = ()
    part_2_artifacts: tuple[ArtifactSpec, ...] = Field(min_length=1)
    part_3_reflection: tuple[Prompt, ...] = ()


class Level(Model):
    """A rubric column, from lowest to highest."""

    id: PartId
    label: Short
    passing: bool = False


class PassRule(Model):
    """When it is earned: every required criterion at `level` or above; with `n_of_optional` that many optional ones."""

    type: Literal["all_criteria"]
    level: PartId
    n_of_optional: int = Field(default=0, ge=0)


class Criterion(Model):
    """A rubric row: which artefacts prove it, and a descriptor for each level."""

    id: PartId
    title: Short
    artifacts: tuple[PartId, ...] = Field(min_length=1)
    required: bool = True
    descriptors: dict[str, Text]


class Rubric(Model):
    """Levels from low to high, criteria, and the rule that decides."""

    levels: tuple[Level, ...] = Field(min_length=2, max_length=6)
    pass_rule: PassRule
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _coherent(self) -> "Rubric":
        ids = [level.id for level in self.levels]
        _unique("level", ids)
        _unique("criterion", [criterion.id for criterion in self.criteria])
        if self.pass_rule.level not in ids:
            message = f"pass_rule.level {self.pass_rule.level!r} is none of the levels {', '.join(ids)}"
            raise ValueError(message)
        passing = [level.id for level in self.levels if level.passing]
        if passing != ids[ids.index(self.pass_rule.level) :]:
            message = f"mark {self.pass_rule.level!r} and every level above it, and no other, with passing: true"
            raise ValueError(message)
        for criterion in self.criteria:
            if set(criterion.descriptors) != set(ids):
                message = f"criterion {criterion.id} needs exactly one descriptor for each level: {', '.join(ids)}"
                raise ValueError(message)
        optional = sum(not criterion.required for criterion in self.criteria)
        if self.pass_rule.n_of_optional > optional:
            message = f"pass_rule.n_of_optional asks for more than the {optional} optional criteria"
            raise ValueError(message)
        return self


class Fee(Model):
    """What assessment costs the learner."""

    amount: float = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class PeerReview(Model):
    """Peer review before certified assessment."""

    reviewers: int = Field(ge=1, le=10)
    formative_only: bool = True
    same_rubric: bool = True


class DoubleScoring(Model):
    """Which attempts a second assessor reads."""

    first_n: int = Field(default=0, ge=0)
    random_percent: float = Field(default=0, ge=0, le=100)
    borderline: bool = False


class AttemptPolicy(Model):
    """How often one may try."""

    before_coaching: int = Field(default=3, ge=1, le=100)
    coaching_then_continue: bool = True


class AssessmentRules(Model):
    """Who assesses, how, and by when (business days)."""

    mode: Literal["self", "peer", "certified", "peer_then_certified"]
    fee: Fee = Fee(amount=0, currency="USD")
    blind: bool = True
    peer_review: PeerReview | None = None
    double_scoring: DoubleScoring | None = None
    adjudication: Text | None = None
    turnaround_business_days: int = Field(ge=1, le=260)
    completeness_check_business_days: int | None = Field(default=None, ge=0, le=60)
    attempts: AttemptPolicy = AttemptPolicy()
    appeal_days: int | None = Field(default=None, ge=0, le=365)
    assessor_requirements: Text | None = None
    ai_statement_required: bool = True


class Alignment(Model):
    """A statement of a framework. `url` is needed for the alignment to stand in the badge (Open Badges: targetUrl)."""

    framework: Short
    code: Code | None = None
    statement: Text | None = None
    strength: Short | None = None
    url: BadgeUrl | None = None


class Recognition(Model):
    """What it may be worth: a suggestion; the recognizer decides."""

    pd_hours: float | None = Field(default=None, ge=0)
    ceu_local: float | None = Field(default=None, ge=0)
    note: Text | None = None
    licence_categories: tuple[dict[str, Any] | Short, ...] = ()


class BadgeSpec(Model):
    """What is displayed."""

    name: Short
    achievement_type: Annotated[str, AfterValidator(_achievement_type)] = "MicroCredential"
    image_alt: Text
    criteria_narrative: Text
    expires_after_months: int | None = Field(default=None, ge=1, le=600)
    renewal: Text | None = None
    evidence_public_by_default: bool = False


class Stack(Model):
    """A place in a series."""

    name: Short
    position: int = Field(ge=1)
    of: int = Field(ge=1)


class Privacy(Model):
    """Who may be seen in evidence, and how long raw video is kept."""

    pupils_may_appear: bool = False
    rule: Text
    raw_video_retention_months_after_decision: int = Field(default=12, ge=0, le=120)


class Definition(Model):
    """A whole micro-credential."""

    format: Literal[FORMATS]  # type: ignore[valid-type]  # read at run time
    id: Slug
    version: SemVer
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")
    status: Literal["draft", "published"] = "draft"
    licence: Short | None = None
    title: Short
    summary: Text
    audience: Audience
    issuer: IssuerInfo
    competency: Text
    key_method: Method
    method_components: tuple[Method, ...] = ()
    research_and_resources: ResearchAndResources
    submission: Submission
    rubric: Rubric
    assessment: AssessmentRules
    alignments: tuple[Alignment, ...] = ()
    recognition_suggestions: Recognition | None = None
    badge: BadgeSpec
    stacks: tuple[Stack, ...] = ()
    accessibility_and_equity: dict[str, Text] = {}
    privacy: Privacy
    qa_self_check: dict[str, tuple[Text, ...]] = {}

    @model_validator(mode="after")
    def _coherent(self) -> "Definition":
        parts = [part.id for part in self.all_parts()]
        _unique("part", parts)
        used: set[str] = set()
        for criterion in self.rubric.criteria:
            if unknown := set(criterion.artifacts) - set(parts):
                message = f"criterion {criterion.id} names {', '.join(sorted(unknown))}, which nobody hands in"
                raise ValueError(message)
            used.update(criterion.artifacts)
        if idle := {artifact.id for artifact in self.submission.part_2_artifacts if artifact.required} - used:
            message = f"no criterion uses {', '.join(sorted(idle))}; ask for the least that proves it"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _each_alignment_once(self, info: ValidationInfo) -> "Definition":
        if not _stored(info) and len(set(self.alignments)) != len(self.alignments):
            message = "an alignment is written twice; keep one of them"
            raise ValueError(message)
        return self

    def all_parts(self) -> "tuple[Prompt | ArtifactSpec, ...]":
        """Return overview questions, artefacts and reflections in the order in which they are shown."""
        work = self.submission
        return (*work.part_1_overview, *work.part_2_artifacts, *work.part_3_reflection)

    def part(self, part_id: str) -> "Prompt | ArtifactSpec":
        """Return the part with that id. Raises KeyError."""
        for part in self.all_parts():
            if part.id == part_id:
                return part
        raise KeyError(part_id)

    def criteria_of(self, part_id: str) -> tuple[Criterion, ...]:
        """Return the criteria that this part proves."""
        return tuple(criterion for criterion in self.rubric.criteria if part_id in criterion.artifacts)

    def canonical(self) -> dict[str, Any]:
        """Return plain JSON data from which `Definition.model_validate` makes the same value again."""
        return self.model_dump(mode="json", exclude_none=True)

    def sha256(self) -> str:
        """Return the fingerprint that freezes a published version."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _unique(what: str, ids: list[str]) -> None:
    if twice := sorted(one for one, times in Counter(ids).items() if times > 1):
        message = f"{what} id {', '.join(twice)} is used twice"
        raise ValueError(message)


def version_key(version: str) -> tuple[int, ...]:
    """Return a key that sorts versions: "1.10.0" after "1.9.0"."""
    return tuple(int(part) for part in re.findall(r"\d+", version))
