"""Where code names an LMS. What differs between LMSs belongs into their profiles and into the practice LMS."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from house.files import Source

AT_HOME = ("tool/profiles/", "practice/")  # here an LMS may be named
CODE = ("file name", "identifier", "string")
WORDS = ("docstring", "comment")  # they explain; what runs does not depend on them
LMS = re.compile(
    r"canvas|instructure|moodle|brightspace|desire ?2 ?learn|blackboard|sakai|schoology|itslearning|open[ _-]?edx"
    r"|(?<![a-z])(?:d2l|edx|ilias|olat)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    """A place that names an LMS. `kind`: one of CODE or WORDS. `place`: path:line. `text`: what stands around it."""

    kind: str
    place: str
    text: str


def lms_names(sources: Iterable[Source]) -> list[Mention]:
    """Return every place outside AT_HOME, in the order of the files. A name, string or comment counts once."""
    return [one for source in sources if not source.path.startswith(AT_HOME) for one in mentions(source)]


def mentions(source: Source) -> list[Mention]:
    """Return the places in one file, by line."""
    found = [("file name", 1, source.path.rpartition("/")[2]), *_nodes(source.tree), *_comments(source.text)]
    named = sorted((line, kind, _around(text)) for kind, line, text in found if LMS.search(text))
    return [Mention(kind, f"{source.path}:{line}", text) for line, kind, text in named]


def _around(text: str) -> str:
    """Return a name with up to 40 characters on each side, on one line."""
    met = LMS.search(text)
    start, end = met.span() if met else (0, 0)
    return " ".join(text[max(0, start - 40) : end + 40].split())


def _nodes(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Yield the identifiers, strings and docstrings of a tree, with their kind and line."""
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str | bytes):
                text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
                yield ("docstring" if id(node) in explaining else "string"), line, text
            continue
        for _field, value in ast.iter_fields(node):
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield "identifier", line, text


def _comments(text: str) -> Iterator[tuple[str, int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield "comment", token.start[0], token.string
