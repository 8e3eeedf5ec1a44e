"""What is said when a message of an LMS cannot be read or believed, or comes from an LMS that is not registered."""

from lti_mcred.errors import N_, Row, Who
from lti_mcred.tool.refusals.table import OPEN_AGAIN, DoorTable

PROBLEMS = {
    "login-unknown-platform": Row(
        N_("This LMS is not registered here yet"),
        N_("The tool does not know this issuer together with this client ID."),
        N_("Send these values to the administrator of your LMS. The tool has to be registered, or registered again."),
        Who.YOUR_LMS_ADMIN,
        status=403,
    ),
    "launch-unreadable": Row(
        N_("We could not read what the LMS sent"),
        N_("The field “%(name)s” does not have the form that LTI asks for."),
        OPEN_AGAIN,
    ),
    "launch-not-trusted": Row(
        N_("We could not make sure that this comes from your LMS"),
        (
            N_("The registration in the LMS and the one in this tool differ, or the LMS has changed its keys."),
            "%(reason)s",
        ),
        N_("Send these values to the administrator of your LMS and ask to compare them with the registration."),
        Who.YOUR_LMS_ADMIN,
        status=0,
    ),
    "launch-in-a-moment": Row(
        N_("Please open this again in a moment"),
        N_("Your LMS may have changed its keys, and this tool was asked to look too often just now."),
        N_("Wait half a minute, then open the activity again from your course."),
        status=0,
    ),
    "launch-too-late": Row(
        N_("This launch took too long"),
        (N_("A launch is good for some minutes only. If it happens every time, a clock is wrong."), "%(reason)s"),
        OPEN_AGAIN,
        status=0,
    ),
    "launch-too-early": Row(
        N_("This launch is not good yet"),
        (
            N_(
                "The LMS has made it out for a later time. The clock of the LMS and the one of this tool differ, or "
                "one of them is wrong."
            ),
            "%(reason)s",
        ),
        N_(
            "Open the activity again in some minutes. If it happens every time, send these values to the administrator "
            "of your LMS and ask to compare the clocks."
        ),
        Who.YOUR_LMS_ADMIN,
        status=0,
    ),
    "launch-other-login": Row(
        N_("This launch belongs to another sign-in"),
        (
            N_("That happens when two windows are opened at the same moment, or when a page is sent a second time."),
            "%(reason)s",
        ),
        OPEN_AGAIN,
        status=0,
    ),
    "launch-incomplete": Row(
        N_("The LMS left something out"),
        (N_("The message of the LMS does not hold everything that an LTI 1.3 launch needs."), "%(reason)s"),
        N_("Send these values to the administrator of your LMS."),
        Who.YOUR_LMS_ADMIN,
        status=0,
    ),
    "launch-anonymous": Row(
        N_("Please sign in to your LMS first"),
        (N_("The LMS did not say who you are, so nothing could be saved for you."), "%(reason)s"),
        N_("Sign in to your LMS, then open the activity again from your course."),
        status=0,
    ),
}
refusal = DoorTable(PROBLEMS).refusal
