"""Services of the LMS: tokens are shared and renewed, scores, results, line items and rosters are read and written."""

import html
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import jwt
import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import Answer, HttpRefused, HttpUnreachable
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles import Score, profile_named
from lti_mcred.tool.profiles.base import plain_body, said
from lti_mcred.tool.protocol.services_asked import LINEITEM, LINEITEM_READ, RESULT_READ, ROSTER, SCORE
from lti_mcred.tool.wire import ags, nrps
from lti_mcred.tool.wire.keys import public_jwks
from tests import factories
from tests.conformance.lms import FakeHttp, Lms
from tests.doubling import assert_linear

LI = "https://lms.example.edu/lineitems/9/lineitem?type_id=2"
SCORES = "https://lms.example.edu/lineitems/9/lineitem/scores?type_id=2"
RESULTS = "https://lms.example.edu/lineitems/9/lineitem/results?type_id=2"
ITEMS = "https://lms.example.edu/lineitems"
ROSTER_URL = "https://lms.example.edu/memberships"
TOKEN = "https://lms.example.edu/token"
BODY = plain_body(
    Score("sub-1", datetime(2026, 11, 23, tzinfo=UTC), "Completed", "FullyGraded", 17.0, 20.0, "Well done.")
)


@pytest.fixture(autouse=True)
def _as_a_worker(app: Flask) -> Iterator[None]:
    """A worker has no request, so it says in which language it speaks."""
    with force_locale("en"):
        yield


@pytest.fixture
def course(lms_with_tokens: Lms) -> Course:
    """A course with all services."""
    return make_course(lms_with_tokens)


def make_course(lms: Lms, **given: Any) -> Course:
    """A course of the platform."""
    platform = db.session.query(Platform).one()
    row = factories.course(
        platform.deployments[0],
        **{"lineitems_url": ITEMS, "memberships_url": ROSTER_URL, "scopes": [SCORE, LINEITEM], **given},
    )
    db.session.commit()
    assert isinstance(row, Course)
    return row


def as_profile(course: Course, name: str) -> Course:
    """Let the course lie in another LMS."""
    platform_of(course).profile = name
    db.session.commit()
    return course


