"""Copies for assessors, made as the tests of cleaning need them."""

from pathlib import Path

import pytest

from lti_mcred.evidence.cleaning.clean import clean
from lti_mcred.evidence.cleaning.outcome import CannotClean

NAME = b"Zebulon Quasimodo"


def copy(tmp_path: Path, content: bytes | None, media_type: str) -> bytes:
    """Return the copy that an assessor gets of a file; without `content` of the one that is at `source`."""
    source, target = tmp_path / "source", tmp_path / "target"
    if content is not None:
        source.write_bytes(content)
    clean(source, target, media_type)
    return target.read_bytes()


def code_of(tmp_path: Path, content: bytes | None, media_type: str) -> str:
    """Return why a file cannot be cleaned: damaged, large, …"""
    with pytest.raises(CannotClean) as refused:
        copy(tmp_path, content, media_type)
    return refused.value.code
