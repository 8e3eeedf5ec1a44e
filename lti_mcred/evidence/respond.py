"""What the views of this room share: the site's limit, who asks, and the page of a part."""

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from lti_mcred.evidence.draft import Typed
from lti_mcred.evidence.find import Work, open_part
from lti_mcred.evidence.pages import part_page
from lti_mcred.services import site
from lti_mcred.web.visits import visit_url


def site_max_mb() -> int:
    """Return the largest file of this installation in megabytes."""
    return site().max_upload_mb


def wants_json() -> bool:
    """Return whether a script asks (autosave, uploads)."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def see(endpoint: str, **values: Any) -> Response:
    """Send the browser to a page of this visit (303: always by GET)."""
    return redirect(visit_url(endpoint, **values), 303)


def render_part(work: Work, part_id: str, *, typed: Typed | None = None, **more: Any) -> str:
    """Render the page of an open part with errors and kept input in `more`. Raises Problem when it is not open."""
    page = part_page(work, open_part(work, part_id), site_max_mb(), typed)
    fields = {"error": "text", "upload_error": "file", "link_error": "url"}
    errors = [(fields[name], text) for name, text in more.items() if name in fields]
    return render_template("evidence/part.html", errors=errors, **page, **more)
