"""JSON-LD: what may be signed, and what is refused before it could be."""

import json
from pathlib import Path
from typing import Any

import pyld.jsonld
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lti_mcred.badges.openbadges import jsonld, proof
from lti_mcred.badges.verifier.public_keys import from_multibase
from tests.badges_helpers import signed_badge, signed_list

FIXTURES = Path(__file__).parent.parent / "fixtures" / "openbadges"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

# Test vector of W3C Data Integrity EdDSA Cryptosuites 1.0, eddsa-rdfc-2022 (W3C Software and Document License).
VECTOR: dict[str, Any] = {
    "@context": [jsonld.VC_2, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "https://vc.example/issuers/5678#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "proofValue": ("z21EVs3eXERqTn4acNHT9viboqgzUaQ3kTmhPT3eA8qrVPE7CrQq78WkzctnMX5W4CrzcKnHw8V6dvy5pgWYCU5e9"),
    },
}


@pytest.fixture
def with_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the vector's own context be known; the product knows no context that defines everything."""
    examples = json.loads((FIXTURES / "credentials-examples-v2.jsonld").read_text(encoding="utf-8"))
    monkeypatch.setattr(jsonld, "canonicalize", jsonld.Processor({**jsonld.PACKAGED, EXAMPLES: examples}).canonicalize)


