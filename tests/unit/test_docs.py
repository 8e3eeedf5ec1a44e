"""What the documents name exists: links, commands, settings, addresses, files. What an administrator meets is named."""

import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import click
import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from house import files, problems
from lti_mcred.app import create_app
from lti_mcred.cli import main
from lti_mcred.settings import PREFIX, Settings
from lti_mcred.tool.profiles import GUIDES
from lti_mcred.tool.profiles.guides import Guide

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    return OPERATING.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for words in re.findall(r"(?<![\w/.-])lti-mcred((?: [a-z]+(?:-[a-z]+)*)+)", text):
        command: click.Command = main
        for word in words.split():
            if not isinstance(command, click.Group):
                break  # an argument, or the sentence goes on
            assert word in command.commands, f"lti-mcred{words}"
            command = command.commands[word]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_and_file_of_ours_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = {PREFIX + one.name.upper() for one in fields(Settings)} | {PREFIX + "CONFIG"}
    assert set(re.findall(r"LTI_MCRED_[A-Z_]*[A-Z]", text)) <= known
    named = re.findall(r"`((?:lti_mcred|templates|static|tests|config|examples|bench)/[\w./-]*)`", text)
    made_by_operators = {"config/lti_mcred.toml", "config/security.yml"}
    assert [one for one in named if one not in made_by_operators and not (ROOT / one).exists()] == []


def test_the_commands_that_stay_are_all_there_are() -> None:
    listed = set()
    for name in re.findall(r"`([a-z |-]+)`", _section("Commands that stay")):
        group, _space, rest = name.partition(" ")
        listed |= {f"{group} {one}".strip() for one in rest.split("|")}
    there = set()
    for name, command in main.commands.items():
        there |= {f"{name} {one}" for one in command.commands} if isinstance(command, click.Group) else {name}
    assert listed == there


def test_the_addresses_that_stay_answer(settings: Settings) -> None:
    rows = re.findall(r"^\| (`.*?`) \|", _section("Addresses that stay"), re.MULTILINE)
    addresses = [address for row in rows for address in re.findall(r"`([^`]+)`", row)]
    assert len(addresses) > 10
    map_ = create_app(replace(settings, public_url="https://tool.example.edu")).url_map.bind("tool.example.edu")
    for address in addresses:
        try:
            map_.match(re.sub(r"<\w+>", "x", address))
        except MethodNotAllowed:
            continue
        except NotFound:
            pytest.fail(f"{address} is not an address of the tool")


def test_every_code_that_an_administrator_can_meet_is_explained() -> None:
    sources = files.read(ROOT / "lti_mcred")
    rooms = [one for one in problems.tables(sources, "lti_mcred") if one.room.partition("/")[0] in ("tool", "web")]
    codes = {key.partition("/")[0] for one in rooms for key in one.rows}
    made = {"http-…" if code.startswith("http-") else code for code in codes}
    assert {"launch-used", "deployment-pending", "lms-access-denied", "http-…"} <= made
    text = (ROOT / "docs/lms-setup.md").read_text(encoding="utf-8").partition("## When a launch is refused\n")[2]
    rows = re.findall(r"^\| (`.*?) \|", text.partition("\n## ")[0], re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"`([^`]+)`", row)} == made


def _named(steps: tuple[str, ...]) -> set[str]:
    """Return what an administrator has to find: words in quotes, names of several words within a sentence, hosts."""
    text = "\n".join(str(step) for step in steps)
    return {
        *re.findall(r"“([^”]+)”", text),
        *re.findall(r"(?<=[a-z,:] )[A-Z]\w+(?: (?:and )?[A-Z]\w+)+", text),
        *re.findall(r"\w+\.\w+\.com", text),
    }


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_the_documents_name_what_the_pages_name(app: Flask, guide: Guide) -> None:
    pages = {"canvas": "canvas-developer-key.md", "blackboard": "blackboard.md"}
    ways = [(guide.by_hand, pages.get(guide.key, "by-hand.md")), (guide.by_link, "registration-link.md")]
    with app.test_request_context():
        for steps, page in ways:
            text = " ".join((ROOT / "docs/setup" / page).read_text(encoding="utf-8").split())
            if page == "by-hand.md":
                text = text.partition(f"- **{guide.title}**")[2].partition("- **")[0]
            assert [name for name in _named(steps) if name.lower() not in text.lower()] == [], page


