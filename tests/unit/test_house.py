"""What `make house` counts, on small trees made up for it; and that its walk through a launch still arrives."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from house import contracts, count, files, graph, hidden, launch, names, report
from house.files import HALL, Source
from lti_mcred.tool.profiles import GUIDES
from lti_mcred.tool.profiles.guides import ByHand

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """A function that writes a package that can be imported: name of a file -> its text, with __init__.py as needed."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            file = tmp_path / "madeup" / f"{name.replace('__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            for folder in (file.parent, *file.parent.parents):
                if folder == tmp_path:
                    break
                (folder / "__init__.py").touch()
            file.write_text(dedent(text), encoding="utf-8")
        return tmp_path / "madeup"

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "madeup"]:
        del sys.modules[name]


def source(text: str, path: str = "room/file.py") -> Source:
    return Source.of(path, dedent(text))


def between(*arrows: tuple[str, str]) -> dict[graph.Arrow, list[graph.Arrow]]:
    """Arrows between rooms; one that is given twice is made of two imports."""
    return {arrow: [arrow] * arrows.count(arrow) for arrow in arrows}


def test_a_folder_in_a_room_is_a_room_and_files_of_the_package_are_the_hall(lay: Callable[..., Path]) -> None:
    package = lay(app="1\n", tool__models="1\n2\n", tool__admin__views="1\n2\n3\n")
    read = files.read(package)
    assert files.packages("madeup", read) == {"madeup", "madeup.tool", "madeup.tool.admin"}
    assert files.rooms(read) == [
        files.Size(HALL, 2, 1), files.Size("tool", 2, 2), files.Size("tool/admin", 2, 3)
    ]  # fmt: skip


def test_a_function_is_named_with_what_is_around_it_and_measured_from_its_def() -> None:
    text = """\
    class Cat:
        @property
        def name(self):
            def inner():
                return 1
            return inner()

    async def purr():
        pass
    """
    assert files.functions([source(text)]) == [
        files.Function("Cat.name", 4, "room/file.py:3"),
        files.Function("Cat.name.inner", 2, "room/file.py:4"),
        files.Function("purr", 2, "room/file.py:8"),
    ]


@pytest.mark.parametrize(
    ("module", "room"),
    [
        ("madeup", "__init__.py"),
        ("madeup.app", "app.py"),
        ("madeup.tool", "tool"),
        ("madeup.tool.models", "tool"),
        ("madeup.tool.admin", "tool/admin"),
        ("madeup.tool.admin.views", "tool/admin"),
    ],
)
def test_a_module_lies_in_the_room_of_its_folder_and_a_file_of_the_hall_stands_for_itself(
    module: str, room: str
) -> None:
    assert graph.room_of(module, {"madeup", "madeup.tool", "madeup.tool.admin"}) == room


def test_imports_for_type_checkers_and_inside_functions_are_arrows(lay: Callable[..., Path]) -> None:
    lay(
        low="",
        a__one="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from madeup.b import two\n",
        b__two="def late():\n    from madeup import low\n    return low\n",
    )
    _modules, arrows = graph.imports("madeup")
    assert arrows == [("madeup.a.one", "madeup.b.two"), ("madeup.b.two", "madeup.low")]


def test_an_arrow_between_a_room_and_one_inside_it_counts_and_one_within_a_room_does_not() -> None:
    packages = {"madeup", "madeup.tool", "madeup.tool.admin"}
    arrows = [
        ("madeup.tool.admin.views", "madeup.tool.models"),
        ("madeup.tool.admin.forms", "madeup.tool.models"),
        ("madeup.tool.views", "madeup.tool.models"),
    ]
    assert graph.between_rooms(arrows, packages) == {("tool/admin", "tool"): arrows[:2]}


def test_a_cycle_is_named_with_all_who_reach_each_other() -> None:
    arrows = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "f"), ("f", "e"), ("x", "a")]
    assert graph.cycles(arrows) == [["a", "b", "c"], ["e", "f"]]


def test_an_arrow_down_is_no_cycle() -> None:
    assert graph.cycles([("a", "b"), ("a", "c"), ("b", "c")]) == []


