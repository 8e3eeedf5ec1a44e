"""D2L Brightspace: tokens come from D2L, who want an audience of their own; else as the specifications say.

Sources: D2L, "Register an external learning tool for LTI Advantage" and "Tool registration, deployment, and links" (a
registration is off until it is looked through, and needs a deployment); docs.valence.desire2learn.com, res/ltiadvantage
(Submission Review is one of its extensions); `desire2learn` is how its launches name the product.
"""

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.generic import RULES, final_or_handed_in
from lti_mcred.tool.profiles.guides import REVIEW, Guide
from lti_mcred.tool.profiles.messages import GRADEBOOK, USUAL
from lti_mcred.tool.profiles.profile import LmsProfile
from lti_mcred.tool.profiles.registering import Registration

AUDIENCE_OF_D2L = "https://api.brightspace.com/auth/token"


def at_address(base: str) -> Endpoints:
    """Return the endpoints of a Brightspace at `base`."""
    return Endpoints(
        base,
        f"{base}/d2l/lti/authenticate",
        "https://auth.brightspace.com/core/connect/token",
        f"{base}/d2l/.well-known/jwks",
        AUDIENCE_OF_D2L,
    )


GUIDE = Guide(
    key="brightspace",
    title="Brightspace",
    summary=_l("By a registration link, or by hand."),
    profile="brightspace",
    by_link=(
        _l("In Brightspace, open Admin Tools, Manage Extensibility, LTI Advantage, “Register Tool”, “Dynamic”."),
        _l("Paste the link as “Tool initiation registration endpoint” and go on. Our page opens in a new tab."),
        REVIEW,
        _l("Press “Finish” and close the tab. The registration is still off: open it, look through the "
           "extensions, switch it on."),
        _l("Press “View Deployments”, “New Deployment”. Choose the tool, share name and e-mail, and choose your "
           "org units."),
    ),
    by_hand=(
        _l("In Brightspace, open Admin Tools, Manage Extensibility, LTI Advantage, “Register Tool”, “Standard”."),
        _l("Type in our values from below. Extensions: Assignment and Grade Services, Deep Linking, Names "
           "and Role Provisioning Services, Submission Review."),
        _l("Register. Brightspace shows its values: copy them into the form below, the OAuth2 Audience too."),
        _l("Press “View Deployments”, “New Deployment”. Choose the tool, share name and e-mail, and choose your "
           "org units. The deployment ID stands on the page that follows."),
    ),
    paste_link=_l(
        "Admin Tools, Manage Extensibility, LTI Advantage, Register Tool, Dynamic. Paste the link as “Tool initiation "
        "registration endpoint”."
    ),
    at_address=at_address,
)  # fmt: skip
BRIGHTSPACE = LmsProfile(
    name="brightspace",
    title="Brightspace",
    called="Brightspace",
    guide=GUIDE,
    registration=Registration(
        families=frozenset({"desire2learn"}),
        domains=("brightspace.com",),
        token_audience=AUDIENCE_OF_D2L,
        next_step=_l(
            "In Brightspace the registration is still off: open it, look through the extensions, switch it on. Then "
            "make a deployment for your org units."
        ),
    ),
    places=(*USUAL, GRADEBOOK),
    score_body=final_or_handed_in,
    rules=RULES,
)
