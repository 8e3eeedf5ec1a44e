"""What no cache may keep: pages about people, and everything of a login."""

from flask import Response


def never_stored(response: Response) -> Response:
    """Forbid caches to keep an answer (RFC 9111, 5.2.2.5), unless its view says otherwise; for `after_request`."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
