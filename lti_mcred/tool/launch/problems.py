"""What is said to whoever cannot come in: no launch, one that is over, an installation that may not open the tool."""

from lti_mcred.errors import N_, Row, Who
from lti_mcred.tool.refusals.table import OPEN_AGAIN, DoorTable

_OPEN_AGAIN_PLEASE = N_("Please open this again from your course")
_USED_UP = N_("Every launch opens the activity once. You came back to one that is used up.")
_SIGN_IN = Row(
    N_("Please sign in to your LMS again"),
    N_("Your LMS does not see you as signed in, or somebody else is signed in in this browser."),
    N_("Sign in to your LMS, then open the activity again from your course."),
    status=401,
)
_NOT_ALLOWED = Row(
    N_("The LMS does not let this tool open here"),
    N_("The tool is switched off for this course or account, or its registration is not finished."),
    N_("Ask the administrator of your LMS to switch the tool on, and send these values along."),
    Who.YOUR_LMS_ADMIN,
    status=403,
)

PROBLEMS = {
    "launch-not-served": Row(
        N_("This tool has no page for that"),
        N_("The LMS asked for “%(kind)s”."),
        N_("Open an activity or the course page of this tool."),
    ),
    "login-client-missing": Row(
        N_("The LMS did not say which installation this is"),
        N_("Several installations share this issuer, so the client ID is needed."),
        N_("Ask the administrator of your LMS to update the tool's settings."),
        Who.YOUR_LMS_ADMIN,
    ),
    "login-incomplete": Row(
        N_("This address is opened by your LMS"),
        N_("It needs details that only the LMS can send along."),
        OPEN_AGAIN,
    ),
    "launch-unknown": Row(
        N_("Please open this from your course"),
        N_("We have no sign-in that belongs to this launch. It may have been too long ago."),
        OPEN_AGAIN,
    ),
    "launch-without-state": Row(
        N_("Please open this from your course"),
        N_("A launch begins in the LMS; this one came without its beginning."),
        OPEN_AGAIN,
    ),
    "deployment-pending": Row(
        N_("This installation waits for approval"),
        N_("The tool is registered, but this deployment of it is new to us."),
        N_("Send these values to the administrator of this tool and ask to approve the deployment."),
        Who.YOUR_LMS_ADMIN,
        status=403,
    ),
    "deployment-refused": Row(
        N_("This installation may not open the tool"),
        N_("The administrator of this tool has not approved it."),
        N_("If that is a mistake, send them these values and ask to approve the deployment."),
        Who.YOUR_LMS_ADMIN,
        status=403,
    ),
    "launch-address": Row(
        N_("Please open this from your course"),
        N_("This address works only when your LMS opens it."),
        OPEN_AGAIN,
        status=404,
    ),
    "cookies-off": Row(
        N_("Your browser keeps no cookies for this page"),
        N_("Without one we cannot tell that the sign-in of your LMS is yours."),
        N_("Allow cookies for this page in your browser, then open the activity again from your course."),
    ),
    # Back button, reload and double click: normal behaviour of people, so a friendly page.
    "launch-used": Row(_OPEN_AGAIN_PLEASE, _USED_UP, OPEN_AGAIN, status=409),
    "launch-expired": Row(
        _OPEN_AGAIN_PLEASE, N_("The sign-in took longer than %(n)s minutes."), OPEN_AGAIN, status=408
    ),
    # What a platform posts instead of a launch.
    "lms-launch-no-longer-valid": Row(_OPEN_AGAIN_PLEASE, _USED_UP, OPEN_AGAIN, status=409),
    "lms-login-required": _SIGN_IN,
    "lms-interaction-required": _SIGN_IN,
    "lms-account-selection-required": _SIGN_IN,
    "lms-consent-required": _SIGN_IN,
    "lms-access-denied": _NOT_ALLOWED,
    "lms-unauthorized-client": _NOT_ALLOWED,
    "lms-refused": Row(
        N_("The LMS and this tool do not understand each other"),
        N_("The registration of the tool in the LMS needs to be looked at."),
        N_("Send these values to the administrator of your LMS."),
        Who.YOUR_LMS_ADMIN,
    ),
}
refusal = DoorTable(PROBLEMS).refusal
