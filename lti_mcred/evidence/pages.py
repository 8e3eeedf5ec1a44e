"""Puts together what the learner's pages show. No HTTP: the views parse and answer."""

from datetime import datetime, timedelta
from textwrap import shorten
from typing import Any
from urllib.parse import unquote

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_mcred.catalog.definition import ArtifactSpec, Prompt
from lti_mcred.engine.db import utcnow
from lti_mcred.evidence.accept import Taken, taken_by
from lti_mcred.evidence.completeness import Gap, PartShown, gaps_of_part, part_state
from lti_mcred.evidence.copies import copy_of, words_in
from lti_mcred.evidence.counting import count_words
from lti_mcred.evidence.decision import Told, told_of
from lti_mcred.evidence.draft import Typed, typed_of
from lti_mcred.evidence.find import Work
from lti_mcred.evidence.leaks import Leak, Text, find_leaks, surest_first, wanted
from lti_mcred.evidence.models import Artefact, Part
from lti_mcred.evidence.naming import neutral_name
from lti_mcred.evidence.promise import days_left
from lti_mcred.evidence.show import item_views, part_views
from lti_mcred.evidence.submit import part_shown
from lti_mcred.evidence.words import (
    copy_words,
    day_words,
    draft_saved_words,
    gap_words,
    kinds_words,
    part_request,
    part_title,
    saved_words,
    word_count_words,
)
from lti_mcred.web.visits import visit_url

_EXCERPT = 110


def checklist_rows(work: Work, site_max_mb: int) -> list[dict[str, str]]:
    """Return the rows of the checklist macro, in the order of the definition."""
    rows = []
    for spec in work.definition.all_parts():
        part = work.part(spec.id)
        answer = part_shown(part) if part else PartShown()
        if spec.id not in work.open_parts:
            rows.append({"title": part_title(work.definition, spec), "detail": "", "state": "locked", "href": ""})
            continue
        rows.append(
            {
                "title": part_title(work.definition, spec),
                "detail": _row_detail(spec, part, answer, site_max_mb),
                "state": part_state(spec, answer, site_max_mb),
                "href": visit_url("evidence.part", part_id=spec.id),
            }
        )
    return rows


def _row_detail(spec: Prompt | ArtifactSpec, part: Part | None, answer: PartShown, site_max_mb: int) -> str:
    if part is None or not answer.has_content:
        excerpt = shorten(part_request(spec), _EXCERPT, placeholder="…")
        optional = isinstance(spec, ArtifactSpec) and not spec.required
        return str(_("Optional. %(excerpt)s", excerpt=excerpt)) if optional else excerpt
    pieces: list[str] = []
    if count := count_words(answer.text):
        pieces.append(word_count_words(count))
    if number := len(answer.files):
        pieces.append(str(ngettext("1 file", "%(num)s files", number)))
    if number := len(answer.links):
        pieces.append(str(ngettext("1 link", "%(num)s links", number)))
    pieces.append(saved_words(part.updated_at, utcnow()))
    pieces += [gap_words(gap) for gap in gaps_of_part(spec, answer, site_max_mb)]
    return " · ".join(pieces)


def window(work: Work, now: datetime | None = None) -> dict[str, Any]:
    """Return how the planned time stands: whole days left, and its last day in words."""
    if work.enrolment is None:
        return {"left": work.definition.submission.window_days, "until": ""}
    days = work.definition.submission.window_days
    started = work.enrolment.started_at
    return {
        "left": days_left(started, days, now or utcnow()),
        "until": day_words(started + timedelta(days=days)),
    }


def part_page(work: Work, part: Part, site_max_mb: int, typed: Typed | None = None) -> dict[str, Any]:
    """Return the page of one open part; `typed` keeps what was typed when it could not be saved."""
    spec = work.definition.part(part.part_id)
    typed = typed or typed_of(part)
    taken = taken_by(spec, part.alternative, site_max_mb)
    order = list(work.open_parts)
    place = order.index(part.part_id)
    return {
        "work": work,
        "part": part,
        "spec": spec,
        "typed": typed,
        "taken": taken,
        "title": part_title(work.definition, spec),
        "request": part_request(spec),
        "is_artefact": isinstance(spec, ArtifactSpec),
        "items": item_views(part, work.visit),
        "limits": limits_words(taken),
        "details": details_words(taken.file_kinds) if taken.takes_files else [],
        "criteria": work.definition.criteria_of(part.part_id),
        "gaps": [gap_words(gap) for gap in gaps_of_part(spec, part_shown(part), site_max_mb) if gap.code != "empty"],
        "saved": draft_saved_words(part.updated_at, utcnow()) if part.revision else "",
        "previous_id": order[place - 1] if place else None,
        "next_id": order[place + 1] if place + 1 < len(order) else None,
        "before": before(work, part.part_id),
        "comments": comments_before(work, part.part_id),
    }


def before(work: Work, part_id: str) -> dict[str, Any] | None:
    """Return what the attempt before handed in for this part, to stand beside the new draft; None on a first try."""
    if work.enrolment is None or work.attempt is None or work.attempt.number == 1:
        return None
    earlier = next(one for one in work.enrolment.attempts if one.number == work.attempt.number - 1)
    views = part_views(earlier, work.definition, work.visit, only=(part_id,))
    return {"attempt": earlier, "view": views[0]} if views else None


def comments_before(work: Work, part_id: str) -> list[dict[str, Any]]:
    """Return what was said last time about the criteria that this part proves and that are not met yet."""
    if work.enrolment is None or work.attempt is None or work.attempt.number == 1:
        return []
    earlier = next(one for one in work.enrolment.attempts if one.number == work.attempt.number - 1)
    told = told_of(earlier.id)
    mine = {criterion.id for criterion in work.definition.criteria_of(part_id)}
    return [row for row in feedback(work, told) if row["id"] in mine and not row["met"]] if told else []


