"""The built wheel works away from the checkout: templates, static files, migrations and examples travel in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "-q", "-o", str(out), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.parametrize("folder", ["templates", "static", "migrations/versions", "config", "examples"])
def test_every_folder_travels_in_the_wheel(wheel, folder):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"lti_mcred/_files/{folder}/")}
    tracked = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wanted = {f"lti_mcred/_files/{name}" for name in tracked.split()}
    assert wanted
    assert wanted <= inside


def test_the_wheel_plays_the_story_in_an_empty_environment(wheel, tmp_path):
    home = tmp_path / "venv"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(home)], check=True, timeout=120)
    install = [*uv, "pip", "install", "-q", "--python", str(home / "bin/python")]
    subprocess.run(
        [*install, "--require-hashes", "--no-deps", "-r", str(ROOT / "constraints.txt")], check=True, timeout=600
    )
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, timeout=120)
    away = tmp_path / "away"
    away.mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV", "LTI_MCRED"))}
    story = subprocess.run(
        [str(home / "bin/lti-mcred"), "story"], cwd=away, env=environ, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert story.returncode == 0, story.stdout + story.stderr
    assert "FAIL" not in story.stdout
    assert list(away.iterdir()) == []
