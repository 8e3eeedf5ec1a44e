"""Where an LMS has its endpoints, worked out from its own address: what nobody should have to look up. Pure.

Sources: Canvas documentation on developer keys; Moodle mod/lti; D2L and Anthology documentation for developers; Sakai's
IMS servlets; the Open edX LTI consumer. What an administrator reads in the LMS wins: every value can be changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

# Hosted Canvas: environment -> (issuer, host of the endpoints). Beta and test are copies with the same client ids.
CANVAS_HOSTED = {
    "production": ("https://canvas.instructure.com", "https://sso.canvaslms.com"),
    "beta": ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com"),
    "test": ("https://canvas.test.instructure.com", "https://sso.test.canvaslms.com"),
}
# The issuer of a school's own Canvas too, unless its config/security.yml names another.
CANVAS_ISSUER = CANVAS_HOSTED["production"][0]
CANVAS_ISSUERS = frozenset(issuer for issuer, _host in CANVAS_HOSTED.values())
BLACKBOARD_ISSUER = "https://blackboard.com"
_BLACKBOARD = "https://developer.blackboard.com/api/v1"


@dataclass(frozen=True)
class Endpoints:
    """What a registration holds of an LMS; "" where only the LMS's administrator can know."""

    issuer: str = ""
    auth_url: str = ""
    token_url: str = ""
    jwks_url: str = ""
    token_audience: str = ""


def usual_policy(issuer: str) -> str:
    """Return what becomes of unknown deployments by default: one client id of Blackboard serves all its schools."""
    return "ask" if issuer == BLACKBOARD_ISSUER else "first"


def canvas(host: str, issuer: str = CANVAS_ISSUER) -> Endpoints:
    """Return the endpoints of a Canvas at `host` (https://canvas.example.edu)."""
    base = host.rstrip("/")
    return Endpoints(
        issuer,
        f"{base}/api/lti/authorize_redirect",
        f"{base}/login/oauth2/token",
        f"{base}/api/lti/security/jwks",
    )


def canvas_hosted(environment: str) -> Endpoints:
    """Return the endpoints of Instructure's Canvas: production, beta or test."""
    issuer, host = CANVAS_HOSTED[environment]
    return canvas(host, issuer)


def blackboard(client_id: str) -> Endpoints:
    """Return the endpoints of Blackboard, the same for every school; the key set belongs to the client id."""
    return Endpoints(
        BLACKBOARD_ISSUER,
        f"{_BLACKBOARD}/gateway/oidcauth",
        f"{_BLACKBOARD}/gateway/oauth2/jwttoken",
        f"{_BLACKBOARD}/management/applications/{client_id}/jwks.json",
    )


def moodle(base: str) -> Endpoints:
    """Return the endpoints of a Moodle at `base`."""
    return Endpoints(base, f"{base}/mod/lti/auth.php", f"{base}/mod/lti/token.php", f"{base}/mod/lti/certs.php")


def brightspace(base: str) -> Endpoints:
    """Return the endpoints of a Brightspace at `base`: tokens come from D2L, who want an audience of their own."""
    return Endpoints(
        base,
        f"{base}/d2l/lti/authenticate",
        "https://auth.brightspace.com/core/connect/token",
        f"{base}/d2l/.well-known/jwks",
        "https://api.brightspace.com/auth/token",
    )


def sakai(base: str) -> Endpoints:
    """Return the endpoints of a Sakai at `base`; token and key set end in a number that Sakai shows."""
    return Endpoints(base, f"{base}/imsoidc/lti13/oidc_auth")


def open_edx(base: str) -> Endpoints:
    """Return the endpoints of an Open edX at `base`; token and key set end in an id that Studio shows."""
    return Endpoints(base, f"{base}/api/lti_consumer/v1/launch/")


FROM_ADDRESS: dict[str, Callable[[str], Endpoints]] = {
    "canvas": canvas,
    "moodle": moodle,
    "brightspace": brightspace,
    "sakai": sakai,
    "openedx": open_edx,
}


def from_address(lms: str, address: str) -> Endpoints:
    """Return the endpoints of the `lms` at `address`; empty ones for an LMS that we know nothing of."""
    base = address.strip().rstrip("/")
    known = FROM_ADDRESS.get(lms)
    return known(base) if known and base else Endpoints()
