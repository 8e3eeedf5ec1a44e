"""The database and evidence can be read by their owner only, also where an older installation left them open."""

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from lti_mcred.app import create_app
from lti_mcred.engine import migrate
from lti_mcred.engine.db import close_connections, db
from lti_mcred.private import close_tree, make_folder
from lti_mcred.settings import Settings
from tests.evidence_helpers import PDF, make_learner


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    """Begin as a process that was started with the usual mask, and end so."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Return name -> mode of all that others may read below a folder."""
    found = [folder, *folder.rglob("*")]
    wrong = [path for path in found if path.lstat().st_mode & 0o077]
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode)) for path in wrong}


def run_once(settings: Settings) -> None:
    """Make everything that an installation has: a database in use, a file that was added and one on its way."""
    migrate.make_folder(settings)
    app = create_app(settings)
    migrate.upgrade(app)
    with app.app_context():
        learner = make_learner(app).start()
        assert learner.upload("A1").status_code == 303
        begun = {"name": "a.pdf", "size": "90", "offset": "0", "piece": (BytesIO(PDF), "blob")}
        answer = learner.client.post(
            f"{learner.base}/parts/A1/pieces",
            data=begun,
            headers=learner.headers,
            content_type="multipart/form-data",
        )
        assert answer.status_code == 200
        assert list(Path(settings.data_dir).rglob("evidence/partial/*"))
        assert settings.database_file
        assert settings.database_file.with_name(settings.database_file.name + "-wal").exists()
        assert modes(settings.database_file.parent) == {}
        db.session.remove()
        close_connections()


@pytest.fixture
def fresh(tmp_path: Path) -> Settings:
    place = tmp_path / "var"
    return Settings.load(
        {}, environment="development", database_url=f"sqlite:///{place}/db.sqlite3", data_dir=f"{place}/data",
        public_url="http://127.0.0.1:8000",
    )  # fmt: skip


def test_a_new_installation_can_be_read_by_its_owner_only(fresh: Settings) -> None:
    run_once(fresh)


def test_an_older_installation_is_closed_when_the_program_starts(fresh: Settings) -> None:
    run_once(fresh)
    assert fresh.database_file
    place = fresh.database_file.parent
    for path in place.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    create_app(fresh)
    assert modes(place / "data") == {}
    assert not [name for name in modes(place) if name.startswith("db.sqlite3")]


def test_a_folder_that_belongs_to_all_is_not_closed_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for_all, home, ours = tmp_path / "for all", tmp_path / "home", tmp_path / "ours"
    for folder, mode in ((for_all, 0o1777), (home, 0o755), (ours, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
        monkeypatch.setenv("HOME", str(home))
        make_folder(folder)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (for_all, home, ours)] == [0o1777, 0o755, 0o700]


def test_what_a_link_points_to_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    outside.chmod(0o644)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    close_tree(inside)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    assert stat.S_IMODE(inside.stat().st_mode) == 0o700
