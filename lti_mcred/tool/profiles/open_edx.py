"""Open edX: how it is connected. It behaves as the specifications say, so it has the generic profile.

Source: the Open edX LTI consumer (xblock-lti-consumer); no Dynamic Registration, one registration for each component.
"""

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.guides import Guide
from lti_mcred.tool.profiles.messages import USUAL

TITLE = "Open edX"
PLACES = USUAL


def at_address(base: str) -> Endpoints:
    """Return the endpoints of an Open edX at `base`; token and key set end in an id that Studio shows."""
    return Endpoints(base, f"{base}/api/lti_consumer/v1/launch/")


GUIDE = Guide(
    key="openedx",
    title=TITLE,
    summary=_l("By hand, for each LTI component in Studio."),
    by_hand=(
        _l("In Studio, open Settings, Advanced Settings, and add “lti_consumer” to the advanced modules."),
        _l("Add an LTI Consumer component to a unit and edit it: LTI version 1.3, the tool URL, the login URL, "
           "public key mode “Keyset URL” with our keyset. Allow username and e-mail, and the grade service. "
           "Save."),
        _l("The component shows its values: copy them into the form below. Each component has a client ID of its own."),
    ),
    at_address=at_address,
)  # fmt: skip
