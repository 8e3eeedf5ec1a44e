"""How each LMS is connected: its ways, and where its administrator finds the menus. Words only.

Sources: Instructure, Moodle, D2L, Anthology, Sakai and Open edX documentation for administrators.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

Steps = tuple[Any, ...]
_REVIEW = _l("Our page shows what is installed and what is shared. Look through it, then press “Register”.")


@dataclass(frozen=True)
class Guide:
    """One LMS of the chooser. A way without steps is not offered. `profile`: the LMS profile of what is registered.

    `form`: which form takes the values of the LMS: canvas, blackboard or hand. `address`: whether they can be worked
    out from its web address.
    """

    key: str
    title: Any
    summary: Any
    profile: str = "generic"
    by_link: Steps = ()
    by_hand: Steps = ()
    form: str = "hand"
    address: bool = False


CANVAS = Guide(
    "canvas",
    "Canvas",
    _l("By a registration link, or with a developer key by URL."),
    profile="canvas",
    by_link=(
        _l("In Canvas, open Admin, your account, Developer Keys."),
        _l("Press “+ Developer Key”, then “+ LTI Registration”. Paste the link and go on. In newer Canvas: "
           "Admin, Apps, Manage, “Install a New App”, “Dynamic Registration”."),
        _REVIEW,
        _l("Canvas shows the permissions and places. Confirm them, and switch the tool on."),
    ),
    by_hand=(
        _l("In Canvas, open Admin, your account, Developer Keys. Press “+ Developer Key”, then “+ LTI Key”."),
        _l("Choose the method “Enter URL”. Paste the launch address as “Redirect URIs” and the configuration "
           "address as “JSON URL”. Save."),
        _l("Switch the new key on. The long number beside it is the client ID: copy it into the form below."),
        _l("Open Settings, Apps, “View App Configurations”, “+ App”. Choose “By Client ID”, paste the number, "
           "install."),
    ),
    form="canvas",
)  # fmt: skip
MOODLE = Guide(
    "moodle",
    "Moodle",
    _l("By a registration link (Moodle 3.10 and later), or by hand."),
    profile="moodle",
    by_link=(
        _l("In Moodle, open Site administration, Plugins, Activity modules, External tool, Manage tools."),
        _l("Paste the link as “Tool URL” and press “Add LTI Advantage”."),
        _REVIEW,
        _l("Press “Finish”. The tool waits as “Pending”: press “Activate”."),
        _l("In a course, open More, LTI External tools, and switch it on. Now teachers find it where they add "
           "activities."),
    ),
    by_hand=(
        _l("In Moodle, open Site administration, Plugins, Activity modules, External tool, Manage tools, "
           "“Configure a tool manually”."),
        _l("Choose LTI version 1.3 and the public key type “Keyset URL”. Type in our values from below."),
        _l("Services: “Use this service for grade sync and column management”, and “Use this service to retrieve "
           "members' information”. Privacy: share name and e-mail always. Accept grades: delegate to teacher. "
           "Supports Deep Linking: on."),
        _l("Save. In the list, the magnifying glass shows the values for the form below."),
    ),
    address=True,
)  # fmt: skip
BRIGHTSPACE = Guide(
    "brightspace",
    "Brightspace",
    _l("By a registration link, or by hand."),
    by_link=(
        _l("In Brightspace, open Admin Tools, Manage Extensibility, LTI Advantage, “Register Tool”, “Dynamic”."),
        _l("Paste the link as “Tool initiation registration endpoint” and go on. Our page opens in a new tab."),
        _REVIEW,
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
    address=True,
)  # fmt: skip
BLACKBOARD = Guide(
    "blackboard",
    "Blackboard",
    _l("Once for the whole world at Anthology's developer portal; every school then types in one ID."),
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
    form="blackboard",
)  # fmt: skip
SAKAI = Guide(
    "sakai",
    "Sakai",
    _l("By a registration link (Sakai 21 and later), or by hand."),
    by_link=(
        _l("In Sakai, open Administration Workspace, External Tools, “LTI Advantage Auto Provision”."),
        _l("Give the tool a title and press “Auto Provision”. Then press “Use LTI Advantage Auto Configuration” "
           "and paste the link."),
        _REVIEW,
        _l("Allow Sakai to send name and e-mail, to give access to the services, and choose the places. Save."),
    ),
    by_hand=(
        _l("In Sakai, open Administration Workspace, External Tools, “Install LTI 1.x Tool”, and switch on LTI 1.3."),
        _l("Type in our values from below. Allow the launch and the deep linking message, the services, name "
           "and e-mail. Save."),
        _l("Open the tool's details: Sakai shows its values. Copy them into the form below."),
    ),
    address=True,
)  # fmt: skip
OPEN_EDX = Guide(
    "openedx",
    "Open edX",
    _l("By hand, for each LTI component in Studio."),
    by_hand=(
        _l("In Studio, open Settings, Advanced Settings, and add “lti_consumer” to the advanced modules."),
        _l("Add an LTI Consumer component to a unit and edit it: LTI version 1.3, the tool URL, the login URL, "
           "public key mode “Keyset URL” with our keyset. Allow username and e-mail, and the grade service. "
           "Save."),
        _l("The component shows its values: copy them into the form below. Each component has a client ID of its own."),
    ),
    address=True,
)  # fmt: skip
OTHER = Guide(
    "other",
    _l("Another LMS"),
    _l("Every LMS that speaks LTI 1.3 can be connected by hand; some also by a registration link."),
    by_link=(
        _l("In your LMS, look where tools are added for “Dynamic Registration” or “registration URL”, and paste "
           "the link."),
        _REVIEW,
        _l("Some LMSs keep a new tool switched off. Look in the list of tools and switch it on for your courses."),
    ),
    by_hand=(
        _l("In your LMS, add an external tool of LTI version 1.3 (LTI Advantage). Type in our values from below."),
        _l("Allow name and e-mail, Assignment and Grade Services, Names and Role Provisioning, and Deep Linking."),
        _l("Copy the values of your LMS into the form below."),
    ),
)  # fmt: skip
GUIDES: dict[str, Guide] = {
    guide.key: guide for guide in (CANVAS, MOODLE, BRIGHTSPACE, BLACKBOARD, SAKAI, OPEN_EDX, OTHER)
}
