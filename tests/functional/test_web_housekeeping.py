"""Nothing grows for ever: ended visits, old logins and delivered news are deleted, and nothing else."""

from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from lti_mcred import outbox
from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.outbox import OutboxRow, Worker
from lti_mcred.services import site
from lti_mcred.tool.known.models import LoginAttempt, Platform
from lti_mcred.web.models import Visit
from tests import factories as make

BY_DAY = datetime(2026, 11, 3, 17, tzinfo=UTC)  # at night the class lists are planned as well


def _visit(ended: timedelta) -> str:
    course = make.course()
    visit = make.visit(make.person(course), course)
    visit.ends_at = utcnow() - ended
    return str(visit.id)


def _login(of: Platform, ended: timedelta) -> str:
    row = LoginAttempt(
        state_hash=new_id(), nonce_hash=new_id(), platform_id=of.id, target_link_uri="", browser_hash=new_id(),
        login_params={}, expires_at=utcnow() - ended,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _news(state: str, ended: timedelta) -> str:
    row = outbox.put("news", new_id(), {}, due_at=utcnow() + timedelta(days=1))
    row.state, row.done_at = state, None if state == "waiting" else utcnow() - ended
    db.session.flush()
    return row.id


def _ids(model: type) -> set[str]:
    return set(db.session.scalars(select(model.id)))


@time_machine.travel(BY_DAY, tick=False)
def test_what_is_long_over_is_deleted_and_everything_else_stays(either: Flask) -> None:
    platform = make.platform()
    visits = {_visit(-timedelta(hours=1)), _visit(timedelta(days=6))}
    _visit(timedelta(days=8))
    logins = {_login(platform, -timedelta(minutes=4)), _login(platform, timedelta(minutes=50))}
    _login(platform, timedelta(hours=2))
    news = {
        _news("waiting", timedelta()), _news("done", timedelta(days=29)), _news("given_up", timedelta(days=400)),
    }  # fmt: skip
    _news("done", timedelta(days=31))
    db.session.commit()
    Worker(either, site()).tidy()
    db.session.expire_all()
    assert _ids(Visit) == visits
    assert _ids(LoginAttempt) == logins
    assert _ids(OutboxRow) == news


def test_a_worker_tidies_when_it_starts(app: Flask, monkeypatch) -> None:
    _visit(timedelta(days=8))
    db.session.commit()
    worker = Worker(app, site())
    monkeypatch.setattr(worker, "run_once", lambda: worker.stop() or 1)
    worker.run()
    assert _ids(Visit) == set()
