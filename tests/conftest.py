"""Shared fixtures: an application on a fresh embedded database, a client, and a visit to walk in with."""

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from types import MethodType
from typing import Any, ClassVar

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from hypothesis import is_hypothesis_test
from hypothesis import settings as examples
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db
from lti_mcred.engine.quick import give_back
from lti_mcred.settings import Settings
from lti_mcred.tool.wire import keys
from tests import postgres
from tests.engines import share_compiled
from tests.every_problem import EveryProblem
from tests.quick_disk import use_memory
from tests.ready_keys import a_few
from tests.services import shared_app
from tests.tables import empty, lay_empty, place
from tests.times import add_times, pytest_terminal_summary

# How long one example takes depends on what else the machine does; work is measured by `tests/doubling.py` alone.
examples.register_profile("untimed", examples.default, deadline=None)
examples.load_profile("untimed")

use_memory()

# Garbage is collected, but not looked for among all that stays as long as the process: a quarter of the work was that.
gc.set_threshold(50_000, 20, 50)

# Tests make applications of their own; without this each would compile its templates anew.
_COMPILED = Path(tempfile.gettempdir()) / f"lti-mcred-templates-{os.getuid()}"
_COMPILED.mkdir(mode=0o700, exist_ok=True)
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(_COMPILED))}


class _KnownRule(Rule):
    """A route that is compiled once a process: what that yields differs by the route's words only."""

    _known: ClassVar[dict[tuple[object, ...], dict[str, Any]]] = {}

    def compile(self) -> None:
        about = (self.rule, self.host, self.subdomain, repr(self.defaults), self.merge_slashes, self.map.host_matching)
        if (found := self._known.get(about)) is None:
            super().compile()
            names = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
            found = self._known[about] = {name: getattr(self, name) for name in names}
            found |= {name: found[name].__func__ for name in ("_build", "_build_unknown")}
        self.__dict__.update(found)
        self._build, self._build_unknown = MethodType(self._build, self), MethodType(self._build_unknown, self)


Flask.url_rule_class = _KnownRule
share_compiled()
keys.generate_private_key = a_few(keys.generate_private_key)

_LIVE = ("journeys", "faults", "interop")
_LONGEST_ID, _LONGEST_NODE_ID = 50, 200
_FEW = 5  # tests of a functional file, in a quick run
TEST_SECRET = "a-secret-for-tests-that-is-long-enough-0123456789"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a run of many tests can be asked for."""
    add_times(parser)
    parser.addoption(
        "--quick",
        action="store_true",
        help="run each test with its first parameters, none that draws examples, and a few of each functional file",
    )
    parser.addoption("--every-problem", action="store_true", help="fail when no test meets a problem of the tables")


def pytest_configure(config: pytest.Config) -> None:
    """Look at the problems that are made, when asked."""
    if config.getoption("--every-problem"):
        config.pluginmanager.register(EveryProblem(), "every-problem")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long texts and numbers by their parameter, and bytes: those of archives differ each time they are made."""
    long = isinstance(val, str | int) and len(ascii(val)) > _LONGEST_ID
    return argname if long or isinstance(val, bytes) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what starts servers, browsers or other programs by the folder that it stands in."""
    if item.path.parent.name in _LIVE:
        item.add_marker(pytest.mark.live)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a few, when that is asked for."""
    if config.getoption("--quick"):
        _keep_first(config, items)


def pytest_collection_finish() -> None:
    """Leave what has been imported and collected alone from now on."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a name that no list of results can show."""
    if len(item.nodeid) > _LONGEST_NODE_ID:
        pytest.fail(f"a name of more than {_LONGEST_NODE_ID} characters: give its parameters ids", pytrace=False)


def _keep_first(config: pytest.Config, items: list[pytest.Item]) -> None:
    first: dict[str, str] = {}
    for name in sorted(item.nodeid for item in items if not is_hypothesis_test(getattr(item, "obj", None))):
        first.setdefault(name.partition("[")[0], name)
    kept, files = set(first.values()), Counter[Path]()
    for item in items:
        if item.nodeid in kept and item.path.parent.name == "functional":
            files[item.path] += 1
            if files[item.path] > _FEW:
                kept.remove(item.nodeid)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in kept])
    items[:] = [item for item in items if item.nodeid in kept]


__all__ = ["pytest_terminal_summary"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what no UTF-8 can hold in captured logs and output: a report that cannot be sent ends its process."""
    report = yield
    report.sections[:] = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a tool on loopback whose data lives in the test's own folder."""
    return Settings.load(
        {},
        environment="development",
        secret_key=TEST_SECRET,
        public_url="http://127.0.0.1:8000",
        database_url=f"sqlite:///{place()}",
        data_dir=str(tmp_path / "data"),
        log_level="WARNING",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with all tables, inside an application context: the same for each test, and as good as new."""
    lay_empty(settings)
    with shared_app(settings) as app:
        yield from _entered(app)


@pytest.fixture
def own_app(settings: Settings) -> Iterator[Flask]:
    """An application of the test's own, for routes and the like that are added to it, inside an application context."""
    lay_empty(settings)
    yield from _entered(create_app(settings))


def _entered(app: Flask) -> Iterator[Flask]:
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = FreshClient
    with app.app_context():
        yield app
        give_back()
        db.session.remove()
        close_connections()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def either(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Flask]:
    """The application with empty tables on each engine, inside an application context."""
    if request.param == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_url"))
    app = create_app(settings)
    app.test_client_class = FreshClient
    with app.app_context():
        empty()
        yield app
        give_back()
        db.session.remove()
        close_connections()


class FreshClient(FlaskClient):
    """A client whose requests share nothing in `g`, although the test keeps an application context open.

    What a test has set up is committed first: requests use connections of their own.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():  # threads of a test have none
            db.session.commit()
            give_back()
            for name in list(g):
                g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A test client."""
    return app.test_client()


def need(what: str, found: object) -> None:
    """Skip with one visible line when `what` is not installed; in CI that is a failure, never a skip."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing; CI must install it", pytrace=False)
    pytest.skip(f"{what} is not installed here")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as this test process."""
    need("PostgreSQL server", postgres.binaries())
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need("Chromium", found)
    return str(found)


@pytest.fixture(scope="session")
def plain_chromium(chromium: str) -> str:
    """The path of a Chromium for pages that need no settings of a browser: the shell without one costs a third less."""
    return shutil.which("chromium-headless-shell") or chromium
