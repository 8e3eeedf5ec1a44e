"""The library keeps published versions frozen, whatever is imported later."""

import pytest

from lti_mcred.catalog import library
from lti_mcred.catalog.yaml_file import parse_definition
from lti_mcred.files import resource_dir
from tests import factories as make


def _changed(**values):
    return make.example().model_copy(update=values)


def test_importing_the_same_file_twice_changes_nothing(app):
    path = resource_dir("examples") / f"{make.JOB_HAZARD}.yaml"
    assert library.import_file(path).outcome == "added"
    assert library.import_file(path).outcome == "unchanged"
    assert len(library.all_versions()) == 1


def test_a_published_version_cannot_change(app):
    library.store(make.example(), publish=True)
    with pytest.raises(library.FrozenVersion, match=r'a higher version than "1\.0\.0"'):
        library.store(_changed(title="Another title"), publish=True)


def test_a_draft_can_be_replaced_and_then_published(app):
    assert library.store(make.example(), publish=False).outcome == "added"
    assert library.published() == []
    assert library.store(_changed(title="Better"), publish=False).outcome == "replaced"
    assert library.store(_changed(title="Better"), publish=True).outcome == "published"
    assert [row.title for row in library.published()] == ["Better"]


def test_the_newest_published_version_is_offered(app):
    for version in ("1.9.0", "1.10.0"):
        library.store(_changed(version=version), publish=True)
    library.store(_changed(version="2.0.0"), publish=False)
    assert [row.version for row in library.published()] == ["1.10.0"]
    assert library.find_version(make.JOB_HAZARD).version == "2.0.0"
    assert library.find_version(make.JOB_HAZARD, "1.9.0").state == "published"
    assert library.find_version("nothing-like-it") is None


@pytest.mark.parametrize(("words", "found"), [("crew hazard", 1), ("OSHA", 1), ("apprentice", 1), ("poetry", 0)])
def test_search_looks_into_title_audience_and_frameworks(app, words, found):
    library.store(make.example(), publish=True)
    assert len(library.published(words)) == found


def test_an_export_imports_to_the_same_fingerprint(app):
    row = library.store(make.example(), publish=True).version
    assert parse_definition(library.export_yaml(row), "out.yaml").sha256() == row.sha256