def test_a_score_goes_beside_the_line_item_before_its_query(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", SCORES, (200, ""))

    posted = ags.post_body(course, LI, BODY)

    sent = lms_with_tokens.http.sent[-1]
    assert (posted.delivery.state, posted.status) == ("sent", 200)
    assert sent["headers"]["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert sent["headers"]["Authorization"] == "Bearer t-1"
    assert json.loads(sent["body"]) == BODY


def test_a_token_is_asked_for_with_a_signed_assertion(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", SCORES, (200, ""))
    ags.post_body(course, LI, BODY)

    form = lms_with_tokens.http.sent[0]["form"]
    said = jwt.decode(
        form["client_assertion"], jwt.PyJWK(public_jwks()["keys"][0]), algorithms=["RS256"], audience=TOKEN
    )
    assert (said["iss"], said["sub"]) == ("client-1", "client-1")
    assert said["exp"] - said["iat"] <= 300
    assert said["iat"] <= time.time() - 45  # an LMS whose clock is behind must not find it made in its future
    assert len(said["jti"]) >= 20
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == SCORE


def test_a_platform_with_an_audience_of_its_own_is_addressed_by_it(lms_with_tokens: Lms, course: Course) -> None:
    platform_of(course).token_audience = "https://api.brightspace.com/auth/token"
    db.session.commit()
    lms_with_tokens.http.on("POST", SCORES, (200, ""))
    ags.post_body(course, LI, BODY)

    claims = jwt.decode(lms_with_tokens.http.sent[0]["form"]["client_assertion"], options={"verify_signature": False})
    assert claims["aud"] == "https://api.brightspace.com/auth/token"


def test_one_token_serves_until_a_minute_before_its_end(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", SCORES, (200, ""))
    for minutes in (0, 30, 58):
        with time_machine.travel(utcnow() + timedelta(minutes=minutes)):
            ags.post_body(course, LI, BODY)
    assert lms_with_tokens.http.asked(TOKEN) == 1

    with time_machine.travel(utcnow() + timedelta(minutes=59, seconds=30)):
        ags.post_body(course, LI, BODY)
    assert lms_with_tokens.http.asked(TOKEN) == 2


@pytest.mark.parametrize("life", ["3600", None, "an hour"])
def test_the_life_of_a_token_may_be_text_or_missing(lms_with_tokens: Lms, course: Course, life: Any) -> None:
    lms_with_tokens.http.on("POST", TOKEN, (200, {"access_token": "t", "expires_in": life}))
    lms_with_tokens.http.on("POST", SCORES, (200, ""))
    ags.post_body(course, LI, BODY)
    with time_machine.travel(utcnow() + timedelta(minutes=50)):
        ags.post_body(course, LI, BODY)

    assert lms_with_tokens.http.asked(TOKEN) == 1


def test_an_expired_token_gets_one_fresh_one_and_one_retry(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", TOKEN, (200, {"access_token": "old"}), (200, {"access_token": "new"}))
    lms_with_tokens.http.on("POST", SCORES, (401, {"errors": {"message": "Access token expired"}}), (200, ""))

    assert ags.post_body(course, LI, BODY).delivery.state == "sent"
    assert [call["headers"]["Authorization"] for call in lms_with_tokens.http.sent if call["url"] == SCORES] == [
        "Bearer old",
        "Bearer new",
    ]
    first, second = (call["form"]["client_assertion"] for call in lms_with_tokens.http.sent if call["url"] == TOKEN)
    assert first != second


def test_a_401_that_stays_is_for_the_administrator(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", SCORES, (401, ""))

    posted = ags.post_body(course, LI, BODY)

    assert (posted.delivery.state, posted.status, lms_with_tokens.http.asked(SCORES)) == ("held", 401, 2)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((400, {"error": "invalid_scope", "error_description": "not granted"}), "held"),
        ((401, {"error": "invalid_client"}), "held"),
        ((503, ""), "later"),
        ((200, "<html>"), "later"),
        ((200, {"access_token": ""}), "later"),
        (HttpUnreachable("no answer"), "later"),
        (HttpRefused("private"), "held"),
    ],
)
def test_no_token_is_told_from_a_network_that_is_down(
    lms_with_tokens: Lms, course: Course, answer: Any, state: str
) -> None:
    lms_with_tokens.http.on("POST", TOKEN, answer)

    posted = ags.post_body(course, LI, BODY)

    assert posted.delivery.state == state
    assert posted.delivery.who


@pytest.mark.parametrize(("error", "state"), [(HttpUnreachable("down"), "later"), (HttpRefused("private"), "held")])
def test_a_network_fault_is_an_outcome_not_an_exception(
    lms_with_tokens: Lms, course: Course, error: Any, state: str
) -> None:
    lms_with_tokens.http.on("POST", SCORES, error)

    posted = ags.post_body(course, LI, BODY)

    assert (posted.delivery.state, posted.status) == (state, None)


def test_an_lms_that_never_granted_scores_is_not_asked(lms_with_tokens: Lms, course: Course) -> None:
    course.scopes = [RESULT_READ]
    db.session.commit()

    assert ags.post_body(course, LI, BODY).delivery.state == "held"
    assert lms_with_tokens.http.sent == []


def test_two_registrations_never_share_a_token(lms_with_tokens: Lms, course: Course) -> None:
    other = Platform(
        name="Other", issuer=lms_with_tokens.issuer, client_id="client-2", auth_url="https://lms.example.edu/auth",
        token_url=TOKEN, jwks_url=lms_with_tokens.jwks_url,
    )  # fmt: skip
    db.session.add(other)
    db.session.flush()
    theirs = factories.course(factories.deployment(other), scopes=[SCORE])
    db.session.commit()
    lms_with_tokens.http.on("POST", TOKEN, (200, {"access_token": "ours"}), (200, {"access_token": "theirs"}))
    lms_with_tokens.http.on("POST", SCORES, (200, ""))

    ags.post_body(course, LI, BODY)
    ags.post_body(theirs, LI, BODY)

    assert lms_with_tokens.http.sent[-1]["headers"]["Authorization"] == "Bearer theirs"


def test_many_scores_at_once_ask_for_one_token(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("POST", SCORES, (200, ""))
    course_id, barrier = course.id, threading.Barrier(4)
    db.session.remove()

    def post() -> None:
        with lms_with_tokens.app.app_context():
            row = db.session.get_one(Course, course_id)
            barrier.wait()
            ags.post_body(row, LI, BODY)
            db.session.remove()

    threads = [threading.Thread(target=post) for _i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (lms_with_tokens.http.asked(TOKEN), lms_with_tokens.http.asked(SCORES)) == (1, 4)


def test_results_are_read_and_an_absent_grade_is_none(lms_with_tokens: Lms, course: Course) -> None:
    body = [
        {"userId": "5", "resultScore": 15, "resultMaximum": 20, "comment": "Good"},
        {"userId": "6"},
        {"userId": 7, "resultScore": 0.5},
        "noise",
        {"resultScore": 1},
    ]
    lms_with_tokens.http.on("GET", RESULTS, (200, body))

    assert ags.read_results(course, LI) == [
        ags.Result("5", 15.0, 20.0, "Good"),
        ags.Result("6", None, None, ""),
        ags.Result("7", 0.5, 1.0, ""),
    ]


def test_results_of_one_learner_are_asked_for_without_a_limit(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("GET", f"{RESULTS}&user_id=5", (200, [{"userId": "6", "resultScore": 1}, {"userId": "5"}]))

    assert [result.user_id for result in ags.read_results(as_profile(course, "moodle"), LI, "5")] == ["5"]


@pytest.mark.parametrize("answer", [(401, ""), (404, ""), (200, "<html>"), HttpUnreachable("down"), (200, "[" * 99999)])
def test_results_that_cannot_be_read_are_refused_in_words(lms_with_tokens: Lms, course: Course, answer: Any) -> None:
    lms_with_tokens.http.on("GET", RESULTS, answer)

    with pytest.raises(ags.AgsRefused) as refused:
        ags.read_results(course, LI)
    assert refused.value.delivery.reason


def _pages(http: FakeHttp, first: str, second: str, bodies: tuple[Any, Any]) -> None:
    http.on("GET", first, (200, bodies[0]), link=f'<{second}>; rel="next"')
    http.on("GET", second, (200, bodies[1]))


def test_line_items_are_read_page_by_page_with_their_tokens_as_they_are(lms_with_tokens: Lms, course: Course) -> None:
    second = f"{ITEMS}?page=Bookmark:WzEx&limit=100"
    item = {"id": LI, "label": "One", "scoreMaximum": 20, "resourceId": "a17", "vendor": {"x": 1}}
    _pages(
        lms_with_tokens.http, f"{ITEMS}?limit=100", second, ([item], [{"id": "x", "label": "Two", "scoreMaximum": "5"}])
    )

    items = ags.line_items(course)

    assert [entry.label for entry in items] == ["One", "Two"]
    assert items[0] == ags.LineItem("One", 20.0, LI, resource_id="a17")


def test_moodle_is_never_sent_a_limit_for_line_items(lms_with_tokens: Lms) -> None:
    course = as_profile(make_course(lms_with_tokens, lineitems_url=f"{ITEMS}?type_id=2"), "moodle")
    lms_with_tokens.http.on("GET", f"{ITEMS}?type_id=2&resource_id=a17", (200, []))

    assert ags.line_items(course, resource_id="a17") == []


@pytest.mark.parametrize(
    ("granted", "asked"),
    [([LINEITEM], LINEITEM), ([LINEITEM_READ], LINEITEM_READ), ([LINEITEM, LINEITEM_READ], LINEITEM_READ)],
)
def test_either_right_reads_line_items(lms_with_tokens: Lms, granted: list[str], asked: str) -> None:
    lms_with_tokens.http.on("GET", f"{ITEMS}?limit=100", (200, []))
    ags.line_items(make_course(lms_with_tokens, scopes=granted))
    (token,) = (call for call in lms_with_tokens.http.sent if call["method"] == "POST")
    assert token["form"]["scope"] == asked


def test_a_next_page_on_another_host_is_neither_followed_nor_taken_for_the_end(
    lms_with_tokens: Lms, course: Course
) -> None:
    _pages(lms_with_tokens.http, f"{ITEMS}?limit=100", "https://evil.example/next", ([], []))

    with pytest.raises(ags.AgsRefused, match="another site"):
        ags.line_items(course)

    assert lms_with_tokens.http.asked("https://evil.example/next") == 0


def test_columns_whose_pages_are_called_http_behind_a_proxy_are_read_by_https(
    lms_with_tokens: Lms, course: Course
) -> None:
    second = f"{ITEMS}?page=2"
    _pages(lms_with_tokens.http, f"{ITEMS}?limit=100", second.replace("https:", "http:"), ([], []))
    lms_with_tokens.http.on("GET", second, (200, [{"id": LI, "label": "Two", "scoreMaximum": 5}]))

    assert [entry.label for entry in ags.line_items(course)] == ["Two"]


def test_columns_whose_pages_go_round_in_circles_are_put_aside(lms_with_tokens: Lms, course: Course) -> None:
    lms_with_tokens.http.on("GET", f"{ITEMS}?limit=100", (200, []), link='<?page=1>; rel="next"')
    lms_with_tokens.http.on("GET", f"{ITEMS}?page=1", (200, []), link='<>; rel="next"')

    with pytest.raises(ags.AgsRefused, match="do not come to an end"):
        ags.line_items(course)
    assert lms_with_tokens.http.asked(f"{ITEMS}?page=1") == 1


@pytest.mark.parametrize("body", [{"lineItems": []}, {}, None, "[]"])
def test_an_answer_without_a_list_is_no_empty_list(lms_with_tokens: Lms, course: Course, body: Any) -> None:
    lms_with_tokens.http.on("GET", f"{ITEMS}?limit=100", (200, json.dumps(body)))

    with pytest.raises(ags.AgsRefused, match="without a list"):
        ags.line_items(course)


@pytest.mark.parametrize(
    "link", ['<https://lms.example.edu/x; rel="next"', 'rel="next"', '</x> rel="next"', '</x>; rel="n']
)
def test_a_list_that_says_unreadably_whether_it_goes_on_is_refused_in_words(
    lms_with_tokens: Lms, course: Course, link: str
) -> None:
    lms_with_tokens.http.on("GET", f"{ROSTER_URL}?limit=100", (200, {"members": MEMBERS}), link=link)
    lms_with_tokens.http.on("GET", RESULTS, (200, [{"userId": "5"}]), link=link)

    with pytest.raises(nrps.RosterRefused, match="cannot be read whether its list goes on") as roster:
        list(nrps.members(course))
    with pytest.raises(ags.AgsRefused, match="cannot be read whether its list goes on") as grades:
        ags.read_results(course, LI)
    assert (roster.value.later, grades.value.delivery.state) == (False, "held")


LEGAL = (
    '<{x};jsessionid=A1?page=2>; rel="next"', "<{x}>; Rel=next", '<{x}>; rel="Next"', '<?page=2>;rel = "last next"',
)  # fmt: skip


@pytest.mark.parametrize("link", LEGAL)
def test_every_legal_way_to_name_the_next_page_is_followed(lms_with_tokens: Lms, course: Course, link: str) -> None:
    second = f"{ITEMS};jsessionid=A1?page=2" if "jsession" in link else f"{ITEMS}?page=2"
    lms_with_tokens.http.on(
        "GET", f"{ITEMS}?limit=100", (200, []), link=link.format(x=ITEMS if ";j" in link else second)
    )
    lms_with_tokens.http.on("GET", second, (200, [{"id": LI, "label": "Two", "scoreMaximum": 5}]))

    assert [entry.label for entry in ags.line_items(course)] == ["Two"]


def test_a_course_without_grade_columns_says_so(lms_with_tokens: Lms) -> None:
    with pytest.raises(ags.AgsRefused):
        ags.line_items(make_course(lms_with_tokens, lineitems_url=None))


MEMBERS = [
    {"user_id": "1", "roles": ["Learner"], "name": "Nadia Okafor", "email": "n@example.edu"},
    {"user_id": "2", "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"], "status": "Inactive"},
    {"roles": ["Learner"]},
    "noise",
]


def test_a_class_list_is_read_to_its_end(lms_with_tokens: Lms, course: Course) -> None:
    _pages(
        lms_with_tokens.http, f"{ROSTER_URL}?limit=100", f"{ROSTER_URL}?page=2",
        ({"members": MEMBERS}, {"members": [{"user_id": 3, "roles": None}, MEMBERS[0]]}),
    )  # fmt: skip

    found = list(nrps.members(course))

    assert [(member.user_id, member.roles, member.status) for member in found] == [
        ("1", ("learner",), "Active"),
        ("2", ("teacher",), "Inactive"),
        ("3", (), "Active"),
        ("1", ("learner",), "Active"),
    ]
    assert found[0].name == "Nadia Okafor"
    assert found[2].name is None
    assert parse_qs(urlsplit(lms_with_tokens.http.sent[1]["url"]).query) == {"limit": ["100"]}
    assert lms_with_tokens.http.sent[0]["form"]["scope"] == ROSTER


def test_a_class_list_for_one_link_keeps_the_query_that_is_there(lms_with_tokens: Lms) -> None:
    course = as_profile(make_course(lms_with_tokens, memberships_url=f"{ROSTER_URL}?g=1&rlid=old"), "moodle")
    lms_with_tokens.http.on("GET", f"{ROSTER_URL}?g=1&limit=50&rlid=new", (200, {"members": []}))

    assert list(nrps.members(course, "new")) == []


@pytest.mark.parametrize("answer", [(401, ""), (400, {"errors": "x"}), (200, "<html>"), HttpUnreachable("down")])
def test_a_class_list_that_cannot_be_had_is_refused_in_words(lms_with_tokens: Lms, course: Course, answer: Any) -> None:
    lms_with_tokens.http.on("GET", f"{ROSTER_URL}?limit=100", answer)

    with pytest.raises(nrps.RosterRefused, match=r"\w"):
        list(nrps.members(course))


@pytest.mark.parametrize("address", ["http://[", "https://lms.example.edu:99999/"])
def test_a_list_that_goes_on_nobody_knows_where_is_refused_in_words(
    lms_with_tokens: Lms, course: Course, address: str
) -> None:
    link = f"<{address}>; rel=next"
    lms_with_tokens.http.on("GET", f"{ROSTER_URL}?limit=100", (200, {"members": MEMBERS}), link=link)
    lms_with_tokens.http.on("GET", RESULTS, (200, [{"userId": "5"}]), link=link)

    with pytest.raises(nrps.RosterRefused, match=r"names .* as its next page, which is no web address\.$") as roster:
        list(nrps.members(course))
    with pytest.raises(ags.AgsRefused, match=r"names .* as its next page, which is no web address\.$") as grades:
        ags.read_results(course, LI)
    assert (roster.value.later, grades.value.delivery.state) == (True, "later")


def test_a_course_that_shares_no_class_list_says_so(lms_with_tokens: Lms) -> None:
    with pytest.raises(nrps.RosterRefused):
        list(nrps.members(make_course(lms_with_tokens, memberships_url=None)))


def test_moodles_next_link_with_curly_quotes_is_understood() -> None:
    header = "<https://m/x?limit=2&amp;from=2>; rel=“next”"

    assert Answer(200, "", {"link": header}, b"", "https://m/x", 0).next_link() == "https://m/x?limit=2&from=2"


BODY = {"userId": "5", "scoreGiven": 3, "comment": "Größe {übertroffen} 合格"}
RAW = json.dumps(BODY, ensure_ascii=False)
AS_IT_TRAVELS = RAW.encode().decode("latin-1")
PHRASES = {
    f"Incorrect score received{AS_IT_TRAVELS}": "Incorrect score received",
    f"Incorrect score received: {AS_IT_TRAVELS[:30]}": "Incorrect score received",
    f"Incorrect score received {json.dumps(BODY)}": "Incorrect score received",
    f"Incorrect score received {json.dumps(json.dumps(BODY))[1:-1]}": "Incorrect score received",
    f"Incorrect score received [{RAW}]": "Incorrect score received",
    f"Incorrect score received {quote(RAW)}": "Incorrect score received",
    f"Incorrect score received {quote_plus(json.dumps(BODY))}": "Incorrect score received",
    f"Incorrect score received ({html.escape(RAW)})": "Incorrect score received",
    f"Incorrect score received: '{RAW}'": "Incorrect score received",
    'Incorrect score received {   "userId": "5" }': "Incorrect score received",
    'No "quoted" thing': 'No "quoted" thing',
    "Column [Quiz] at 50%": "Column [Quiz] at 50%",
    AS_IT_TRAVELS: "",
    "Note trop élevée".encode().decode("latin-1"): "Note trop élevée",
    "Note trop \xe9lev\xe9e": "Note trop élevée",
    "Bad\x00 \x1b[31mrequest\x85\u202e": "Bad [31mrequest",
    "  OK  ": "OK",
    "x" * 300: "x" * 200 + "…",
    "": "",
    "Cannot use {value}": "Cannot use {value}",
    'Note trop élevée{"comment": "é'.encode()[:-1].decode("latin-1"): "Note trop élevée",
}


@pytest.mark.parametrize("reason", PHRASES)
def test_a_reason_phrase_is_the_words_of_the_lms_alone(reason: str) -> None:
    answer = Answer(400, reason, {}, b"[]", "https://m/x", 0)
    assert answer.phrase == PHRASES[reason]
    assert said(answer) == PHRASES[reason]


def test_a_teacher_reads_no_request_of_ours_in_moodles_refusal() -> None:
    delivery = profile_named("moodle").read_answer(
        Answer(400, f"Incorrect score received{AS_IT_TRAVELS}", {}, b"[]", "https://m/x", 0)
    )
    assert delivery.words == "Incorrect score received"
    assert "still enrolled" in delivery.reason


@pytest.mark.parametrize(
    "body", [f"Incorrect score received{RAW}", json.dumps({"error": f"Incorrect score received: {RAW}"})]
)
def test_nor_in_the_body_of_an_answer(body: str) -> None:
    answer = Answer(400, "Bad Request", {}, body.encode(), "https://m/x", 0)
    assert said(answer) == "Incorrect score received"


@given(st.text(st.characters(codec="latin-1"), max_size=300))
def test_any_reason_phrase_becomes_one_bounded_line(reason: str) -> None:
    phrase = Answer(400, reason, {}, b"", "https://m/x", 0).phrase
    assert len(phrase) <= 201
    assert not [char for char in phrase if char < " " or "\x7f" <= char <= "\x9f" or char in "\u2028\u2029\u202e\u2066"]


@pytest.mark.parametrize("make", [lambda size: "{" * size, lambda size: "[ " * size, lambda size: " " * size + "x"])
def test_a_hostile_reason_phrase_is_read_in_linear_time(make: Any) -> None:
    assert_linear(lambda reason: Answer(400, reason, {}, b"", "https://m/x", 0).phrase, make)


NAMES = [("moodle", "Kim & Söhne &lt;b&gt; &amp; x"), ("canvas", None), ("generic", None)]


@pytest.mark.parametrize(("profile", "name"), NAMES)
def test_moodle_writes_an_ampersand_of_a_name_as_html_into_the_class_list(
    lms_with_tokens: Lms, profile: str, name: Any
) -> None:
    listed = "Kim &amp; Söhne &lt;b&gt; &amp;amp; x"
    course = as_profile(make_course(lms_with_tokens), profile)
    url = f"{ROSTER_URL}?limit={profile_named(profile).roster_limit}"
    member = {"user_id": "1", "name": listed, "given_name": listed, "family_name": listed, "email": "a&amp;b@x.edu"}
    lms_with_tokens.http.on("GET", url, (200, {"members": [member]}))

    (found,) = nrps.members(course)

    assert (found.name, found.given_name, found.family_name) == (name or listed,) * 3
    assert found.email == "a&amp;b@x.edu"