def test_the_example_of_the_settings_file_has_them_all() -> None:
    text = (ROOT / "config/lti_mcred.example.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?(\w+) = ", text, re.MULTILINE))
    assert named == {one.name for one in fields(Settings)}


def test_the_house_is_described_as_it_stands() -> None:
    text = (ROOT / "docs/house.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("    templates/")[0]
    described = re.findall(r"^ {6,8}(\w+(?:\.py|/)) ", text, re.MULTILINE)
    package = ROOT / "lti_mcred"
    modules = [path.name for path in package.glob("*.py") if not path.name.startswith("_")]
    rooms = [
        f"{path.parent.name}/"
        for path in package.rglob("*/__init__.py")
        if path.parent.name != "temperaments" and path.parent.parent.name not in ("temperaments", "profiles")
    ]
    named_inside = ["settings_checks.py"]
    assert sorted(described + named_inside) == sorted([*modules, *rooms, "temperaments/"])


RULES = re.findall(
    r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", (ROOT / "docs/house.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_many_rules_are_listed_with_their_places() -> None:
    assert len(RULES) > 15


@pytest.mark.parametrize(("rule", "file", "name"), RULES, ids=[rule[2] for rule in RULES])
def test_a_rule_stands_where_the_house_says(rule: str, file: str, name: str) -> None:
    code = (ROOT / "lti_mcred" / file).read_text(encoding="utf-8")
    assert re.search(rf"^ *(?:def {name}\(|class {name}\b|{name}\b.* = )", code, re.MULTILINE), rule


def test_make_help_names_what_the_documents_call() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    called = {word for page in PAGES for word in re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8"))}
    called |= {w for page in PAGES for w in re.findall(r"^    make ([a-z-]+)$", page.read_text(encoding="utf-8"), re.M)}
    assert called <= targets | {"help"}


def test_each_library_has_its_reason_and_each_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=\[]", one)[0] for one in project["dependencies"]}
    record = (ROOT / "docs/decisions/0002-libraries.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9, -]+) \|", record, re.MULTILINE)
    explained = {name for row in rows for name in row.split(", ")} - {"package", "---"}
    assert explained == names
    # Named here: libraries that are not imported under their own name.
    modules = {"flask-babel": "flask_babel", "flask-sqlalchemy": "flask_sqlalchemy", "fonttools": "fontTools"}
    modules |= {"pillow": "PIL", "pyjwt": "jwt", "pyyaml": "yaml", "resvg-py": "resvg_py"}
    source = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("lti_mcred/**/*.py"))
    imported = {name for name in names if re.search(rf"^(?:import|from) {modules.get(name, name)}\b", source, re.M)}
    by_name = {"python-json-logger"}  # loaded by a logging configuration
    assert names - imported == by_name


def test_no_file_holds_two_versions_of_itself() -> None:
    """A merge that was not finished leaves its marks, and a page would show them to everybody."""
    folders = ("lti_mcred", "templates", "static", "migrations", "config", "docs", "bench", "examples")
    kinds = {".py", ".html", ".js", ".css", ".md", ".toml", ".yaml", ".json", ".txt", ".svg", ".conf"}
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.suffix in kinds]
    files = [path for path in files if "node_modules" not in path.parts]
    assert len(files) > 200
    marked = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [path for path in files if marked.search(path.read_text(encoding="utf-8"))] == []


def test_every_test_that_the_compatibility_page_names_is_one() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/compatibility.md").read_text(encoding="utf-8"))) - {
        "test_practice_"
    }
    sources = (path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    there = {name for source in sources for name in re.findall(r"^(?:async )?def (test_\w+)", source, re.MULTILINE)}
    assert named - there == set()
    assert len(named) > 50


def test_every_row_that_says_what_we_do_names_its_test() -> None:
    """A row whose third cell says what the tool does holds a test; a dash or "Nothing to do" does nothing."""
    for line in (ROOT / "docs/compatibility.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and not cells[0].startswith(("what", "---")):
            does_nothing = cells[1].startswith(("Nothing to do", "[Setup]"))
            assert does_nothing or "`test_" in cells[2], line