def test_of_two_arrows_that_make_a_cycle_the_one_of_fewer_imports_runs_up() -> None:
    arrows = between(("tool", "web"), ("tool", "web"), ("web", "tool"), ("app", "web"))
    assert graph.upward(arrows) == [("web", "tool")]


def test_without_the_arrows_that_run_up_no_cycle_is_left() -> None:
    arrows = between(*[(one, other) for one in "abcde" for other in "abcde" if one != other])
    upward = graph.upward(arrows)
    assert graph.cycles([one for one in arrows if one not in upward]) == []


def test_each_stands_one_floor_above_the_highest_that_it_imports() -> None:
    arrows = [("app", "tool"), ("app", "settings"), ("tool", "web"), ("web", "settings")]
    assert graph.floors(["app", "tool", "web", "settings", "links"], arrows) == [
        ["links", "settings"], ["web"], ["tool"], ["app"]
    ]  # fmt: skip


def test_no_module_of_the_house_is_imported_by_one_that_it_imports() -> None:
    _modules, arrows = graph.imports("lti_mcred")
    assert len(arrows) > 100
    assert graph.cycles(arrows) == []


def test_an_import_in_a_function_or_by_a_name_is_hidden_and_one_at_the_top_is_not() -> None:
    text = """\
    import importlib
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import json
    def late():
        def later():
            from os import path
        return importlib.import_module("a"), __import__("b")
    """
    assert hidden.hidden_imports([source(text)]) == [
        hidden.Place("from os import path", "room/file.py:7"),
        hidden.Place("importlib.import_module('a')", "room/file.py:8"),
        hidden.Place("__import__('b')", "room/file.py:8"),
    ]


def test_each_way_to_look_into_extensions_is_a_use_of_its_key() -> None:
    text = """\
    app.extensions["a"] = current_app.extensions.get("b")
    self.app.extensions["c"]["not a key"] = 1
    extensions.setdefault("d", {})
    known = "e" in app.extensions
    app.extensions[name] = other["f"]
    """
    found = {one.what for one in hidden.string_keys([source(text)])}
    assert found == {"a", "b", "c", "d", "e", hidden.COMPUTED}


def kinds(text: str, path: str = "room/file.py") -> list[str]:
    return [one.kind for one in names.lms_names([source(text, path)])]


@pytest.mark.parametrize(
    "code",
    ["is_canvas = 1", "class MoodleThing: ...", "def f(d2l): ...", "f(sakai=1)", "import a.open_edx", "x.BLACKBOARD"],
)
def test_an_lms_in_an_identifier_is_a_place_in_code(code: str) -> None:
    assert kinds(code) == ["identifier"]


@pytest.mark.parametrize("code", ["x = 'in Brightspace'", "f'a {b} Schoology'", "x = b'moodle'", "x = 'Open' ' edX'"])
def test_an_lms_in_a_string_is_a_place_in_code(code: str) -> None:
    assert kinds(code) == ["string"]


def test_docstrings_and_comments_explain_and_are_counted_apart() -> None:
    text = '"""As Canvas does."""\ndef f():\n    """Moodle, too."""\n    return 1  # as D2L\n'
    assert kinds(text) == ["docstring", "docstring", "comment"]


@pytest.mark.parametrize("code", ["chocolate = 'isolated'", "add2list = 1", "needxyz = 'LMS'"])
def test_letters_of_an_lms_inside_another_word_are_none(code: str) -> None:
    assert kinds(code) == []


def test_a_file_that_is_named_after_an_lms_counts() -> None:
    assert kinds("", "tool/canvas_json.py") == ["file name"]


@pytest.mark.parametrize("path", ["tool/profiles/canvas.py", "practice/temperaments/moodle/token.py"])
def test_profiles_and_the_practice_lms_may_name_an_lms(path: str) -> None:
    assert kinds("canvas = 'Moodle'", path) == []


def test_code_names_an_lms_in_its_profile_and_in_the_practice_lms_alone() -> None:
    found = [one for one in names.lms_names(files.read(ROOT / "lti_mcred")) if one.kind in names.CODE]
    # The setting of a public name: LTI_MCRED_CANVAS_ISSUERS. Its profile reads it.
    assert {one.place.partition(":")[0] for one in found} == {"settings.py"}
    assert [one.kind for one in found] == ["identifier", "string"]


