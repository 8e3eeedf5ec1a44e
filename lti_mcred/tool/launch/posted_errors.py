"""What a platform posts instead of an id_token (OpenID Connect Core 3.1.2.6, and the words of Canvas and Moodle).

Nobody signs such an answer, so anybody can write one. The record and the log keep its code alone; its words, which may
name people, are shown to whoever sent it and kept nowhere.
"""

import re

from flask_babel import gettext as _

from lti_mcred.errors import Who
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.refused import record
from lti_mcred.tool.launch.problems import PROBLEMS, refusal
from lti_mcred.tool.refusals.pages import registration_facts
from lti_mcred.web.typed import one_line

_CODE = re.compile(r"[a-z0-9_.-]{1,64}", re.ASCII | re.IGNORECASE)
# error -> key
POSTED = {key.removeprefix("lms-").replace("-", "_"): key for key in PROBLEMS if key.startswith("lms-")}


def posted_error(platform: Platform, error: str, description: str) -> Exception:
    """Return the page for an error that the platform posted for a login of ours, and keep its code for its admin."""
    # Moodle has no word of its own for a launch that is used up; its description names it.
    if error == "invalid_request" and "launch" in description.lower():
        error = "launch_no_longer_valid"
    key = POSTED.get(error, "lms-refused")
    kept = code_of(error)
    facts = {}
    if PROBLEMS[key].who == Who.YOUR_LMS_ADMIN:
        record(platform, "answer of the LMS", kept)
        said = one_line(f"{error}: {description}" if description else error)
        facts = {**registration_facts(platform.issuer, platform.client_id), _("The LMS said"): said[:500]}
    return refusal(key, log=kept, facts=facts)


def code_of(error: str) -> str:
    """Return an error code for records and logs: short and of the signs that codes have (RFC 6749, 4.1.2.1)."""
    return error if _CODE.fullmatch(error) else "(no code)"
