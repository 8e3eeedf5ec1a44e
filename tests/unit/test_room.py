"""How rooms are put together: what does not fit is an error at the start that names it; nothing is kept elsewhere."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask

from house import files, hidden
from lti_mcred.app import rooms
from lti_mcred.outbound.http import HttpClient
from lti_mcred.outbox import Deliveries, Done
from lti_mcred.room import At, Room, RoomError, put_together, services_of
from lti_mcred.services import Services, service, service_of
from lti_mcred.settings import Settings
from lti_mcred.web.limits import Limits
from tests.services import replace_service, start_over

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [one for one in files.read(ROOT / "lti_mcred") if not one.path.startswith("practice/")]


def deliver(_payload: dict[str, Any]) -> Done:
    return Done()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"keeps": (1,)}, "low and high both give the thing of the type int"),
        ({"topics": {"news": deliver}}, "low and high both give the topic news"),
    ],
    ids=["type", "topic"],
)
def test_what_two_rooms_give_is_an_error_that_names_both(part: dict[str, Any], words: str) -> None:
    with pytest.raises(RoomError, match=words):
        services_of([Room("low", **part), Room("high", **part)])


@pytest.mark.parametrize("part", [{"words": {"said": str}}, {"filters": {"said": str}}], ids=["word", "filter"])
def test_a_word_of_templates_means_one_thing(part: dict[str, Any]) -> None:
    with pytest.raises(RoomError, match=r"low and high both give the template \w+ said"):
        put_together(Flask("x"), [Room("low", **part), Room("high", **part)])


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"needs": (HttpClient, int)}, "low needs HttpClient, int, which no room gives"),
        ({"sends": ("news",)}, "low sends to news, which no room gives"),
    ],
    ids=["type", "topic"],
)
def test_what_a_room_needs_and_no_room_gives_is_an_error_that_names_it(part: dict[str, Any], words: str) -> None:
    with pytest.raises(RoomError, match=words):
        services_of([Room("low", **part)])


def test_a_need_is_met_by_a_room_above() -> None:
    kept = services_of([Room("low", needs=(int,), sends=("news",)), Room("high", keeps=(7,), topics={"news": deliver})])
    assert kept.kept[int] == 7
    assert kept.kept[Deliveries].handlers == {"news": deliver}


def test_all_of_a_room_is_registered() -> None:
    pages, shared = Blueprint("pages", __name__), Blueprint("shared", __name__)
    for bp in (pages, shared):
        bp.add_url_rule("/here", "here", lambda: "")
    app = Flask("x")
    prepared: list[Flask] = []
    given = {"words": {"said": 1}, "filters": {"loud": str.upper}, "prepare": prepared.append}
    put_together(app, [Room("low", blueprints=(pages, At(shared, "/a"), At(shared, "/b", "other")), **given)])
    assert {rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint != "static"} == {
        "/here": "pages.here", "/a/here": "shared.here", "/b/here": "other.here",
    }  # fmt: skip
    assert app.jinja_env.from_string("{{ 'x' | loud }}{{ said }}").render() == "X1"
    assert prepared == [app]


def test_what_is_kept_cannot_be_changed(app: Flask) -> None:
    with pytest.raises(TypeError):
        Services.installed(app).kept[int] = 1


def test_to_start_over_is_to_forget(app: Flask, settings: Settings) -> None:
    counted = service(Limits)
    replace_service(app, HttpClient, "a fake")
    start_over(app, settings)
    assert service(Limits) is not counted
    assert isinstance(service(HttpClient), HttpClient)
    assert set(Services.installed(app).kept) == set(services_of(rooms(settings)).kept)


def test_an_application_is_asked_for_things_outside_its_context(settings: Settings) -> None:
    app = Flask("x")
    services_of([Room("low", keeps=(settings,))]).install(app)
    assert service_of(app, Settings) is settings


def test_no_string_key_of_extensions_is_used_but_that_of_services() -> None:
    places = {one.place.rpartition(":")[0] for one in hidden.string_keys(SOURCES)}
    assert places == {"services.py"}


def names_in(source: files.Source) -> dict[str, Any]:
    """Return what a file of the program knows by name."""
    path = source.path.removesuffix(".py").removesuffix("/__init__")
    return vars(importlib.import_module(f"lti_mcred.{path.replace('/', '.')}"))


def looked_up() -> Iterator[tuple[str, type]]:
    """Yield (path, type) for each `service(…)`, `service_of(…)` and `site()` of the program."""
    for source in SOURCES:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "site":
                    yield source.path, Settings
                elif node.func.id in ("service", "service_of"):
                    yield source.path, names_in(source)[ast.unparse(node.args[-1])]


def put() -> Iterator[tuple[str, str]]:
    """Yield (path, topic) for each topic that is put into the outbox."""
    for source in SOURCES:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("put", "outbox.put"):
                yield source.path, eval(ast.unparse(node.args[0]), names_in(source))


def test_rooms_say_what_they_look_up_and_what_they_send(settings: Settings) -> None:
    folders = {f"{room.name}/": room for room in rooms(settings)}

    def room_of(path: str) -> Room | None:
        return next((folders[one] for one in sorted(folders, key=len, reverse=True) if path.startswith(one)), None)

    needs = {room.name: {*room.needs, *map(type, room.keeps)} for room in folders.values()}
    sends = {room.name: set(room.sends) for room in folders.values()}
    uses: dict[str, set[type]] = {name: set(map(type, folders[f"{name}/"].keeps)) for name in needs}
    puts: dict[str, set[str]] = {name: set() for name in sends}
    for path, kind in looked_up():
        if room := room_of(path):
            uses[room.name].add(kind)
    for path, topic in put():
        if room := room_of(path):
            puts[room.name].add(topic)
    assert (needs, sends) == (uses, puts)
