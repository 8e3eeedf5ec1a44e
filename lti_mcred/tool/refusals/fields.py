"""Form and query fields from strangers: known names, once each, bounded, without NUL."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from lti_mcred.tool.refusals.problems import refusal

# name -> longest value in bytes. Canvas's hints are signed tokens of about 500; other LMSs pack whole launches.
LOGIN_FIELDS = {
    "iss": 1000,
    "client_id": 255,
    "login_hint": 4000,
    "lti_message_hint": 16_000,
    "target_link_uri": 4000,
    "lti_deployment_id": 255,
    "deployment_id": 255,
    "lti_storage_target": 255,
}
LAUNCH_FIELDS = {
    "state": 255,
    "id_token": 256_000,
    "error": 255,
    "error_description": 4000,
    "lti_storage_target": 255,
}
REGISTER_FIELDS = {"openid_configuration": 8000, "registration_token": 16_000, "invite": 255, "seen": 64}


def read_fields(given: MultiDict[str, str], limits: Mapping[str, int]) -> dict[str, str]:
    """Return the known fields that have a value. Raises Problem 400 for one that is doubled, too long or has a NUL.

    A doubled parameter is refused because two readers may each see another one (OAuth 2.0, RFC 6749 section 3.1).
    """
    found: dict[str, str] = {}
    for name, longest in limits.items():
        values = given.getlist(name)
        if len(values) > 1:
            raise refusal("launch-unreadable", log=f"{name} is doubled", name=name)
        if values and (_bytes(values[0]) > longest or "\0" in values[0]):
            raise refusal("launch-unreadable", log=f"{name} is too long or with NUL", name=name)
        if values and values[0]:
            found[name] = values[0]
    return found


def _bytes(value: str) -> int:
    return len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
