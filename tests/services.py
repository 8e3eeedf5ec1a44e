"""One application for many tests: what it keeps (lti_mcred/services.py) is new for each, or another thing for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask

from lti_mcred.app import create_app, rooms
from lti_mcred.room import services_of
from lti_mcred.services import Services, service_of
from lti_mcred.settings import Settings

_made: dict[Settings, Flask] = {}


def replace_service(app: Flask, kind: type, thing: Any) -> None:
    """Let `app` find `thing` (a fake, say) wherever it looks for a `kind`."""
    kept = Services.installed(app).kept
    assert kind in kept
    Services({**kept, kind: thing}).install(app)


def change_settings(app: Flask, **changes: Any) -> None:
    """Let `app` find other settings from now on; what it has made of the earlier ones stays."""
    replace_service(app, Settings, replace(service_of(app, Settings), **changes))


def start_over(app: Flask, settings: Settings) -> None:
    """Let `app` keep everything anew, as one that has just been made for `settings`: nothing replaced or remembered."""
    services_of(rooms(settings)).install(app)


@contextmanager
def shared_app(settings: Settings) -> Iterator[Flask]:
    """Lend the application of this process, as one that has just been made for `settings`.

    Its settings may differ in the data folder only. To make one costs more than most tests do. Raises AssertionError
    for a test that changes it for good: that one needs its own (fixture `own_app`).
    """
    alike = replace(settings, data_dir="")
    if not (app := _made.get(alike)):
        app = _made[alike] = create_app(settings)
    start_over(app, settings)
    config, shape = dict(app.config), _shape(app)
    try:
        yield app
    finally:
        app.config.clear()
        app.config.update(config)
    assert _shape(app) == shape, "this test changes the application: take the fixture own_app"


def _shape(app: Flask) -> tuple[object, ...]:
    env = app.jinja_env
    funcs = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    called = [id(one) for found in funcs for scope in found.values() for one in scope]
    words = {name: id(word) for name, word in (*env.globals.items(), *env.filters.items())}
    return app.wsgi_app, called, words, set(app.view_functions), set(app.extensions)
