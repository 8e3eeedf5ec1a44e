"""Sakai: as the specifications say; it opens Submission Review from its gradebook.

Source: Sakai's IMS servlets. Its configuration calls the product `sakailms.org`, its launches `sakai`, and it opens the
address that a line item names for reviews.
"""

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.generic import RULES, final_or_handed_in
from lti_mcred.tool.profiles.guides import REVIEW, Guide
from lti_mcred.tool.profiles.messages import GRADEBOOK, USUAL
from lti_mcred.tool.profiles.profile import LmsProfile
from lti_mcred.tool.profiles.registering import Registration


def at_address(base: str) -> Endpoints:
    """Return the endpoints of a Sakai at `base`; token and key set end in a number that Sakai shows."""
    return Endpoints(base, f"{base}/imsoidc/lti13/oidc_auth")


GUIDE = Guide(
    key="sakai",
    title="Sakai",
    summary=_l("By a registration link (Sakai 21 and later), or by hand."),
    profile="sakai",
    by_link=(
        _l("In Sakai, open Administration Workspace, External Tools, “LTI Advantage Auto Provision”."),
        _l("Give the tool a title and press “Auto Provision”. Then press “Use LTI Advantage Auto Configuration” "
           "and paste the link."),
        REVIEW,
        _l("Allow Sakai to send name and e-mail, to give access to the services, and choose the places. Save."),
    ),
    by_hand=(
        _l("In Sakai, open Administration Workspace, External Tools, “Install LTI 1.x Tool”, and switch on LTI 1.3."),
        _l("Type in our values from below. Allow the launch and the deep linking message, the services, name "
           "and e-mail. Save."),
        _l("Open the tool's details: Sakai shows its values. Copy them into the form below."),
    ),
    paste_link=_l(
        "Administration Workspace, External Tools, LTI Advantage Auto Provision. Give it a title, press “Auto "
        "Provision”, then “Use LTI Advantage Auto Configuration”, and paste the link."
    ),
    at_address=at_address,
)  # fmt: skip
SAKAI = LmsProfile(
    name="sakai",
    title="Sakai",
    called="Sakai",
    guide=GUIDE,
    registration=Registration(families=frozenset({"sakai", "sakailms.org"})),
    places=(*USUAL, GRADEBOOK),
    score_body=final_or_handed_in,
    rules=RULES,
)
