"""What an LMS is told whose notices cannot be taken."""

from lti_mcred.errors import N_, Row, Table, Who

PROBLEMS = {
    "notice-not-trusted": Row(
        N_("We could not make sure that this notice comes from your LMS"),
        N_("The registration in the LMS and the one in this tool differ, or the notice is too old."),
        N_("Compare the registration in the LMS with the one in this tool."),
        Who.LMS_ADMIN,
        status=0,
    ),
    "no-notices": Row(
        N_("There is no notice in this message"),
        N_("It should hold a list of 1 to %(most)s signed notices."),
        N_("Send notices as the Platform Notification Service describes them."),
        Who.LMS_ADMIN,
    ),
}
problem = Table(PROBLEMS).problem
