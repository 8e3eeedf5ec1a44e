"""What the administrator of an LMS is told when a registration does not come about. Nothing was changed then."""

from lti_mcred.errors import N_, Row, Who
from lti_mcred.tool.refusals.table import DoorTable

_START_AGAIN = N_("Then start again; the invitation is still good.")
_INVITATIONS_END = N_("An invitation ends after some days, and most work once.")
_NEW_LINK = N_("Ask the administrator of this tool for a new link.")
_OF_ANOTHER = N_("This link belongs to another registration")
_WHERE_IT_IS = N_("Open it from the LMS that it was made for, and there as an update of the tool that is installed.")

PROBLEMS = {
    "registration-refused": Row(
        N_("Your LMS did not take the registration"),
        N_("It said: %(words)s"),
        N_("Start the registration again in your LMS; its own link works once. This invitation is still good."),
        Who.YOUR_LMS_ADMIN,
        status=422,
    ),
    "registration-configuration/id": Row(
        N_("Your LMS sent an ID that cannot be stored"),
        N_(
            "It registered the tool, but nothing was stored here: an ID has at most 255 characters, plain letters, "
            "digits and signs only (ASCII)."
        ),
        N_(
            "Delete the registration in your LMS and start again; this invitation is still good. If it happens again, "
            "send this page to whoever makes your LMS, or register the tool by hand."
        ),
        Who.YOUR_LMS_ADMIN,
        status=422,
    ),
    "registration-address": Row(
        N_("The address of the LMS cannot be used"),
        N_("It must begin with https:// and must not lead into a private network."),
        N_("Check the address of your LMS and start the registration again from there."),
        Who.YOUR_LMS_ADMIN,
    ),
    "registration-without-invitation": Row(
        N_("This address needs an invitation"),
        N_("The administrator of this tool makes a registration link for each LMS. The whole link has to be used."),
        N_("Ask the administrator of this tool for a link, and copy all of it into your LMS."),
        Who.TOOL_ADMIN,
        status=403,
    ),
    "registration-moved": Row(
        N_("Your LMS has other addresses now"),
        N_("This link renews a registration whose addresses stay. Nothing was changed."),
        N_("Ask the administrator of this tool for a link that may change them."),
        Who.TOOL_ADMIN,
        status=409,
    ),
    "registration-unseen": Row(
        N_("Your LMS describes itself differently than a moment ago"),
        N_("So you have not seen what would be changed. Nothing was changed."),
        N_("Start again from your LMS, and look through the addresses."),
        Who.YOUR_LMS_ADMIN,
        status=409,
    ),
    "registration-configuration": Row(
        N_("The LMS describes itself in a way that we cannot use"),
        "%(what)s",
        N_("Send this to the administrator of your LMS, or register the tool by hand."),
        Who.YOUR_LMS_ADMIN,
        status=422,
    ),
    "registration-unreachable": Row(
        N_("We could not reach your LMS"),
        "%(words)s",
        (N_("Check that this tool can reach the LMS."), _START_AGAIN),
        Who.YOUR_LMS_ADMIN,
        status=502,
    ),
    "registration-unreachable/cause": Row(
        N_("We could not reach your LMS"), "%(words)s", ("%(advice)s", _START_AGAIN), "%(who)s", status=502
    ),
    "registration-not-invited": Row(
        N_("This invitation is not good any more"), _INVITATIONS_END, _NEW_LINK, Who.TOOL_ADMIN, status=403
    ),
    "registration-not-invited/used": Row(
        N_("This invitation is used up"), _INVITATIONS_END, _NEW_LINK, Who.TOOL_ADMIN, status=403
    ),
    "registration-not-stored": Row(
        N_("The registration could not be stored"),
        "%(why)s",
        N_(
            "Start the registration again in your LMS; this invitation is still good. If this page comes again, send "
            "it to the administrator of this tool."
        ),
        Who.YOUR_LMS_ADMIN,
        status=409,
    ),
    "registration-not-stored/known": Row(
        N_("The registration could not be stored"),
        N_("This issuer and client ID are registered already, with other addresses."),
        N_("Ask the administrator of this tool for a link that renews the earlier registration."),
        Who.TOOL_ADMIN,
        status=409,
    ),
    "registration-of-another/removed": Row(
        _OF_ANOTHER,
        N_("The registration that this link renews was removed."),
        _WHERE_IT_IS,
        Who.YOUR_LMS_ADMIN,
        status=409,
    ),
    "registration-of-another/shared": Row(
        _OF_ANOTHER,
        N_("It serves several installations by now, so only the operator's link renews it."),
        _WHERE_IT_IS,
        Who.YOUR_LMS_ADMIN,
        status=409,
    ),
    "registration-of-another/client": Row(
        _OF_ANOTHER, N_("It answered with another client ID: %(id)s"), _WHERE_IT_IS, Who.YOUR_LMS_ADMIN, status=409
    ),
    "registration-of-another/issuer": Row(
        _OF_ANOTHER, N_("It calls itself %(issuer)s."), _WHERE_IT_IS, Who.YOUR_LMS_ADMIN, status=409
    ),
}
refusal = DoorTable(PROBLEMS).refusal
