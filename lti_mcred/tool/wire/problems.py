"""What a teacher is told when the LMS does not take what she picked."""

from lti_mcred.errors import N_, Row, Table, Who

PROBLEMS = {
    "picker-not-signed": Row(
        N_("We could not sign the answer to your LMS"),
        N_("Nothing was added to your course."),
        N_("Try again. If it stays, tell the administrator of this tool the reference."),
        Who.TOOL_ADMIN,
        status=500,
    ),
    "picker-without-request": Row(
        N_("Your LMS is not waiting for a choice"),
        N_("This page was not opened to pick an activity."),
        N_("Go back to your course and choose this tool again where you add content."),
    ),
    "picker-wrong-place": Row(
        N_("The LMS does not take activities at this place"),
        N_("It accepts other kinds of content here."),
        N_("Add the activity from the list of assignments or modules instead."),
    ),
    "picker-one-only": Row(
        N_("The LMS takes one activity at a time here"),
        "",
        N_("Go back and choose one."),
    ),
}
problem = Table(PROBLEMS).problem
