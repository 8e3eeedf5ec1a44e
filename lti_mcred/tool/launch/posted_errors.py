"""What a platform posts instead of an id_token (OpenID Connect Core 3.1.2.6, and the words of Canvas and Moodle).

Nobody signs such an answer, so anybody can write one. The record and the log keep its code alone; its words, which may
name people, are shown to whoever sent it and kept nowhere.
"""

import re
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.refused import record
from lti_mcred.tool.refusals.pages import LMS_ADMIN, OPEN_AGAIN, YOURSELF, refusal, registration_facts
from lti_mcred.web.typed import one_line

_CODE = re.compile(r"[a-z0-9_.-]{1,64}", re.ASCII | re.IGNORECASE)
_SIGN_IN = (
    _l("Please sign in to your LMS again"),
    _l("Your LMS does not see you as signed in, or somebody else is signed in in this browser."),
    _l("Sign in to your LMS, then open the activity again from your course."),
    YOURSELF,
    401,
)
_NOT_ALLOWED = (
    _l("The LMS does not let this tool open here"),
    _l("The tool is switched off for this course or account, or its registration is not finished."),
    _l("Ask the administrator of your LMS to switch the tool on, and send these values along."),
    LMS_ADMIN,
    403,
)
_MISCONFIGURED = (
    _l("The LMS and this tool do not understand each other"),
    _l("The registration of the tool in the LMS needs to be looked at."),
    _l("Send these values to the administrator of your LMS."),
    LMS_ADMIN,
    400,
)
# Back button, reload and double click: normal behaviour of people, so a friendly page.
_USED = (
    _l("Please open this again from your course"),
    _l("Every launch opens the activity once. You came back to one that is used up."),
    OPEN_AGAIN,
    YOURSELF,
    409,
)
_PAGES: dict[str, tuple[Any, Any, Any, Any, int]] = {
    "login_required": _SIGN_IN,
    "interaction_required": _SIGN_IN,
    "account_selection_required": _SIGN_IN,
    "consent_required": _SIGN_IN,
    "access_denied": _NOT_ALLOWED,
    "unauthorized_client": _NOT_ALLOWED,
    "launch_no_longer_valid": _USED,
}


def posted_error(platform: Platform, error: str, description: str) -> Exception:
    """Return the page for an error that the platform posted for a login of ours, and keep its code for its admin."""
    # Moodle has no word of its own for a launch that is used up; its description names it.
    if error == "invalid_request" and "launch" in description.lower():
        error = "launch_no_longer_valid"
    title, detail, action, who, status = _PAGES.get(error, _MISCONFIGURED)
    kept = code_of(error)
    facts = {}
    if who is LMS_ADMIN:
        record(platform, "answer of the LMS", kept)
        said = one_line(f"{error}: {description}" if description else error)
        facts = {**registration_facts(platform.issuer, platform.client_id), str(_l("The LMS said")): said[:500]}
    code = f"lms-{error if error in _PAGES else 'refused'}".replace("_", "-")
    return refusal(code, str(title), str(detail), action, who, status=status, log=kept, facts=facts)


def code_of(error: str) -> str:
    """Return an error code for records and logs: short and of the signs that codes have (RFC 6749, 4.1.2.1)."""
    return error if _CODE.fullmatch(error) else "(no code)"
