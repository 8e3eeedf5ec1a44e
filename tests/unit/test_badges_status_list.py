"""Status lists: places, bits, and lists of others that do not unpack."""

import base64
import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges import status_list as lists
from tests.badges_helpers import calm

indexes = st.integers(min_value=0, max_value=lists.SIZE - 1)


@calm
@given(st.sets(indexes, max_size=12), indexes)
def test_exactly_the_bits_that_were_set_come_back(chosen: set[int], other: int) -> None:
    bits = lists.empty()
    for index in chosen:
        bits = lists.with_bit(bits, index)
    back = lists.decode(lists.encode(bits))
    assert back == bits
    assert all(lists.get(back, index) for index in chosen)
    assert lists.get(back, other) is (other in chosen)
    assert sum(byte.bit_count() for byte in back) == len(chosen)


def test_index_zero_is_the_most_significant_bit_of_the_first_byte() -> None:
    assert lists.with_bit(lists.empty(), 0)[0] == 0b1000_0000
    assert lists.with_bit(lists.empty(), 9)[1] == 0b0100_0000


def test_the_example_of_the_recommendation_is_an_empty_list() -> None:
    # W3C Bitstring Status List 1.0, example of a list of 131,072 entries.
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert lists.decode(encoded) == lists.empty()


def test_equal_bits_give_equal_text() -> None:
    assert lists.encode(lists.empty()) == lists.encode(lists.empty())


@pytest.mark.parametrize("index", [-1, lists.SIZE, 10**9])
def test_an_index_outside_the_list_is_an_error(index: int) -> None:
    with pytest.raises(lists.StatusListError):
        lists.get(lists.empty(), index)
    with pytest.raises(lists.StatusListError):
        lists.with_bit(lists.empty(), index)


@pytest.mark.parametrize("size", [8, 131_064, 131_073])
def test_a_list_is_never_smaller_than_the_crowd_that_hides_it(size: int) -> None:
    with pytest.raises(lists.StatusListError):
        lists.empty(size)


def test_places_are_drawn_at_random_and_never_twice() -> None:
    taken: set[int] = set()
    for _ in range(300):
        taken.add(lists.draw_index(taken))
    assert len(taken) == 300
    assert sorted(taken) != list(range(300))


def test_the_last_free_place_is_found_and_then_the_list_is_full() -> None:
    taken = set(range(40)) - {17}
    assert lists.draw_index(taken, size=40) == 17
    with pytest.raises(lists.ListFullError):
        lists.draw_index(taken | {17}, size=40)


def packed(data: bytes) -> str:
    """Return data as an encodedList."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(data, mtime=0)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "encoded",
    [
        None,
        7,
        "",
        "H4sIAAAAAAAAA",
        "u",
        "u!!!!",
        "uAAAA",
        packed(bytes(16_384)) + "=",
        packed(bytes(16_383)),
        packed(bytes(16_384))[:-8],
        packed(bytes(5 * 1024 * 1024)),
    ],
)
def test_a_list_that_cannot_be_unpacked_or_is_too_short_or_too_long_is_an_error(encoded: object) -> None:
    with pytest.raises(lists.StatusListError):
        lists.decode(encoded)


def test_the_list_credential_names_its_issuer_purpose_and_life() -> None:
    document = lists.build_list_credential(
        "https://a.example/status/1",
        "did:web:a.example",
        lists.empty(),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2026, 1, 8, tzinfo=UTC),
        ttl_seconds=300,
    )
    assert document["issuer"] == "did:web:a.example"
    assert document["validUntil"] == "2026-01-08T00:00:00Z"
    assert document["credentialSubject"]["id"] == "https://a.example/status/1#list"
    assert document["credentialSubject"]["ttl"] == 300_000


def test_the_last_free_place_is_found_where_chance_does_not_find_it() -> None:
    assert lists.draw_index({0, 1, 3}, size=4, below=lambda _most: 0) == 2
