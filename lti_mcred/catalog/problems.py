"""What a teacher is told when there is nothing to choose, or nowhere to put it."""

from lti_mcred.errors import N_, Row, Table

PROBLEMS = {
    "no-such-version": Row(
        N_("This micro-credential is not in the library"),
        N_("It may have been withdrawn."),
        N_("Go back and choose another one."),
        status=404,
    ),
    "not-picking": Row(
        N_("This page opens from “Add activity” in your course"),
        N_("You came here by another link, so there is nowhere to put what you choose."),
        N_("In your course, add an activity and choose this tool there."),
    ),
}
problem = Table(PROBLEMS).problem
