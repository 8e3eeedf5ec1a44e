"""Reading a definition file: every error names file, line, field and cure. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lti_mcred.catalog.definition import ACCEPT_WORDS, Definition

_MOST_BYTES = 1_000_000
_LONGEST_SHOWN = 100
_DEEPEST = 20  # brackets within brackets
_LONGEST_NUMBER = 40
_YAML = "tag:yaml.org,2002:"
_TAGS = frozenset(_YAML + word for word in ("str", "int", "float", "bool", "null", "seq", "map"))
# Our own words where pydantic speaks of its insides.
_WHATS = {
    "missing": "is missing.",
    "extra_forbidden": "is no field of a definition.",
    "string_type": "is not text.",
    "int_type": "is not a whole number.",
    "int_parsing": "is not a whole number.",
    "bool_type": "is neither true nor false.",
    "bool_parsing": "is neither true nor false.",
    "string_too_short": "is empty.",
    "string_unicode": "holds half a character.",
    "tuple_type": "is not a list.",
    "model_type": "holds no fields.",
    "dict_type": "holds no fields.",
}
_CURES = {
    "missing": "Add this field.",
    "extra_forbidden": "Check its spelling or remove it.",
    "string_type": "Write text here.",
    "int_type": "Write a whole number here.",
    "int_parsing": "Write a whole number here.",
    "bool_parsing": "Write true or false.",
    "bool_type": "Write true or false.",
    "string_too_short": "Write something here.",
    "string_unicode": "Write the whole character.",
    "tuple_type": "Write a list here, one item after each dash.",
    "model_type": "Write fields here, indented under this one.",
    "dict_type": "Write fields here, indented under this one.",
}


@dataclass(frozen=True)
class DefinitionFault:
    """One error. `line` counts from 1; `field` is a dotted path such as rubric.criteria[2].title."""

    file: str
    line: int
    field: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.what} {self.cure}".strip()


class DefinitionError(ValueError):
    """A definition cannot be used; `faults` lists every error found."""

    def __init__(self, faults: list[DefinitionFault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


# Further rules: from a definition to what is wrong with it, as (place, what, cure); a place is ("badge", "name").
Place = tuple[str | int, ...]
Check = Callable[[Definition], Iterable[tuple[Place, str, str]]]


def read_definition(path: Path, checks: Iterable[Check] = ()) -> Definition:
    """Return the definition in `path`. Raises DefinitionError, also when the file cannot be read."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DefinitionError([_fault(path.name, 1, "file", "is larger than 1 MB.", "Keep media out of it.")])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"cannot be read: {error.strerror}."
        raise DefinitionError([_fault(path.name, 1, "file", what, "Check the path.")]) from None
    except UnicodeDecodeError:
        raise DefinitionError([_fault(path.name, 1, "file", "is not UTF-8 text.", "Save it as UTF-8.")]) from None
    return parse_definition(text, path.name, checks)


def parse_definition(text: str, name: str, checks: Iterable[Check] = ()) -> Definition:
    """Return the definition in a YAML (or JSON) text. Raises DefinitionError with every error found."""
    node, data = _parsed(text, name)
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        raise DefinitionError([_explain(name, node, dict(item)) for item in _own_faults(error)]) from None
    if found := [_at(name, node, *fault) for check in checks for fault in check(definition)]:
        raise DefinitionError(found)
    return definition


def check_again(definition: Definition, checks: Iterable[Check] = ()) -> None:
    """Check a definition that comes from no file, by all rules. Raises DefinitionError, with its id for a file."""
    name = definition.id
    nowhere = yaml.MappingNode("", [], yaml.Mark(name, 0, 0, 0, None, 0))
    try:
        Definition.model_validate(definition.canonical())
    except ValidationError as error:
        raise DefinitionError([_explain(name, nowhere, dict(item)) for item in _own_faults(error)]) from None
    if found := [_at(name, nowhere, *fault) for check in checks for fault in check(definition)]:
        raise DefinitionError(found)


