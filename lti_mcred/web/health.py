"""Health for whoever watches the installation: does the process run, can it do its work."""

import logging
import os
import shutil
from collections.abc import Mapping
from importlib.metadata import version

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lti_mcred.engine.db import db
from lti_mcred.services import site
from lti_mcred.web.guards import public

log = logging.getLogger(__name__)
bp = Blueprint("health", __name__)
VERSION = version("lti-mcred")


@bp.get("/healthz")
@public
def alive() -> Response:
    """Answer that the process runs, which version of the program it is, and when its disk is nearly full."""
    return _health_answer(200, {"status": "ok", **({} if _has_room() else {"disk": "nearly full"})})


@bp.get("/readyz")
@public
def ready() -> Response:
    """Answer 200 when the database answers and evidence can be stored, else 503 with what is missing."""
    missing = [
        name
        for works, name in ((_database, "database"), (_folder_is_writable, "data folder"), (_room, "free disk"))
        if not works()
    ]
    if missing:
        return _health_answer(503, {"status": "not ready", "missing": missing})
    return _health_answer(200, {"status": "ready"})


def _database() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return False
    return True


def _folder_is_writable() -> bool:
    works = os.access(site().data_dir, os.W_OK | os.X_OK)
    if not works:
        log.error("the data folder %s cannot be written", site().data_dir)
    return works


def _room() -> bool:
    has_room = _has_room()
    if not has_room:
        log.error("evidence is refused: less than %d MB are free for %s", site().free_disk_mb, site().data_dir)
    return has_room


def _has_room() -> bool:
    try:
        return shutil.disk_usage(site().data_dir).free >= site().free_disk_mb * 1024 * 1024
    except OSError:  # no folder: said by `_folder_is_writable`
        return True


def _health_answer(status: int, facts: Mapping[str, object]) -> Response:
    answer = jsonify({**facts, "version": VERSION})
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