def test_a_template_names_an_lms_only_where_a_profile_points_to_it() -> None:
    pages = {path.relative_to(ROOT / "templates").as_posix(): path for path in (ROOT / "templates").rglob("*.html")}
    naming = {name for name, path in pages.items() if names.LMS.search(path.read_text(encoding="utf-8"))}
    pointed_to = {page for guide in GUIDES.values() for page in (guide.hand.values, guide.hand.fields)}
    examples = {"styleguide.html"}  # sentences made up, for whoever writes pages
    assert naming - examples <= pointed_to <= set(pages)
    assert {page for page in pointed_to if "/profiles/" not in page} == {ByHand().values, ByHand().fields}


def test_a_long_text_is_listed_with_what_stands_around_the_name() -> None:
    text = f'x = "{"before " * 20}Moodle{" after" * 20}"'
    assert len(names.mentions(source(text))[0].text) <= 86


def test_layers_are_read_with_their_alternatives_and_containers() -> None:
    read = contracts.layered(
        [
            {"type": "layers", "layers": ["m.cli", "m.a : m.b", "m.c | (m.d)"]},
            {"type": "layers", "layers": ["views", "models"], "containers": ["m.tool"]},
            {"type": "forbidden", "source_modules": ["m.practice"], "forbidden_modules": ["m.app"]},
        ]
    )
    assert read == {"m.cli", "m.a", "m.b", "m.c", "m.d", "m.tool.views", "m.tool.models"}


def test_a_room_stands_in_a_layer_by_itself_or_by_all_of_its_files() -> None:
    rooms = {
        "m.web": ["m.web", "m.web.pages"],
        "m.trial": ["m.trial", "m.trial.demo", "m.trial.story"],
        "m.server": ["m.server", "m.server.pool", "m.server.serving"],
        "m.web.forms": ["m.web.forms", "m.web.forms.field"],
        "m.links": ["m.links"],
    }
    layers = {"m.web", "m.trial.demo", "m.trial.story", "m.server.serving"}
    assert contracts.without_layer(rooms, layers) == (["m.links", "m.server"], ["m.web.forms"])


def test_a_file_was_entered_when_one_of_its_functions_ran_and_not_when_it_was_only_imported(
    lay: Callable[..., Path],
) -> None:
    calls = "from madeup.room import second\ndef run():\n    second.run()\n"
    package = lay(first=calls, room__second="def run(): ...\n", never="class Never:\n    def run(self): ...\n")

    def perform() -> None:
        importlib.import_module("madeup.never")
        importlib.import_module("madeup.first").run()

    assert launch.entered(package, perform) == ["first.py", "room/second.py"]


def test_no_room_of_the_house_is_imported_by_one_that_it_imports() -> None:
    _modules, arrows = graph.imports("lti_mcred")
    packages = files.packages("lti_mcred", files.read(ROOT / "lti_mcred"))
    assert graph.cycles(list(graph.between_rooms(arrows, packages))) == []


def test_a_launch_is_walked_from_the_login_to_its_page_through_twenty_files_at_most() -> None:
    walked = launch.walk(ROOT / "lti_mcred")
    assert len(walked.launch) <= 20, walked.launch
    assert all((ROOT / "lti_mcred" / file).is_file() for file in (*walked.launch, *walked.page))
    read = "\n".join((ROOT / "lti_mcred" / file).read_text(encoding="utf-8") for file in walked.launch)
    for step in ('"/lti/login"', '"/lti/launch"', "def check_claims"):
        assert step in read, step
    assert walked.page
    assert not set(walked.page) & set(walked.launch)


def test_the_report_says_that_the_tests_were_not_timed_here(tmp_path: Path) -> None:
    assert count.times(tmp_path) is None
    assert "not measured here" in "".join(report.of_tests(None))


def test_the_time_of_the_tests_and_the_slowest_are_reported(tmp_path: Path) -> None:
    times = {"seconds": 181.7, "tests": 99, "slowest": [["b", 99.0], ["a", 10.5]]}
    (tmp_path / count.TIMES).write_text(json.dumps(times), encoding="utf-8")
    said = report.of_tests(count.times(tmp_path))
    assert said[0] == "Time of 99 tests: 3:01 min"
    assert [line.split()[-1] for line in said[1:]] == ["b", "a"]
