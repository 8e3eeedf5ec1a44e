"""How Canvas is connected, and where it has its endpoints.

Sources: Canvas documentation on developer keys and on its hosts; config/security.yml of a Canvas of one's own.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.guides import REVIEW, ByHand, Guide

# Hosted Canvas: environment -> (issuer, host of the endpoints). Beta and test are copies with the same client ids.
HOSTED = {
    "production": ("https://canvas.instructure.com", "https://sso.canvaslms.com"),
    "beta": ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com"),
    "test": ("https://canvas.test.instructure.com", "https://sso.test.canvaslms.com"),
}
# The issuer of a school's own Canvas too, unless its config/security.yml names another.
ISSUER = HOSTED["production"][0]


def on_host(host: str, issuer: str = ISSUER) -> Endpoints:
    """Return the endpoints of a Canvas at `host` (https://canvas.example.edu)."""
    base = host.rstrip("/")
    return Endpoints(
        issuer,
        f"{base}/api/lti/authorize_redirect",
        f"{base}/login/oauth2/token",
        f"{base}/api/lti/security/jwks",
    )


def worked_out(typed: Mapping[str, str]) -> Endpoints:
    """Return the endpoints of Instructure's Canvas (production, beta or test), or of the one whose host was typed."""
    hosted = HOSTED.get(typed.get("environment", ""))
    if hosted:
        issuer, host = hosted
        return on_host(host, issuer)
    return on_host(typed.get("host", ""), typed.get("issuer") or ISSUER)


GUIDE = Guide(
    key="canvas",
    title="Canvas",
    summary=_l("By a registration link, or with a developer key by URL."),
    profile="canvas",
    by_link=(
        _l("In Canvas, open Admin, your account, Developer Keys."),
        _l("Press “+ Developer Key”, then “+ LTI Registration”. Paste the link and go on. In newer Canvas: "
           "Admin, Apps, Manage, “Install a New App”, “Dynamic Registration”."),
        REVIEW,
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
    paste_link=_l(
        "Admin, Developer Keys, + Developer Key, + LTI Registration. Paste the link, then confirm. In newer Canvas: "
        "Admin, Apps, Manage, Install a New App, Dynamic Registration."
    ),
    renew=_l(
        "Admin, Apps, Manage: open this tool, choose to update it, and paste the link. Where Canvas does not offer "
        "that, change the developer key by hand."
    ),
    hand=ByHand(
        title=_l("Connect Canvas with a developer key"),
        offer=_l(
            "With a developer key: Canvas reads our configuration from an address, and you type its client ID in here."
        ),
        button=_l("Use a developer key"),
        values="admin/profiles/canvas/our_values.html",
        fields="admin/profiles/canvas/their_values.html",
    ),
    common=Endpoints(ISSUER),
    worked_out=worked_out,
    worked_out_from="host",
)  # fmt: skip
