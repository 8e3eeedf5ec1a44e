"""`lti-mcred badge verify`: a stranger's badge needs neither database nor settings, and the end says the verdict."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.openbadges.attested import IssuerProfile
from lti_mcred.badges.openbadges.credential import build_credential
from lti_mcred.badges.openbadges.keys import SigningKey
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.cli import main
from lti_mcred.outbound.http import Answer, HttpClient
from tests.badges_helpers import ACHIEVEMENT, AWARD, OTHER_KEY, signed_badge
from tests.unit.test_badges_baking import PNG
from tests.unit.test_badges_svg import picture

DID = f"did:key:{OTHER_KEY.public_multibase}"
URL = "https://badges.example.edu/credentials/aaaa"
# Nothing that a stranger's badge would need: no database, and a secret that the tool itself would refuse.
NOTHING = {
    "LTI_MCRED_ENVIRONMENT": "production",
    "LTI_MCRED_SECRET_KEY": "short",
    "LTI_MCRED_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
}


def strangers(**members: Any) -> dict[str, Any]:
    """Return the signed badge of a teacher who is a key."""
    unsigned = build_credential(IssuerProfile(DID, "A single teacher"), ACHIEVEMENT, AWARD)
    del unsigned["credentialStatus"]
    return sign({**unsigned, **members}, SigningKey(DID, OTHER_KEY.private), AWARD.valid_from)


BADGE = strangers()
TEXT = json.dumps(BADGE)


def verify(given: str, *options: str, typed: bytes = b"") -> Result:
    """Run the command where nothing is installed."""
    return CliRunner().invoke(main, ["badge", "verify", given, *options], input=typed, env=NOTHING)


FILES: dict[str, tuple[bytes, int, str]] = {
    "valid": (TEXT.encode(), 0, "valid"),
    "valid in a picture": (baking.bake(PNG, TEXT), 0, "carries one badge"),
    "valid in an SVG picture": (
        picture(f"<openbadges:credential><![CDATA[{TEXT}]]></openbadges:credential>"),
        0,
        "carries one badge",
    ),
    "changed": (TEXT.replace("Regrouping", "Grouping").encode(), 1, "tampered"),
    "not signed": (json.dumps({k: v for k, v in BADGE.items() if k != "proof"}).encode(), 1, "not signed"),
    "expired": (json.dumps(strangers(validUntil="2026-11-04T00:00:00Z")).encode(), 1, "expired"),
    "another kind of signature": (
        json.dumps({**BADGE, "proof": [{"type": "Ed25519Signature2020"}]}).encode(),
        2,
        "cannot confirm",
    ),
    "nothing": (b"", 3, "nothing in it"),
    "a photograph": (b"\xff\xd8\xff\xe0", 3, "only PNG and SVG can"),
    "no badge": (b"{}", 3, "not an Open Badge"),
}


@pytest.mark.parametrize(("data", "code", "words"), FILES.values(), ids=FILES)
def test_the_end_says_the_verdict(tmp_path: Path, data: bytes, code: int, words: str) -> None:
    path = tmp_path / "badge"
    path.write_bytes(data)
    for answer in (verify(str(path)), verify("-", typed=data)):
        assert answer.exit_code == code, answer.output
        assert words in answer.output
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    answer = verify(str(tmp_path / "missing.json"))
    assert answer.exit_code == 3
    assert "No such file" in answer.output


def test_software_gets_everything_as_json(tmp_path: Path) -> None:
    path = tmp_path / "badge.json"
    path.write_text(TEXT, encoding="utf-8")
    found = json.loads(verify(str(path), "--json").output)
    assert (found["verdict"], found["badge"]["issuer"], found["not_made"]) == ("valid", DID, [])
    assert {check["state"] for check in found["checks"]} == {"passed"}
    path.write_text("hello", encoding="utf-8")
    assert json.loads(verify(str(path), "--json").output)["error"] == "not_json"


def test_an_address_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(_self: HttpClient, _method: str, url: str, **given: Any) -> Answer:
        asked.append((url, given["headers"]["Accept"].partition(",")[0]))
        return Answer(200, "OK", {}, TEXT.encode(), url, 0.0)

    monkeypatch.setattr(HttpClient, "request", answer)
    assert verify(URL).exit_code == 0
    assert asked == [(URL, "application/vc")]


@pytest.mark.parametrize(
    "address", ["http://badges.example.edu/1", "ftp://a.example/1", "https://", "https://127.0.0.1/1"]
)
def test_no_other_address_is(address: str) -> None:
    assert verify(address).exit_code == 3


def test_an_issuer_who_cannot_be_reached_leaves_the_question_open(tmp_path: Path) -> None:
    path = tmp_path / "badge.json"
    path.write_text(json.dumps(signed_badge()), encoding="utf-8")
    answer = verify(str(path))
    assert answer.exit_code == 2
    assert "could not be reached" in answer.output
    assert "not made" in answer.output


def test_what_a_badge_says_cannot_move_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "badge.json"
    path.write_text(json.dumps({**BADGE, "proof": [{"type": "\x1b[2J\u202e"}]}), encoding="utf-8")
    assert "\x1b" not in verify(str(path)).output
    assert "\u202e" not in verify(str(path)).output
    name = "\x9b2J\u202e"
    path.write_text(json.dumps(strangers(id=f"urn:{name}")), encoding="utf-8")
    answer = verify(str(path), "--json")
    assert answer.output.isascii()
    assert json.loads(answer.output)["badge"]["id"] == f"urn:{name}"


@pytest.mark.parametrize("content", [b"", b"no database at all, whatever its name says"])
def test_a_database_that_cannot_be_used_is_in_nobodys_way(tmp_path: Path, content: bytes) -> None:
    database, path = tmp_path / "odd.sqlite3", tmp_path / "badge.json"
    database.write_bytes(content)
    path.write_text(TEXT, encoding="utf-8")
    where = {"LTI_MCRED_ENVIRONMENT": "development", "LTI_MCRED_DATABASE_URL": f"sqlite:///{database}"}
    assert CliRunner().invoke(main, ["badge", "verify", str(path)], env=where).exit_code == 0
