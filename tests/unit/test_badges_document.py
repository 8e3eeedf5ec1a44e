"""From text to the document of one badge: what holds it, however often wrapped, and what cannot be one."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.verifier.document import ENVELOPE
from lti_mcred.badges.verifier.reading import read_badge, summarize
from tests.badges_helpers import ACHIEVEMENT, signed_badge, why_unreadable
from tests.unit.test_badges_baking import with_chunk

BADGE = signed_badge()
PAYLOAD = base64.urlsafe_b64encode(json.dumps({**BADGE, "iss": "x"}).encode()).decode().rstrip("=")
TOKEN = f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.c2ln"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbf \n", "empty"),
        (with_chunk(baking.KEYWORD + b"\0\0\0\0\0 \n"), "empty"),
        (b" " * 100 + b"<!DOCTYPE html><p>", "page"),
        (with_chunk(baking.KEYWORD + b"\0\0\0\0\0<html>"), "page"),
        (b"https://[", "address"),
        (b"eyJhbGciOiJSUzI1NiJ9.WzFd.c2ln", "jwt"),
        (b"eyJhbGciOiJSUzI1NiJ9..c2ln", "jwt"),
    ],
)
def test_what_holds_no_document_is_told_apart(data: bytes, code: str) -> None:
    assert why_unreadable(data) == code


def held(document: Any, times: int) -> bytes:
    """Return the document in presentations within presentations."""
    for _ in range(times):
        document = {"type": ["VerifiablePresentation"], "verifiableCredential": [document]}
    return json.dumps(document).encode()


def test_a_badge_is_taken_out_of_four_wrappings_and_of_no_more() -> None:
    for times in range(5):
        assert read_badge(held(BADGE, times)) == BADGE
    assert why_unreadable(held(BADGE, 5)) == "not_a_badge"


@pytest.mark.parametrize("kind", [ENVELOPE, [ENVELOPE]])
def test_a_token_in_an_envelope_is_read_as_the_token_itself(kind: Any) -> None:
    envelope = {"@context": BADGE["@context"][0], "type": kind, "id": f"data:application/vc+jwt,{TOKEN}"}
    assert read_badge(json.dumps(envelope).encode()) == read_badge(TOKEN.encode())
    assert read_badge(held(envelope, 1)) == read_badge(TOKEN.encode())
    assert why_unreadable(json.dumps({**envelope, "id": "data:application/vc+jwt,eyJ"}).encode()) == "not_a_badge"


def test_a_number_with_a_fraction_is_read_as_it_is_written() -> None:
    text = json.dumps(signed_badge(achievement=replace(ACHIEVEMENT, hours=7.5)))
    assert '"creditsAvailable": 7.5' in text
    assert summarize(read_badge(text.encode())).hours == "7.5"
