"""Web addresses in evidence are shown as they are: look-alike hosts, direction marks, signs that hide."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.evidence.weblink import address_of
from tests.doubling import assert_linear


@pytest.mark.parametrize(
    ("url", "host", "letters", "doubt"),
    [
        ("https://example.org/plan", "example.org", "", ""),
        ("https://M\u00fcnchen.example/", "xn--mnchen-3ya.example", "m\u00fcnchen.example", ""),
        ("https://\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8.example/", "xn--zckzah9945czlbtz6h.example", None, ""),
        # A Cyrillic letter in a Latin word; a word of Cyrillic letters alone; the same as it is asked for.
        ("https://p\u0430ypal.example/", "xn--pypal-4ve.example", "p\u0430ypal.example", "mixed"),
        ("https://\u0430\u0440\u0440\u04cf\u0435.example/", "xn--80ak6aa92e.example", None, "alike"),
        ("https://xn--80ak6aa92e.example/", "xn--80ak6aa92e.example", None, "alike"),
        ("https://g\u03bf\u03bfgle.example/", None, None, "mixed"),
        ("https://login.p\u0430ypal.example.org/", None, None, "mixed"),
        # What a browser makes of it: full-width letters, an ideographic full stop, percent signs in the host.
        ("https://\uff45\uff56\uff49\uff4c\u3002example/", "evil.example", "", ""),
        ("https://a%2eevil.example/", "a.evil.example", "", ""),
        ("http://2130706433/", "2130706433", "", "number"),
        ("http://127.0.0.1:8000/x", "127.0.0.1", "", ""),
        ("http://[::1]/x", "[::1]", "", ""),
        ("https://goo\u200bgle.example/", "google.example", "", "hidden"),
        ("https://a.example/\u202efdp.exe", "a.example", "", "hidden"),
        ("https://a.example/%E2%80%AEfdp.exe", "a.example", "", "hidden"),
    ],
)
def test_a_host_is_shown_as_it_is_asked_for_and_as_it_looks(
    url: str, host: str | None, letters: str | None, doubt: str
) -> None:
    found = address_of(url)
    assert found
    assert host is None or found.host == host
    assert letters is None or found.letters == letters
    assert found.doubt == doubt


@pytest.mark.parametrize(
    "url",
    [
        "https://", "https://user@example.org/", "https://good.example\\@evil.example/", "https://good.example\\.evil",
        "https://a b.example", "https://a..example/", "https://a.example/\u00a0x", "https://-a.example/",
        "ftp://example.org", "javascript:alert(1)", "https://[::1", "https://a.example:99999/", "https://%00.example/",
    ],
)  # fmt: skip
def test_what_has_no_host_or_hides_it_is_no_address(url: str) -> None:
    assert address_of(url) is None


def test_what_turns_the_direction_of_reading_is_shown_as_numbers_and_honest_letters_are_shown() -> None:
    found = address_of("https://a.example/\u00c4ste/\u6f22/\u05d0\u202e?q=1#x")
    assert found
    assert found.after == "/\u00c4ste/\u6f22/%D7%90%E2%80%AE?q=1#x"
    assert found.href == "https://a.example/%C3%84ste/%E6%BC%A2/%D7%90%E2%80%AE?q=1#x"


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_written_nothing_that_hides_is_shown_and_the_way_there_is_ascii(host: str, path: str) -> None:
    found = address_of(f"https://{host}/{path}")
    if found is not None:
        assert found.href.isascii()
        assert found.host.isascii()
        shown = found.before + found.host + found.after + found.letters
        assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        assert found.doubt or not {unicodedata.category(char) for char in host + path} & {"Cf", "Cc", "Co"}


def test_reading_an_address_takes_time_in_proportion_to_its_length() -> None:
    assert_linear(address_of, lambda size: "https://a.example/" + "\u202e%" * size)
    assert_linear(address_of, lambda size: "https://" + "\u0430." * size)
