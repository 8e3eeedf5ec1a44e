"""What a definition carries into badges: the vocabulary of Open Badges, and addresses that every program takes."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.catalog.badge_terms import ACHIEVEMENT_TYPES, is_achievement_type, nearest_types, same_type
from lti_mcred.catalog.web_address import as_uri, fault_of
from tests.badges_helpers import calm
from tests.doubling import assert_linear

SCHEMA = Path(__file__).parent.parent / "fixtures" / "openbadges" / "achievementcredential-2025.json"
_URI = re.compile(r"https?://[A-Za-z0-9_.:\[\]-]+([/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")


def test_the_vocabulary_is_that_of_the_published_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    known, own = schema["$defs"]["Achievement"]["properties"]["achievementType"]["oneOf"]
    assert sorted(ACHIEVEMENT_TYPES) == sorted(known["enum"])
    for term in ("ext:Mikro", "ext:a.b-c_9", "ext:-x", "ext:", "ext:a b", "Ext:a"):
        if is_achievement_type(term):
            assert re.fullmatch("ext:.*", term)
            assert re.search(own["pattern"], term)


@pytest.mark.parametrize(
    "term", ["ext:", "ext:-x", "ext:a b", "Ext:a", "microcredential", "MicroCredential ", "", "Badge\n"]
)
def test_other_terms_are_none_of_open_badges(term: str) -> None:
    assert not is_achievement_type(term)


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("Micro-credential", "MicroCredential"),
        ("micro credential", "MicroCredential"),
        ("BADGE", "Badge"),
        ("Co-curricular", "CoCurricular"),
        ("Masters Degree", "MasterDegree"),
        ("Certficate", "Certificate"),
    ],
)
def test_what_was_meant_is_suggested(term: str, meant: str) -> None:
    assert nearest_types(term)[0] == meant


def test_only_case_and_signs_are_overlooked_for_versions_of_before() -> None:
    assert same_type("Micro-credential") == "MicroCredential"
    assert same_type("ext:Mikro") == "ext:Mikro"
    assert same_type("Masters Degree") == same_type("Kurs") == same_type("") == ""


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("https://example.edu", "https://example.edu"),
        ("https://example.edu:8443/a?b=c&d[]=1#e", "https://example.edu:8443/a?b=c&d%5B%5D=1#e"),
        ("https://eur-lex.europa.eu/TXT/?uri=CELEX:32022H0627(02)", None),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("https://例え.example/道?問=答", "https://xn--r8jz45g.example/%E9%81%93?%E5%95%8F=%E7%AD%94"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://example.edu/a b", "https://example.edu/a%20b"),
        ('https://example.edu/{id}|"<>\\^`', "https://example.edu/%7Bid%7D%7C%22%3C%3E%5C%5E%60"),
        ("https://example.edu/50%", "https://example.edu/50%25"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
    ],
)
def test_an_address_becomes_a_uri_that_every_program_takes(address: str, uri: str | None) -> None:
    assert as_uri(address) == (uri or address)


BAD = [
    "", "example.edu", "/standards/4", "//example.edu/x", "mailto:a@example.edu", "urn:x:y", "javascript:alert(1)",
    "https://", "https:///x", "https://a b.example/", "https://ex ample/", "https://example.edu/a b", " https://x.y",
    "https://example.edu/{x}", "https://example.edu/a|b", 'https://example.edu/"', "https://example.edu/<x>",
    "https://example.edu/a\\b", "https://example.edu/a\tb", "https://example.edu/a\nb", "https://example.edu/%zz",
    "https://user:word@example.edu/", "https://example.edu:99999/", "https://example.edu:x/", "https://[::1/",
    "https://exa_.-mple..edu/", "https://-example.edu/", "_:https://example.edu", "https://example.edu/" + "a" * 2_000,
    "https://example.edu/\ud800", "https://\u202e.example/", "HTTPS//example.edu",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_others_refuse_is_refused_with_a_cure(address: str) -> None:
    fault = fault_of(address)
    assert fault is not None
    assert all(part.endswith(".") for part in fault)
    assert len(" ".join(fault)) < 300


@calm
@given(
    st.one_of(
        st.text(max_size=60),
        st.text(max_size=40).map("https://example.edu/".__add__),
        st.text(max_size=40).map("http://".__add__),
    )
)
def test_a_good_address_is_a_uri_and_a_uri_is_good(address: str) -> None:
    uri = as_uri(address)
    if fault_of(address) is None:
        assert uri
    if uri:
        assert _URI.fullmatch(uri)
        assert as_uri(uri) == uri
        assert fault_of(uri) is None


@pytest.mark.parametrize("repeated", ["a", ".", "-", "%", "[", ":", "@", "é", "?", "a.", "%2"])
def test_addresses_are_read_in_linear_time(repeated: str) -> None:
    assert_linear(
        lambda address: (fault_of(address), as_uri(address)),
        lambda size: "https://" + repeated * (size // len(repeated)),
    )
