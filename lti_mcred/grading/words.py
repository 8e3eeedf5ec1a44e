"""What the rule says, in sentences: the outcome, what is next, the comment that stands in the gradebook, due days."""

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_mcred.grading.rubric import Judged, Judgement, points_of

# Moodle and Canvas take more, but a gradebook shows little: the whole feedback is one click away.
COMMENT_LIMIT = 4000
_SHORTEST = 40


def outcome_sentence(judgement: Judgement) -> str:
    """Return the outcome, the person first and kindly: one sentence."""
    points = points_of(judgement)
    if judgement.outcome == "earned":
        return str(_("You earned it: %(met)s of %(all)s criteria are met.", met=points.given, all=points.maximum))
    if points.given:
        return str(
            _(
                "You are on the way: %(met)s of %(all)s criteria are met. It is not earned yet.",
                met=points.given,
                all=points.maximum,
            )
        )
    return str(_("This is not earned yet. The feedback shows where to begin; you can try again."))


def profile_sentence(judgement: Judgement) -> str:
    """Return the outcome by rule for the assessor: which required criteria decide."""
    missing = [one.criterion.title for one in judgement.unmet if one.criterion.required]
    if judgement.outcome == "earned":
        return str(_("By the rule this is earned."))
    if missing:
        return str(_("By the rule this is not yet earned. Not met: %(criteria)s.", criteria="; ".join(missing)))
    return str(_("By the rule this is not yet earned: too few optional criteria are met."))


def next_sentence(judgement: Judgement) -> str:
    """Return what comes next for the learner."""
    if judgement.outcome == "earned":
        return str(_("Next: open the activity to see your badge."))
    return str(
        ngettext(
            "Next: open the activity to revise the part that is not met. What is met stays met.",
            "Next: open the activity to revise the %(num)s criteria that are not met. What is met stays met.",
            len(judgement.unmet),
        )
    )


def gradebook_comment(judgement: Judgement, limit: int = COMMENT_LIMIT) -> str:
    """Return the plain text for the LMS gradebook: outcome, one line a criterion, what is next.

    At most `limit` characters. Comments are shortened evenly when there is too much; outcome, levels and the last
    line always stay.
    """
    for room in (limit, 800, 400, 200, 100, _SHORTEST, 0):
        text = _comment(judgement, room)
        if len(text) <= limit:
            return text
    return text[: limit - 1] + "…"


def _comment(judgement: Judgement, room: int) -> str:
    lines = [outcome_sentence(judgement), ""]
    lines += [_criterion_words(one, room) for one in judgement.criteria]
    cut = any(len(_flat(one.comment)) > room for one in judgement.criteria)
    if cut:
        lines += ["", _("The whole feedback is in the activity.")]
    return "\n".join([*lines, "", next_sentence(judgement)])


def _criterion_words(one: Judged, room: int) -> str:
    label = one.level.label if one.level else ""
    values = {"criterion": one.criterion.title, "level": label, "comment": _cut_to(_flat(one.comment), room)}
    if one.met:
        return str(_("✓ %(criterion)s: %(level)s. %(comment)s", **values)).rstrip()
    return str(_("○ %(criterion)s: %(level)s, not met yet. %(comment)s", **values)).rstrip()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cut_to(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    return text[: room - 1].rstrip() + "…" if room else ""


def state_words() -> dict[str, str]:
    """Return what a state of a ledger row means, in the reader's language."""
    return {
        "sent": str(_("Sent")),
        "owed": str(_("On its way")),
        "superseded": str(_("Replaced by a newer one")),
        "held": str(_("Not sent")),
        "dead": str(_("Cannot be sent")),
        "kept": str(_("Your grade was kept")),
    }


def due_words(days: int) -> str:
    """Return the days that are left (negative: late) as people say them."""
    if days < 0:
        return str(ngettext("1 day late", "%(num)s days late", -days))
    if days == 0:
        return str(_("Due today"))
    return str(ngettext("Due tomorrow", "Due in %(num)s days", days))


def due_kind(days: int) -> str:
    """Return the meaning that colours a due day: attention when late or today, waiting within a week, plain."""
    if days <= 0:
        return "attention"
    return "waiting" if days <= 7 else "plain"
