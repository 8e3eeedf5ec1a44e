"""The page's counter says what the server says: the same table of cases and the same random texts, run by Node."""

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lti_mcred.evidence.counting import _FIRSTS, _KINDS, _LASTS, tally
from lti_mcred.evidence.word_table import TABLE
from lti_mcred.files import resource_dir
from tests.interop.conftest import _unavailable
from tests.unit.test_evidence_counting import CASES

SCRIPTS = resource_dir("static") / "js"
RUN = """
import { tally } from "./counting.js";
const texts = JSON.parse(await new Response(process.stdin).text());
console.log(JSON.stringify(texts.map((text) => { const t = tally(text); return [t.words, t.signs, t.letters]; })));
"""
Counted = list[tuple[int, bool, bool]]


@pytest.fixture
def in_the_page(tmp_path: Path) -> Callable[[list[str]], Counted]:
    """A function that tallies texts with the page's script."""
    node = shutil.which("node")
    if not node:
        _unavailable("Node is not installed: the page's counter is not run beside the server's")
    for name in ("counting.js", "word-table.js"):
        shutil.copy(SCRIPTS / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "run.js").write_text(RUN)

    def run(texts: list[str]) -> Counted:
        done = subprocess.run(
            [str(node), "run.js"], cwd=tmp_path, input=json.dumps(texts), capture_output=True, text=True, check=True
        )
        return [(words, signs, letters) for words, signs, letters in json.loads(done.stdout)]

    return run


def here(texts: list[str]) -> Counted:
    return [(one.words, one.signs, one.letters) for one in map(tally, texts)]


def test_the_page_counts_the_shared_table_as_it_says(in_the_page: Callable[[list[str]], Counted]) -> None:
    assert [words for words, _signs, _letters in in_the_page([text for text, _words in CASES])] == [
        words for _text, words in CASES
    ]


def test_the_page_and_the_server_agree_on_any_text(in_the_page: Callable[[list[str]], Counted]) -> None:
    draw = random.Random(29)
    edges = [chr(point) for place in range(len(_KINDS)) for point in (_FIRSTS[place], _LASTS[place])]
    edges += list(" \n.,:'\"_-!@\u2019\u2014\u200b\u200d\U0001f600\U0001f1f3aא1漢かก") * 20
    anywhere = [chr(draw.randrange(0xE000, 0x110000)) for _number in range(2000)]
    texts = ["".join(draw.choices(pool, k=draw.randrange(24))) for pool in (edges, anywhere) for _number in range(4000)]
    assert in_the_page(texts) == here(texts)


def test_the_page_and_the_server_have_the_same_table_of_signs() -> None:
    assert "".join(re.findall(r'"([^"]*)"', (SCRIPTS / "word-table.js").read_text(encoding="utf-8"))) == TABLE
