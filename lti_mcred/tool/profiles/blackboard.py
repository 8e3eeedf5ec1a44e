"""Blackboard Learn: registered once for the world by an application id; each school is a deployment of it.

Sources: Anthology, "Register an application" and "LTI registration and deployment" (docs.anthology.com); its launches
name the product `BlackboardLearn`.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.generic import RULES, final_or_handed_in
from lti_mcred.tool.profiles.guides import ByHand, Guide
from lti_mcred.tool.profiles.profile import LmsProfile
from lti_mcred.tool.profiles.registering import Registration

ISSUER = "https://blackboard.com"
_PORTAL = "https://developer.blackboard.com/api/v1"


def of_application(client_id: str) -> Endpoints:
    """Return the endpoints, the same for every school; the key set belongs to the client id."""
    return Endpoints(
        ISSUER,
        f"{_PORTAL}/gateway/oidcauth",
        f"{_PORTAL}/gateway/oauth2/jwttoken",
        f"{_PORTAL}/management/applications/{client_id}/jwks.json",
    )


def _worked_out(typed: Mapping[str, str]) -> Endpoints:
    return of_application(typed.get("client_id", ""))


GUIDE = Guide(
    key="blackboard",
    title="Blackboard",
    summary=_l("Once for the whole world at Anthology's developer portal; every school then types in one ID."),
    profile="blackboard",
    by_hand=(
        _l("Sign in at developer.anthology.com and register a REST or LTI application. Give it the domain of "
           "this tool, and switch on “My integration supports LTI 1.3”."),
        _l("Type in our values from below: the login initiation URL, the tool redirect URL and the JWKS URL. "
           "Signing algorithm: RS256."),
        _l("Add two placements: a Deep Linking content tool and a course tool, both with the tool URL. Save, and "
           "copy the application ID: it is the client ID for the form below."),
        _l("Give the client ID to each school. Its administrator opens Administrator Panel, LTI Tool Providers, "
           "“Register LTI 1.3/Advantage Tool”, pastes it, approves the tool, and allows name, e-mail, grades and "
           "membership."),
        _l("The first launch of each school waits here until you approve its deployment ID."),
    ),
    hand=ByHand(
        title=_l("Connect Blackboard"),
        lead=_l("One client ID serves all schools; each school is told apart by its deployment ID."),
        fields="admin/profiles/blackboard/their_values.html",
    ),
    common=of_application(""),
    worked_out=_worked_out,
)  # fmt: skip
BLACKBOARD = LmsProfile(
    name="blackboard",
    title="Blackboard",
    called="Blackboard",
    guide=GUIDE,
    registration=Registration(
        families=frozenset({"blackboardlearn"}),
        issuers_of_many=frozenset({ISSUER}),
    ),
    score_body=final_or_handed_in,
    rules=RULES,
)