def limits_words(taken: Taken) -> str:
    """Return what can be uploaded, as a sentence."""
    if not taken.takes_files:
        return ""
    sentence = str(
        ngettext(
            "%(kinds)s. One file of up to %(limit)s MB.",
            "%(kinds)s. Up to %(num)s files of %(limit)s MB each.",
            taken.max_files,
            kinds=kinds_words(taken.file_kinds),
            limit=taken.max_mb,
        )
    )
    return sentence[:1].upper() + sentence[1:]


def details_words(kinds: tuple[str, ...]) -> list[str]:
    """Return sentences on what becomes of what cameras and programs wrote into files of these kinds."""
    said = []
    if "image" in kinds:
        said.append(str(_("Place and camera details are taken out of JPEG, PNG and WebP pictures.")))
    if set(kinds) - {"text"}:
        said.append(
            str(
                _(
                    "Assessors get a copy without the name of the file and without what cameras and programs wrote "
                    "into it about you; your own file stays as it is."
                )
            )
        )
    return said


def leaks_of(work: Work, what_changed: str, ai_note: str) -> list[tuple[str, Leak]]:
    """Return (part title, leak) for each place where an assessor could read who the learner is, the surest first."""
    if work.attempt is None:
        return []
    person = work.person
    looked_for = wanted(person.given_name, person.family_name, person.name, email=person.email, user=person.sub)
    texts = [Text("", "statement", what_changed), Text("", "statement", ai_note)]
    for part in (one for one in work.attempt.parts if one.part_id in work.open_parts):
        texts += [Text(part.part_id, "text", part.text), *map(_readable, part.artefacts)]
    found = surest_first(find_leaks(looked_for, texts))
    titles = {spec.id: part_title(work.definition, spec) for spec in work.definition.all_parts()}
    return [(titles.get(leak.part_id, str(_("Your statement"))), leak) for leak in found]


def _readable(artefact: Artefact) -> Text:
    """Return what an assessor can read in a file or link. Its name is not shown to her."""
    name = artefact.filename or ""
    if artefact.blob is None:
        return Text(artefact.part.part_id, "link", unquote(artefact.url or "", errors="replace"))
    where = "kept" if copy_of(artefact.blob).state == "as-is" else "inside"
    return Text(artefact.part.part_id, where, words_in(artefact.blob), name)


def not_cleaned(work: Work) -> dict[str, list[tuple[str, str]]]:
    """Return what is to be known of files of which assessors get something else than one would think.

    Sentence -> (part id, the learner's name) of each file that it is true of.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for part in (one for one in work.attempt.parts if one.part_id in work.open_parts) if work.attempt else ():
        for artefact in part.artefacts:
            if artefact.blob is not None:
                copy = copy_of(artefact.blob)
                if words := copy_words(copy.state, copy.notes):
                    found.setdefault(words, []).append((part.part_id, artefact.filename or ""))
    return found


def own_names(work: Work) -> dict[str, str]:
    """Return neutral name -> the learner's own, of all files of the attempt."""
    parts = work.attempt.parts if work.attempt else []
    return {neutral_name(item): item.filename or "" for part in parts for item in part.artefacts if item.blob}


def gap_links(work: Work, gaps: list[Gap]) -> list[tuple[str, str]]:
    """Return (where to go, sentence) for the error summary: a part's page, or a field of the statement."""
    fields = {"unchanged": "what_changed", "what_changed_long": "what_changed", "ai_note_long": "ai_note"}
    rows = []
    for gap in gaps:
        if gap.part_id is None:
            rows.append((fields.get(gap.code, gap.code), gap_words(gap)))
            continue
        title = part_title(work.definition, work.definition.part(gap.part_id))
        sentence = str(_("%(part)s: %(gap)s", part=title, gap=gap_words(gap)))
        rows.append((visit_url("evidence.part", part_id=gap.part_id), sentence))
    return rows


def feedback(work: Work, told: Told) -> list[dict[str, Any]]:
    """Return each criterion with its level's label, what the rubric says there and what it says where one passes."""
    labels = {level.id: level.label for level in work.definition.rubric.levels}
    wanted = work.definition.rubric.pass_rule.level
    rows = []
    for criterion in work.definition.rubric.criteria:
        one = told.criteria.get(criterion.id)
        if one is None:
            continue
        rows.append(
            {
                "id": criterion.id,
                "title": criterion.title,
                "level": labels.get(one.level, one.level),
                "met": one.met,
                "comment": one.comment,
                "pointer": one.pointer,
                "descriptor": criterion.descriptors.get(one.level, ""),
                "wanted": criterion.descriptors[wanted],
                "wanted_level": labels[wanted],
            }
        )
    return sorted(rows, key=lambda row: not row["met"])


def outline(work: Work) -> str:
    """Return everything that is asked for as plain text, to work on without a connection."""
    definition = work.definition
    lines = [definition.title, "", definition.competency, ""]
    for spec in definition.all_parts():
        lines += [f"## {part_title(definition, spec)}", part_request(spec)]
        if spec.words:
            lines.append(str(_("Words: %(low)s to %(high)s", low=spec.words.min, high=spec.words.max)))
        if isinstance(spec, ArtifactSpec):
            lines.append(kinds_words(spec.accept))
        lines += [str(_("Or, of equal worth: %(other)s", other=other)) for other in spec.alternatives]
        lines.append("")
    lines.append(f"## {_('How it is judged')}")
    for criterion in definition.rubric.criteria:
        lines += ["", criterion.title]
        lines += [f"- {level.label}: {criterion.descriptors[level.id]}" for level in definition.rubric.levels]
    return "\n".join(lines) + "\n"