@pytest.mark.usefixtures("with_examples")
def test_the_w3c_test_vector_verifies() -> None:
    public = from_multibase("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
    assert isinstance(public, Ed25519PublicKey)
    assert proof.verify_proof(VECTOR, VECTOR["proof"], public) is True
    assert proof.verify_proof({**VECTOR, "name": "Alumna Credential"}, VECTOR["proof"], public) is False
    assert proof.verify_proof(VECTOR, {**VECTOR["proof"], "created": "2023-02-24T23:36:39Z"}, public) is False


def document(**members: Any) -> dict[str, Any]:
    """Return a small credential."""
    return {"@context": [jsonld.VC_2, jsonld.OB], "id": "urn:uuid:1", "type": ["VerifiableCredential"], **members}


def test_a_context_that_is_not_packaged_is_never_fetched() -> None:
    with pytest.raises(jsonld.UnknownContextError, match="evil"):
        jsonld.canonicalize(document(**{"@context": [jsonld.VC_2, "https://evil.example/c"]}))


@pytest.mark.parametrize("context", [{"name": "https://schema.org/name"}, [jsonld.VC_2, {"@vocab": "urn:x:"}], None, 7])
def test_a_context_written_inside_the_document_is_refused(context: Any) -> None:
    with pytest.raises(jsonld.UnknownContextError):
        jsonld.canonicalize(document(**{"@context": context}))


def test_a_context_hidden_deeper_in_the_document_is_refused() -> None:
    with pytest.raises(jsonld.UnknownContextError):
        jsonld.canonicalize(document(issuer={"id": "did:web:a", "@context": {"@vocab": "urn:x:"}}))


def test_a_document_without_a_context_is_refused() -> None:
    with pytest.raises(jsonld.UnknownContextError):
        jsonld.canonicalize({"id": "urn:uuid:1"})


def test_a_property_that_no_context_defines_is_named() -> None:
    with pytest.raises(jsonld.UndefinedTermError, match="grade"):
        jsonld.check_defined(document(grade="A"))


def test_a_type_that_no_context_defines_is_named() -> None:
    with pytest.raises(jsonld.UndefinedTermError, match="Diploma3000"):
        jsonld.check_defined(document(type=["VerifiableCredential", "Diploma3000"]))


def test_the_schema_type_is_defined_by_the_extensions_context_only() -> None:
    members = {"credentialSchema": [{"id": "https://a.example/s", "type": "1EdTechJsonSchemaValidator2019"}]}
    jsonld.check_defined(document(**members, **{"@context": [jsonld.VC_2, jsonld.OB, jsonld.OB_EXTENSIONS]}))
    with pytest.raises(jsonld.UndefinedTermError):
        jsonld.check_defined(document(**members))


@pytest.mark.parametrize("character", ["\x00", "\x01", "\b", "\x0b", "\x0c", "\x1f", "\x7f", "\ud800"])
def test_control_characters_on_which_canonicalisers_disagree_are_refused(character: str) -> None:
    with pytest.raises(jsonld.ControlCharacterError):
        jsonld.canonicalize(document(name=f"a{character}b"))


def test_tabs_and_line_breaks_are_escaped_by_name() -> None:
    assert rb'"a\tb\nc\rd\"e\\f"' in jsonld.canonicalize(document(name='a\tb\nc\rd"e\\f'))


@pytest.mark.parametrize(
    "member",
    [{"@graph": []}, {"@included": [{}]}, {"@reverse": {}}, {"id": "_:b0"}, {"https://a.example/x": 1}, {"id": "../y"},
     {"name": "_:b0"}],
)  # fmt: skip
def test_json_ld_tricks_that_hide_or_tie_nodes_are_refused(member: dict[str, Any]) -> None:
    with pytest.raises(jsonld.DocumentError):
        jsonld.canonicalize(document(**member))


def test_a_packaged_context_leads_to_no_other_that_is_not() -> None:
    processor = jsonld.Processor({"https://a.example/c": {"@context": ["https://evil.example/more"]}})
    with pytest.raises(jsonld.UnknownContextError, match=r"evil\.example"):
        processor.canonicalize({"@context": "https://a.example/c", "id": "urn:uuid:1"})


@pytest.mark.parametrize("read", [jsonld.canonicalize, jsonld.check_defined])
def test_what_is_no_json_ld_is_refused_as_a_document(read: Any) -> None:
    with pytest.raises(jsonld.DocumentError, match="not readable as JSON-LD"):
        read(document(type=7))


def equal_subjects(results: int) -> dict[str, Any]:
    """Return two equal subjects with many equal results: nothing but trying permutations tells them apart."""
    subject = {"type": ["AchievementSubject"], "result": [{"type": ["Result"], "value": "1"}] * results}
    return document(credentialSubject=[subject, subject])


def test_a_document_of_many_equal_parts_is_refused_quickly() -> None:
    with pytest.raises(jsonld.TooComplexError):
        jsonld.canonicalize(equal_subjects(12))


def test_a_few_equal_parts_are_no_harm() -> None:
    assert jsonld.canonicalize(equal_subjects(3)).count(b"vocab.html#Result>") == 6


def test_a_document_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {"id": "urn:x"}
    for _ in range(100):
        deep = {"credentialSubject": deep}
    with pytest.raises(jsonld.TooComplexError):
        jsonld.canonicalize(document(**deep))


def test_a_document_of_too_many_parts_is_refused_before_any_work() -> None:
    tags = [f"tag {number}" for number in range(5000)]
    with pytest.raises(jsonld.TooComplexError):
        jsonld.canonicalize(document(evidence=tags))


def test_canonical_form_does_not_depend_on_the_order_of_members() -> None:
    one = document(name="a", description="b")
    two = dict(reversed(list(one.items())))
    assert jsonld.canonicalize(one) == jsonld.canonicalize(two)


def test_what_is_remembered_of_contexts_changes_no_byte() -> None:
    """Three documents in turns, one of them with the same contexts in another order, against pyld's own way."""
    other_way = {**signed_badge(), "@context": [jsonld.OB, jsonld.VC_2]}
    processor = jsonld.Processor(jsonld.PACKAGED)
    for one in [signed_badge(), signed_list(7), other_way] * 2:
        plain = jsonld.Processor(jsonld.PACKAGED)
        plain._algorithms = pyld.jsonld.JsonLdProcessor()
        assert processor.canonicalize(one) == plain.canonicalize(one)
