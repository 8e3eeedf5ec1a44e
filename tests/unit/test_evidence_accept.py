"""What a part takes: as it was asked, or in another way, within the limit of the site."""

import pytest

from lti_mcred.catalog.definition import ArtifactSpec, Prompt
from lti_mcred.evidence.accept import ALTERNATIVE_KINDS, CHOOSER, Taken, taken_by

PROMPT = Prompt.model_validate({"id": "Q1", "prompt": "Why?", "alternatives": ["audio"]})


def artefact(*accept: str, files: int = 2) -> ArtifactSpec:
    return ArtifactSpec.model_validate(
        {"id": "A1", "title": "Plan", "instructions": "Write.", "accept": accept, "max_files": files, "max_mb_each": 30}
    )


def test_a_question_takes_words_alone_until_another_way_is_chosen() -> None:
    assert taken_by(PROMPT, None, 500) == Taken((), 0, 0, text_counts=True)
    other = taken_by(PROMPT, 0, 7)
    assert (other.kinds, other.max_mb, other.text_counts, other.takes_files) == (ALTERNATIVE_KINDS, 7, True, True)


@pytest.mark.parametrize(("site", "most"), [(500, 30), (20, 20)])
def test_the_smaller_limit_counts(site: int, most: int) -> None:
    taken = taken_by(artefact("pdf"), None, site)
    assert (taken.max_mb, taken.max_bytes) == (most, most * 1024 * 1024)


def test_a_part_that_takes_links_and_words_alone_has_nothing_to_upload() -> None:
    links = taken_by(artefact("link"), None, 500)
    assert (links.takes_files, links.takes_links, links.file_kinds, links.chooser()) == (False, True, (), "")
    assert not Taken(("pdf",), 0, 1, text_counts=False).takes_files


def test_a_part_says_to_the_browser_what_may_be_chosen() -> None:
    taken = taken_by(artefact("pdf", "link", "image"), None, 500)
    assert taken.chooser() == ",".join([*CHOOSER["pdf"], *CHOOSER["image"]])
    assert (taken.takes_files, taken.takes_links, taken.text_counts) == (True, True, False)
    assert taken_by(artefact("text"), None, 500).text_counts


def test_another_way_takes_at_least_as_many_files_as_was_asked() -> None:
    assert taken_by(artefact("pdf", files=50), 0, 500).max_files == 50
    assert taken_by(artefact("pdf", files=1), 0, 500).max_files == taken_by(PROMPT, 0, 500).max_files
