"""What is said to whoever may not administer, or asks for what is not there."""

from lti_mcred.errors import N_, Row, Table, Who

_OPENS_ONCE = N_("Every link opens the administration once, within some minutes.")
_MAKE_NEW = N_("Make a new one on the server, with the command: lti-mcred admin link")

PROBLEMS = {
    "admin-signed-out": Row(
        N_("Please open the administration with a link"),
        N_("You are not signed in here, or you were away for too long. Nothing is lost."),
        N_("Make a new link on the server, with the command: lti-mcred admin link"),
        Who.OPERATOR,
        status=401,
    ),
    "admin-form-foreign": Row(
        N_("This form did not come from this page"),
        N_("Nothing was changed. It may have been open since an earlier sign-in."),
        N_("Open the page again and send the form once more."),
        status=403,
    ),
    "no-such-lms": Row(
        N_("We have no page for that LMS"),
        N_("The address may be cut short."),
        N_("Go back to the list and choose yours, or “Another LMS”."),
        status=404,
    ),
    "no-such-person": Row(
        N_("There is no such person here"),
        N_("The address may be cut short."),
        N_("Go back to the list and look for the name there."),
        status=404,
    ),
    "administration-is-for-admins": Row(
        N_("This page is for the administrators of your LMS"),
        N_("Your LMS does not say that you are one."),
        N_("Open an activity from your course instead."),
        Who.YOUR_LMS_ADMIN,
        status=403,
    ),
    "operator-only": Row(
        N_("Only the people who run this tool can do this"),
        N_("Your administration covers your own installation."),
        N_("Ask them. The address stands at the foot of the page."),
        Who.OPERATOR,
        status=403,
    ),
    "no-such-platform": Row(
        N_("There is no such LMS here"),
        N_("The address may be cut short."),
        N_("Go back to the list and open it from there."),
        status=404,
    ),
    "admin-link-used": Row(N_("This link is used up"), _OPENS_ONCE, _MAKE_NEW, Who.OPERATOR, status=403),
    "admin-link-over": Row(N_("This link is not good any more"), _OPENS_ONCE, _MAKE_NEW, Who.OPERATOR, status=403),
}
problem = Table(PROBLEMS).problem
