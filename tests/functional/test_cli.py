"""The operator's commands: what they print, what they refuse, and how they end."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_mcred import outbox
from lti_mcred.app import create_app
from lti_mcred.cli import main
from lti_mcred.engine.db import db
from lti_mcred.files import resource_dir
from lti_mcred.settings import Settings
from tests import factories as make
from tests.badges_rows import awarded
from tests.tables import migrated_file

EXAMPLE = str(resource_dir("examples") / f"{make.JOB_HAZARD}.yaml")


@pytest.fixture
def run(tmp_path: Path):
    """A function that runs one command on a fresh, migrated installation."""
    environ = {
        "LTI_MCRED_ENVIRONMENT": "development",
        "LTI_MCRED_DATABASE_URL": f"sqlite:///{tmp_path}/tool.sqlite3",
        "LTI_MCRED_DATA_DIR": str(tmp_path / "data"),
        "LTI_MCRED_LOG_LEVEL": "ERROR",
    }

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, words, env=environ)

    shutil.copyfile(migrated_file(), tmp_path / "tool.sqlite3")
    return invoke


ADD = (
    "platforms", "add", "--name", "Our Moodle", "--profile", "moodle", "--issuer", "https://moodle.example.edu",
    "--client-id", "abc", "--deployment", "7", "--auth-url", "https://moodle.example.edu/mod/lti/auth.php",
    "--token-url", "https://moodle.example.edu/mod/lti/token.php",
    "--jwks-url", "https://moodle.example.edu/mod/lti/certs.php",
)  # fmt: skip


def test_a_bad_setting_is_named_without_a_stack_trace():
    answer = CliRunner().invoke(main, ["platforms", "list"], env={"LTI_MCRED_SECRET_KEY": "short"})
    assert answer.exit_code == 1
    assert "Error: LTI_MCRED_SECRET_KEY needs at least 32 random characters" in answer.output


def test_a_new_place_for_the_database_is_made_and_its_absence_is_said_in_one_sentence(tmp_path: Path):
    environ = {
        "LTI_MCRED_ENVIRONMENT": "development",
        "LTI_MCRED_DATABASE_URL": f"sqlite:///{tmp_path}/not/there/tool.sqlite3",
        "LTI_MCRED_DATA_DIR": str(tmp_path / "data"),
    }
    early = CliRunner().invoke(main, ["platforms", "list"], env=environ)
    assert early.exit_code == 1
    assert early.output.startswith("Error: The database does not open (unable to open database file).")
    assert early.output.endswith("A new one is made by: lti-mcred db upgrade\n")
    assert CliRunner().invoke(main, ["db", "upgrade"], env=environ).exit_code == 0
    assert CliRunner().invoke(main, ["platforms", "list"], env=environ).exit_code == 0


def test_the_documented_first_commands_work_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    environ = {"LTI_MCRED_SECRET_KEY": "k" * 40, "LTI_MCRED_PUBLIC_URL": "https://tool.example.edu"}
    for words in (("db", "upgrade"), ("catalog", "import", EXAMPLE), ("platforms", "list")):
        answer = CliRunner().invoke(main, words, env=environ)
        assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["var"]
    assert (tmp_path / "var" / "lti_mcred.sqlite3").exists()


def test_an_empty_database_says_what_to_run(tmp_path: Path):
    environ = {"LTI_MCRED_ENVIRONMENT": "development", "LTI_MCRED_DATABASE_URL": f"sqlite:///{tmp_path}/tool.sqlite3"}
    answer = CliRunner().invoke(main, ["platforms", "list"], env={**environ, "LTI_MCRED_DATA_DIR": str(tmp_path)})
    assert (answer.exit_code, answer.output) == (1, "Error: The database is empty. Run: lti-mcred db upgrade\n")


def test_deliveries_in_trouble_are_listed_tried_again_and_dropped(run, tmp_path: Path):
    app = create_app(Settings(environment="development", database_url=f"sqlite:///{tmp_path}/tool.sqlite3"))
    with app.app_context():
        outbox.put("score.send", "k1", {"entry": "e"}).reason = "The LMS answers 503."
        given_up = outbox.put("badge.issue", "k2", {})
        given_up.state, given_up.reason = "given_up", "The column is gone."
        outbox.put("badge.issue", "k3", {})
        db.session.commit()
        lost, db_engine = given_up.id, db.engine
    listed = run("deliveries", "list").output
    assert "The LMS answers 503." in listed
    assert "given_up  badge.issue" in listed
    assert listed.count("tries since") == 2
    assert run("deliveries", "again", lost).output == f"{lost} will be tried again now.\n"
    assert "given_up" not in run("deliveries", "list").output
    unknown = run("deliveries", "drop", lost)
    assert unknown.exit_code == 1
    assert "Not among the troubled deliveries" in unknown.output
    db_engine.dispose()


def test_a_platform_is_added_listed_shown_and_removed(run):
    added = run(*ADD)
    assert added.exit_code == 0, added.output
    assert "http://127.0.0.1:8000/lti/login" in added.output
    line = run("platforms", "list").output
    assert "https://moodle.example.edu" in line
    platform_id = line.split()[0]
    assert "Deployments: 7" in run("platforms", "show", platform_id).output
    assert run("platforms", "remove", platform_id).exit_code == 0
    assert "removed" in run("platforms", "list").output


@pytest.mark.parametrize(
    ("issuer", "said", "policy"),
    [
        ("https://moodle.example.edu", (), "first"),
        ("https://blackboard.com", (), "ask"),
        ("https://blackboard.com", ("--policy", "all"), "all"),
    ],
)
def test_unknown_deployments_are_treated_as_is_usual_for_the_lms_unless_told(run, issuer, said, policy):
    run(*(issuer if word == "https://moodle.example.edu" else word for word in ADD), *said)
    platform_id = run("platforms", "list").output.split()[0]
    assert f"Unknown deployments: {policy}\n" in run("platforms", "show", platform_id).output


def test_the_same_platform_twice_is_refused(run):
    run(*ADD)
    again = run(*ADD)
    assert again.exit_code == 1
    assert "registered already" in again.output


@pytest.mark.parametrize("words", [("show", "none"), ("remove", "none")])
def test_an_unknown_platform_is_said(run, words):
    answer = run("platforms", *words)
    assert answer.exit_code == 1
    assert "no platform 'none'" in answer.output


def test_a_role_of_somebody_unseen_belongs_to_one_deployment(run):
    """Two schools behind one client ID may have the same user ids."""
    run(*ADD)
    platform_id = run("platforms", "list").output.split()[0]
    run("platforms", "approve", platform_id, "another-school")
    grant = ("people", "grant", "--platform", platform_id, "--sub", "42", "--unseen")
    unclear = run(*grant)
    assert unclear.exit_code == 1
    assert "--deployment" in unclear.output
    assert "another-school" in unclear.output
    assert "has the role assessor now" in run(*grant, "--deployment", "7").output
    assert "has the role assessor now" in run(*grant, "--deployment", "another-school").output
    assert run(*grant[:-1]).exit_code == 1, "two people"


def test_an_invitation_is_a_link_to_registration(run):
    assert run("platforms", "invite").output.startswith("http://127.0.0.1:8000/lti/register?")


def test_checking_shows_every_error_and_fails(run, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text(Path(EXAMPLE).read_text(encoding="utf-8").replace('version: "1.0.0"', "version: 1"))
    good, bad = run("catalog", "check", EXAMPLE), run("catalog", "check", EXAMPLE, str(broken))
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "broken.yaml:3: version:" in bad.output


def test_import_list_and_export_go_round(run, tmp_path):
    assert "added, published" in run("catalog", "import", EXAMPLE).output
    assert "unchanged" in run("catalog", "import", EXAMPLE).output
    assert f"{make.JOB_HAZARD} 1.0.0  published" in run("catalog", "list").output
    out = tmp_path / "out.yaml"
    out.write_text(run("catalog", "export", make.JOB_HAZARD).output, encoding="utf-8")
    assert "unchanged" in run("catalog", "import", str(out)).output
    assert run("catalog", "export", "nothing-like-it").exit_code == 1


def test_a_published_definition_cannot_be_replaced(run, tmp_path):
    run("catalog", "import", EXAMPLE)
    changed = tmp_path / "changed.yaml"
    changed.write_text(Path(EXAMPLE).read_text(encoding="utf-8").replace("Small Crew", "Large Crew"))
    answer = run("catalog", "import", str(changed))
    assert answer.exit_code == 1
    assert "higher version" in answer.output


def test_a_new_key_is_published_before_it_signs(run):
    assert "is published and signs from" in run("keys", "rotate").output


def test_what_is_no_badge_is_said(run, tmp_path):
    path = tmp_path / "badge.json"
    path.write_text("{}")
    assert run("badge", "verify", str(path)).exit_code == 3
    assert run("badge", "verify", str(tmp_path / "missing.json")).exit_code == 3


def test_a_badge_of_this_installation_is_checked_from_its_own_database(run, tmp_path):
    path = tmp_path / "badge.json"
    settings = Settings(database_url=f"sqlite:///{tmp_path}/tool.sqlite3", data_dir=tmp_path / "data")
    with create_app(settings).test_request_context():
        path.write_text(awarded().credential, encoding="utf-8")
    answer = run("badge", "verify", str(path))
    assert (answer.exit_code, "not withdrawn" in answer.output) == (0, True), answer.output


def test_settings_are_listed_with_meanings(run):
    assert "LTI_MCRED_ALLOWED_PRIVATE_HOSTS=" in run("settings").output


def test_a_key_of_lti_1_1_is_kept_shown_and_forgotten(run):
    run(*ADD)
    platform_id = run("platforms", "list").output.split()[0]
    upgrade = ("platforms", "upgrade", platform_id, "key-of-2014")
    assert "carry their person over now" in run(*upgrade, "--secret", "s3cret").output
    shown = run("platforms", "show", platform_id).output
    assert "LTI 1.1 keys: key-of-2014" in shown
    assert "s3cret" not in shown
    assert "is forgotten" in run(*upgrade, "--forget").output
    assert run(*upgrade, "--forget").exit_code == 1
    assert run("platforms", "upgrade", "none", "key", "--secret", "s").exit_code == 1
