"""The Link header: every legal way to write it, and nothing else (RFC 8288, 3; RFC 9110, 5.6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.outbound.links import Link, LinkError, next_of, read_links
from tests.doubling import assert_linear

HERE = "https://lms.example.edu/api/members?page=1"
NEXT = "https://lms.example.edu/api/members?page=2"

NAMED = {
    f'<{NEXT}>; rel="next"': NEXT,
    f"<{NEXT}>;rel=next": NEXT,
    f'<{NEXT}>; Rel="next"': NEXT,
    f'<{NEXT}>; REL="NEXT"': NEXT,
    f'<{NEXT}> ;\trel \t= \t"next" ': NEXT,
    f'<{NEXT}>; rel="prev next"': NEXT,
    f'<{NEXT}>; rel="  Next\tlast"': NEXT,
    '<https://lms/m;jsessionid=A1?page=2>; rel="next"': "https://lms/m;jsessionid=A1?page=2",
    '<https://lms/m?ids=1,2,3&x=a;b>; rel="next"': "https://lms/m?ids=1,2,3&x=a;b",
    '<?page=2>; rel="next"': "?page=2",
    '</a>; rel="prev", </b>; rel="next", </c>; rel="last"': "/b",
    ',, </a>; rel=first ,\t, </b>; rel="next" , ': "/b",
    '</b>; title="a, b; rel=\\"prev\\"\\\\"; rel="next"': "/b",
    '</a>; title="</x>; rel=next"; rel="prev", </b>; rel="next"': "/b",
    "</b>; title*=UTF-8'de'n%c3%a4chste; rel=\"next\"": "/b",
    '</b>;; rel="next";': "/b",
    '</b>; crossorigin; rel="next"': "/b",
    '</b>; rel="n\\ext"': "/b",
    f'</b>; rel="next"; anchor="{HERE}"': "/b",
    '</b>; rel="next"; anchor=""': "/b",
    '</a>; rel="next", </b>; rel="next"': "/a",
    "<https://m/x?limit=2&amp;from=2>; rel=“next”": "https://m/x?limit=2&from=2",
    "<https://m/x?a=1>; rel=“first”, <https://m/x?limit=2&amp;from=2>; rel=“next”": "https://m/x?limit=2&from=2",
    '</b>; title="the “best” of it"; rel="next"': "/b",
    '</b>; rel="https://example.org/rels/x NEXT"': "/b",
}
NOT_NAMED = [
    "", " ", ",", "</a>", '</a>; rel="prev"; rel="next"', '</a>; rel*="next"', '</a>; rev="next"',
    '</a>; rel="next-archive"', '</a>; rel="prefix:next"', "</a>; rel=nextpage", '</a>; title="rel=next"',
    '</a>; rel="next"; anchor="#chapter"', '</a>; rel="next"; anchor="https://elsewhere.example/"',
    '</a>; rel="next"; anchor="http://["', "</style.css>; rel=preload; as=style",
]  # fmt: skip
NO_RELATION = [
    '</a>; rel=""', '</a>; rel=" "', "</a>; rel", "</a>; rel; x=next",
    "</a>; rel='next'", "</a>; rel=&quot;next&quot;", "</a>; rel=`next`", '</a>; rel="next,prev"', '</a>; rel="/next"',
    '</b>; rel="prev", </a>; rel=\'next\'', '</a>; rel="prev \'next\'"',
]  # fmt: skip
WRONG = [
    "next", 'rel="next"', "<", "</a", '</a; rel="next"', '</a> rel="next"', '</a>; rel="next', '</a>; rel="next\\"',
    '</a>; rel="next" "', '</a>; rel=“next', "</a>; rel=", "</a>; rel=;", '</a>; ="next"', '</a>; rel==next',
    '</a>; rel="next"x', "</a></b>", '<a b>; rel="next"', '</a\x00>; rel="next"', "</a>; rel=next prev",
    '</a>; rel="next", garbage', '{"next": "/a"}', "https://lms.example.edu/a", "</a>; rel=ne<xt", "<<a>; rel=next",
]  # fmt: skip


@pytest.mark.parametrize("header", NAMED)
def test_the_next_page_is_found_however_it_is_written(header: str) -> None:
    assert next_of(header, HERE) == NAMED[header]
    assert next_of(header.encode().decode("latin-1"), HERE) == NAMED[header], "as a header travels"


@pytest.mark.parametrize("header", NOT_NAMED)
def test_a_link_to_something_else_is_no_next_page(header: str) -> None:
    assert next_of(header, HERE) is None


@pytest.mark.parametrize("header", WRONG)
def test_what_does_not_follow_the_grammar_is_an_error_and_never_the_end(header: str) -> None:
    with pytest.raises(LinkError):
        next_of(header, HERE)


@pytest.mark.parametrize("header", NO_RELATION)
def test_a_relation_that_cannot_be_read_may_mean_the_next_page_and_is_an_error(header: str) -> None:
    with pytest.raises(LinkError, match="relation"):
        next_of(header, HERE)


def test_several_links_are_read_in_order_with_all_their_relations() -> None:
    assert read_links('</a>; rel="First prev", <b>; anchor="#x"; anchor="#y"; rel=last') == [
        Link("/a", ("first", "prev")),
        Link("b", ("last",), "#x"),
    ]


SIGNS = st.text(st.sampled_from("<>;,=\"\\ \taN/“”&*'") | st.characters(codec="latin-1"), max_size=40)
TARGETS = st.text(st.sampled_from("abcXYZ019/?=;,:&%-._~#[]@'()*+!"), max_size=30)
TOKENS = st.text(st.sampled_from("abcXYZ019-._~!#$&'*+^`|"), min_size=1, max_size=10)
RELS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9.-]{0,9}|[xX]-y:[a-z/?#&=]{1,9}", fullmatch=True)
VALUES = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0“”"), max_size=20)


@given(SIGNS)
def test_any_header_is_read_or_refused_with_our_own_error(header: str) -> None:
    try:
        links = read_links(header)
    except LinkError:
        return
    assert all(isinstance(link, Link) for link in links)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(st.lists(st.tuples(TARGETS, st.lists(RELS, min_size=1, max_size=3), TOKENS, VALUES), max_size=4), st.data())
def test_what_is_written_by_the_grammar_is_read_as_it_was_meant(links: list, data: st.DataObject) -> None:
    blank = st.text(st.sampled_from(" \t"), max_size=2)

    def pad() -> str:
        return data.draw(blank)

    written = [
        f"<{target}>{pad()};{pad()}x{name}{pad()}={pad()}{quoted(value)};rel{pad()}={pad()}{quoted(' '.join(rels))}"
        for target, rels, name, value in links
    ]
    read = read_links(f"{pad()},{pad()}".join(written))
    assert read == [
        Link(target.replace("&amp;", "&"), tuple(rel.lower() for rel in rels)) for target, rels, _name, _value in links
    ]


HOSTILE = {
    "open addresses": lambda size: "</a>," * (size // 10) + "<a " * (size // 6),
    "open quotes": lambda size: '</a>; x="' + '\\"a' * (size // 3),
    "quotes": lambda size: "</a>" + '; x="\\""' * (size // 8),
    "curly": lambda size: "</a>" + f"; x=“{'a' * 90}”" * (size // 100) + "; x=“",
    "blanks": lambda size: "</a>" + f"{' ' * 99};" * (size // 100) + "x x",
    "parameters": lambda size: "</a>" + ";" * size,
    "names": lambda size: "</a>" + f"; {'a' * 98}" * (size // 100),
    "commas": lambda size: ", " * (size // 2) + "x",
    "links": lambda size: "</a>; rel=prev," * (size // 15),
    "relations": lambda size: '</a>; rel="' + "a " * (size // 2) + '"',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_header_is_read_in_linear_time(kind: str) -> None:
    def run(header: str) -> None:
        try:
            read_links(header)
        except LinkError:
            return

    assert_linear(run, HOSTILE[kind])
