"""What assessors and teachers are told when work is not theirs to read, to decide or to give back."""

from lti_mcred.errors import N_, Row, Table

PROBLEMS = {
    "attempt-taken": Row(
        N_("Somebody else is reading this one now"),
        N_("Another assessor took it a moment ago, or it was withdrawn."),
        N_("Go back to your desk and take the next one."),
        status=409,
    ),
    "release-reason": Row(
        N_("Choose why you give it back"),
        N_("The reason is kept with it, and so is your draft."),
        N_("Go back and choose one of the reasons."),
    ),
    "nothing-decided-here": Row(
        N_("There is nothing to see here"),
        N_("Nothing has been decided yet, or it belongs to another person or course."),
        N_("Go back to your course and open the activity again."),
        status=404,
    ),
    "nothing-missing": Row(
        N_("Say what is missing"),
        N_("The learner can only add what is named. Nothing was sent."),
        N_("Write at least one line about a part that is missing or cannot be opened."),
        status=422,
    ),
    "not-yours-any-more": Row(
        N_("This one is not open to you any more"),
        N_("It was decided or withdrawn, or your two hours ran out and another assessor took it. Your draft is kept."),
        N_("Go back to your desk and take the next one."),
        status=409,
    ),
    "no-course": Row(
        N_("There is no class list here"),
        N_("This page was not opened from a course."),
        N_("Open the tool from one of your courses."),
        status=404,
    ),
    "no-such-assessment": Row(
        N_("There is nothing to score here"),
        N_("The address may be cut short, or it belongs to another assessor."),
        N_("Go to your desk and take the next one."),
        status=404,
    ),
}
problem = Table(PROBLEMS).problem
