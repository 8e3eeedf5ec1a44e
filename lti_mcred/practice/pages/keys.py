"""The campus's public keys, served at the platform's own path."""

from __future__ import annotations

import json

from flask import Response, abort

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.signing import published_keys
from lti_mcred.practice.campus.web import desk


def key_set() -> Response:
    """GET the JWKS: several keys, cacheable for an hour (Security Framework 6.3)."""
    here: Desk = desk()
    refused = here.state.faults.get("refuse_keys", "")
    if refused == "gone":
        abort(404)
    if refused == "empty":
        return Response(json.dumps({"keys": []}), mimetype="application/json")
    response = Response(json.dumps({"keys": published_keys(here)}), mimetype="application/json")
    response.headers["Cache-Control"] = "max-age=3600, public"
    return response