def _parsed(text: str, name: str) -> tuple[yaml.Node, dict[str, Any]]:
    """Return a YAML text as its nodes and as data. Raises DefinitionError."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        _refuse_what_is_not_plain(node, name)
        data = _values_of(loader, node, name) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"is not readable YAML: {error.problem or error.context}."
        cure = "Check the indentation and quotes there."
        raise DefinitionError([_fault(name, line, "file", what, cure)]) from None
    except yaml.YAMLError as error:
        what = f"is not readable YAML: {error}."
        raise DefinitionError([_fault(name, 1, "file", what, "Check for unusual characters.")]) from None
    except RecursionError:
        raise DefinitionError([_fault(name, 1, "file", "is nested too deeply.", "Flatten it.")]) from None
    if node is None or not isinstance(data, dict):
        what = "does not hold a definition."
        raise DefinitionError([_fault(name, 1, "file", what, "Start from one of the examples.")])
    return node, data


def _values_of(loader: "_Loader", node: yaml.Node, name: str) -> Any:
    try:
        return loader.construct_document(node)
    except (ValueError, KeyError, OverflowError):  # !!int before a word, and the like
        what, cure = "has a value that is not what its tag (!) says.", "Leave the tag out."
        raise DefinitionError([_fault(name, node.start_mark.line + 1, "file", what, cure)]) from None


def _own_faults(error: ValidationError) -> list[ErrorDetails]:
    """Leave out that a list is too short when its items are there and are faulty themselves: those are told."""
    found = error.errors()
    above = {item["loc"][:length] for item in found for length in range(len(item["loc"]))}
    return [item for item in found if item["type"] != "too_short" or item["loc"] not in above]


def _explain(name: str, node: yaml.Node, item: dict[str, Any]) -> DefinitionFault:
    location = tuple(part for part in item["loc"] if not _type_tag(part))
    kind = item["type"]
    what = _WHATS.get(kind) or str(item["msg"]).removeprefix("Value error, ").rstrip(".") + "."
    cure = _CURES.get(kind, "")
    if kind == "too_short":
        least = item["ctx"]["min_length"]
        what, cure = "has too few items.", f"Write at least {least}."
    if kind == "literal_error":
        choices = ", ".join(ACCEPT_WORDS) if "accept" in location else item["ctx"]["expected"]
        what, cure = f"{_as_written(item['input'])} is not known here.", f"Use one of: {choices}."
    elif kind == "string_pattern_mismatch":
        cure = _pattern_cure(str(location[-1]))
    return _at(name, node, location, what, cure)


def _at(name: str, node: yaml.Node, location: Place, what: str, cure: str) -> DefinitionFault:
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return _fault(name, _line_number(node, location), field or "whole file", what, cure)


def _as_written(value: object) -> str:
    """Return what was written, in short; a number of thousands of digits has no form that Python would print."""
    try:
        return repr(value)[:_LONGEST_SHOWN]
    except ValueError:
        return "this number"


def _pattern_cure(field: str) -> str:
    return {
        "id": "Use small letters, digits and dashes, such as job-hazard-analysis.",
        "version": 'Write three numbers in quotes, such as "1.0.0".',
        "language": "Write a language tag such as en, es-MX or es-419.",
        "url": "Write a full address that begins with https://.",
        "currency": "Write three capital letters, such as USD.",
        "email": "Write an e-mail address.",
    }.get(field, "Look at one of the examples.")


def _type_tag(part: object) -> bool:
    """Pydantic puts the tried type of a union into the path; people do not need it."""
    return isinstance(part, str) and ("[" in part or part in ("str", "constrained-str"))


def _line_number(node: yaml.Node, location: tuple[Any, ...]) -> int:
    """Return the line of the deepest node that exists on the way to `location`."""
    line = node.start_mark.line + 1
    for part in location:
        child = None
        if isinstance(node, yaml.MappingNode):
            line, child = _fields_of(node).get(part, (line, None))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return int(line)


def _refuse_what_is_not_plain(node: yaml.Node | None, name: str) -> None:
    """Refuse a key written twice (the first would be lost), anchors (a small file could grow without end), tags."""
    seen: set[int] = set()
    todo = [node] if node else []
    while todo:
        one = todo.pop()
        line = one.start_mark.line + 1
        if id(one) in seen and not isinstance(one, yaml.ScalarNode):
            raise DefinitionError([_fault(name, line, "file", "uses an anchor (&, *).", "Write the text out.")])
        if one.tag not in _TAGS:
            cure = "Write plain text, numbers and lists."
            raise DefinitionError([_fault(name, line, "file", "uses a tag (!) that is not taken.", cure)])
        seen.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            todo.extend(one.value)
        elif isinstance(one, yaml.MappingNode):
            _refuse_doubles(one, name)
            todo.extend(value for _key, value in one.value)


def _refuse_doubles(node: yaml.MappingNode, name: str) -> None:
    keys: set[str] = set()
    for key, _value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise DefinitionError([_fault(name, line, "file", "has a list or fields for a name.", "Write a word.")])
        if key.value in keys:
            what = "is written twice in one place."
            raise DefinitionError([_fault(name, line, str(key.value), what, "Keep one of them.")])
        keys.add(key.value)


@lru_cache(maxsize=16)
def _fields_of(node: yaml.MappingNode) -> dict[str, tuple[int, yaml.Node]]:
    """Return the line and the value of each field: found once for a mapping and not once for each fault in it."""
    return {key.value: (key.start_mark.line + 1, value) for key, value in node.value}


class _Loader(yaml.SafeLoader):
    """YAML without what a definition does not need: dates, merges, numbers to the base of 60, endless depth."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:
        """Return the tag of a value. A long one, and one with colons, is text and no number."""
        if kind is yaml.ScalarNode and value and (len(value) > _LONGEST_NUMBER or ":" in value):
            return f"{_YAML}str"
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]  # no types there
        return tag

    def fetch_flow_collection_start(self, token: Any) -> None:
        """Begin a list or fields in brackets. Raises MarkedYAMLError beyond a depth that no definition has."""
        if self.flow_level >= _DEEPEST:
            raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=self.get_mark())
        super().fetch_flow_collection_start(token)


def _fault(name: str, line: int, field: str, what: str, cure: str) -> DefinitionFault:
    return DefinitionFault(name, line, field, what, cure)


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in rows if tag in _TAGS]
    for sign, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
