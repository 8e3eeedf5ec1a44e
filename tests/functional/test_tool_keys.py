"""Keys on both sides: ours are rotated without a gap, the platform's are fetched again when they have to be."""

import base64
import threading
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import Answer, HttpClient, HttpTooLarge, HttpUnreachable
from lti_mcred.secretbox import SealBroken, seal, unseal
from lti_mcred.tool.known.models import PlatformKeys, ToolKey
from lti_mcred.tool.protocol.token import KeyUnknown
from lti_mcred.tool.wire import jwks, keys
from lti_mcred.tool.wire.jwks import AT_ONCE, AT_ONCE_UNASKED, EVERY, Keyring, readable_keys
from tests.conformance.lms import FakeHttp, jwk, rsa_key, stand_up
from tests.services import change_settings

URL = "https://lms.example.edu/jwks"


def later(**span: float) -> Any:
    """Move the clock."""
    return time_machine.travel(utcnow() + timedelta(**span), tick=True)


def test_the_first_key_is_made_when_it_is_asked_for_and_kept(client: FlaskClient) -> None:
    first = client.get("/.well-known/jwks.json")
    second = client.get("/.well-known/jwks.json")

    assert first.json == second.json
    assert first.headers["Cache-Control"] == "public, max-age=300"
    (key,) = first.json["keys"] if first.json else ()
    assert set(key) == {"kty", "n", "e", "alg", "use", "kid"}


def test_what_we_sign_verifies_with_what_we_publish(app: Flask) -> None:
    token = keys.sign({"iss": "us"})

    (public,) = keys.public_jwks()["keys"]
    assert jwt.get_unverified_header(token)["kid"] == public["kid"]
    assert jwt.decode(token, jwt.PyJWK(public), algorithms=["RS256"]) == {"iss": "us"}


def test_a_private_key_at_rest_is_not_readable(app: Flask) -> None:
    keys.signing_key()

    stored = db.session.scalars(select(ToolKey.private_encrypted)).one()
    assert "PRIVATE" not in stored
    assert b"PRIVATE" not in base64.urlsafe_b64decode(stored)


def test_a_sealed_text_opens_only_with_its_secret_and_purpose() -> None:
    sealed = seal("a" * 32, "one", "text")

    assert unseal("a" * 32, "one", sealed) == "text"
    for secret, purpose, text in (("b" * 32, "one", sealed), ("a" * 32, "two", sealed), ("a" * 32, "one", sealed[:-4])):
        with pytest.raises(SealBroken):
            unseal(secret, purpose, text)


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(app: Flask) -> None:
    old = keys.signing_key().kid
    new = keys.rotate().kid

    def published() -> set[str]:
        return {key["kid"] for key in keys.public_jwks()["keys"]}

    assert (published(), keys.signing_key().kid) == ({old, new}, old)
    with later(minutes=5):
        assert keys.signing_key().kid == old
    with later(minutes=11):
        assert (published(), keys.signing_key().kid) == ({old, new}, new)
    with later(hours=25):
        assert published() == {old, new}
    with later(hours=49):
        assert published() == {new}


def test_keys_rotate_by_the_calendar(app: Flask) -> None:
    old = keys.signing_key().kid

    def known() -> int:
        return db.session.scalar(select(func.count()).select_from(ToolKey)) or 0

    with later(days=89):
        keys.rotate_when_due(utcnow())
        assert known() == 1
    with later(days=91):
        keys.rotate_when_due(utcnow())
        keys.rotate_when_due(utcnow())  # the next hour
        assert (known(), keys.signing_key().kid) == (2, old)
    with later(days=91, minutes=11):
        assert keys.signing_key().kid != old


def test_an_operator_may_keep_the_calendar_out_of_it(app: Flask) -> None:
    keys.signing_key()
    change_settings(app, key_days=0)
    with later(days=4000):
        keys.rotate_when_due(utcnow())
    assert db.session.scalar(select(func.count()).select_from(ToolKey)) == 1


def test_two_processes_that_need_the_first_key_at_once_share_one(app: Flask) -> None:
    barrier = threading.Barrier(3)
    found: list[str] = []

    def ask() -> None:
        with app.app_context():
            barrier.wait()
            found.append(keys.signing_key().kid)

    threads = [threading.Thread(target=ask) for _i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    assert db.session.scalar(select(func.count()).select_from(ToolKey)) == 1


@pytest.fixture
def http() -> FakeHttp:
    """The address of the platform's keys, with one key."""
    http = FakeHttp()
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(), "one")]}))
    return http


@pytest.fixture
def ring(app: Flask, http: FakeHttp) -> Keyring:
    """A process that has seen no key yet."""
    return Keyring(http)


def test_keys_are_fetched_once_and_then_known(ring: Keyring, http: FakeHttp) -> None:
    for _i in range(3):
        ring.find(URL, "one")

    assert http.asked(URL) == 1


def test_another_process_finds_the_keys_in_the_database(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")

    Keyring(http).find(URL, "one")

    assert http.asked(URL) == 1


def test_an_unknown_key_is_looked_for_at_once_and_then_once_a_minute(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(), "one")]}))
    with later(seconds=61):
        for _i in range(5):
            with pytest.raises(KeyUnknown):
                ring.find(URL, "forged")
        assert http.asked(URL) == 2
    with later(seconds=130), pytest.raises(KeyUnknown):
        ring.find(URL, "forged")
    assert http.asked(URL) == 3


def test_a_rotated_key_is_found_without_waiting_for_the_cache(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(1), "two"), jwk(rsa_key(), "one")]}))

    with later(seconds=61):
        assert ring.find(URL, "two").public_numbers() == rsa_key(1).public_key().public_numbers()


def miss(ring: Keyring, *kids: str) -> None:
    """Look for kids that nobody publishes."""
    for kid in kids:
        with pytest.raises(KeyUnknown):
            ring.find(URL, kid)


def rotate(http: FakeHttp, kid: str = "two") -> None:
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(1), kid), jwk(rsa_key(), "one")]}))


def test_unknown_keys_of_strangers_keep_no_launch_out_after_a_rotation(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    miss(ring, "forged", "forged", "forged too", "forged")

    rotate(http)

    assert ring.find(URL, "two")


def test_a_flood_of_unknown_keys_costs_a_few_fetches_a_minute(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    miss(ring, *(f"forged-{number}" for number in range(300)))
    assert http.asked(URL) <= AT_ONCE + 1
    now = utcnow()
    for second in range(1, 61):
        with time_machine.travel(now + timedelta(seconds=second), tick=False):
            miss(ring, *(f"forged-{second}-{number}" for number in range(20)))
            assert ring.find(URL, "one"), "who is known comes in all the while"
    assert http.asked(URL) <= AT_ONCE + 1 + 60 / EVERY


def test_after_a_flood_a_rotated_key_is_found_within_seconds(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    miss(ring, *(f"forged-{number}" for number in range(300)))
    rotate(http)
    with pytest.raises(KeyUnknown) as refused:
        ring.find(URL, "two")
    assert refused.value.moment, "it is asked to come again, not told that the registration is wrong"
    with later(seconds=EVERY + 1):
        assert ring.find(URL, "two")
        assert ring.find(URL, "one")


def test_whoever_asks_for_forged_keys_fetches_the_rotated_one_for_everybody(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    miss(ring, *(f"forged-{number}" for number in range(300)))
    rotate(http)
    with later(seconds=EVERY + 1):
        miss(ring, "forged again")
        asked = http.asked(URL)
        assert ring.find(URL, "two")
        assert http.asked(URL) == asked


def test_messages_that_answer_no_login_use_up_a_part_of_the_ration_only(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    for number in range(20):
        with pytest.raises(KeyUnknown):
            ring.find(URL, f"forged-{number}", AT_ONCE_UNASKED)
    rotate(http)
    assert ring.find(URL, "two")


def test_what_is_remembered_of_unknown_keys_is_bounded(ring: Keyring, http: FakeHttp, monkeypatch: Any) -> None:
    monkeypatch.setattr(jwks, "EVERY", 0.0)
    ring.find(URL, "one")
    miss(ring, *(f"forged-{number}-{'x' * 1000}" for number in range(400)))
    held = ring._sets[URL]
    assert len(held.vain) == 256
    assert all(len(one) == 32 for one in held.vain)


def test_processes_share_the_ration(either: Flask, http: FakeHttp) -> None:
    rings = [Keyring(http) for _process in range(4)]
    with either.app_context():
        rings[0].find(URL, "one")
        for number, ring in enumerate(rings * 10):
            miss(ring, f"forged-{number}")
        assert http.asked(URL) <= AT_ONCE + 1
        with later(seconds=EVERY + 1):
            rotate(http)
            for ring in rings:
                assert ring.find(URL, "two"), "one asks, and all find it in the database"
        assert http.asked(URL) <= AT_ONCE + 2


def test_whoever_waits_while_keys_are_fetched_asks_for_none_of_his_own(
    app: Flask, ring: Keyring, http: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.find(URL, "one")
    asked, go, fetch = threading.Event(), threading.Event(), http.request

    def slow(*given: Any, **named: Any) -> Answer:
        asked.set()
        go.wait(30)
        return fetch(*given, **named)

    monkeypatch.setattr(ring._http, "request", slow)
    refused: list[KeyUnknown] = []

    def launch(kid: str) -> None:
        with app.app_context():
            try:
                ring.find(URL, kid)
            except KeyUnknown as error:
                refused.append(error)

    first = threading.Thread(target=launch, args=("forged",))
    first.start()
    assert asked.wait(30)
    others = [threading.Thread(target=launch, args=(f"forged-{number}",)) for number in range(3)]
    for thread in others:
        thread.start()
    while ring._sets[URL].begun < 2:  # the first fetch, and this one
        time.sleep(0.01)
    go.set()
    for thread in (first, *others):
        thread.join(30)
    assert len(refused) == 4
    assert http.asked(URL) <= 3, "one for the first, and one for all who came while it was on its way"


def test_a_platform_that_did_not_answer_is_asked_again_after_some_seconds(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, HttpUnreachable("no answer"))
    miss(ring, "two", "three", "two")
    assert http.asked(URL) == 2
    rotate(http)
    with later(seconds=11):
        assert ring.find(URL, "two")


def test_a_key_that_is_withdrawn_is_no_longer_believed_after_the_next_fetch(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(1), "two")]}))

    with later(hours=2), pytest.raises(KeyUnknown):
        ring.find(URL, "one")


BAD = [
    (503, {"error": "maintenance"}),
    (200, {"keys": []}),
    (200, {}),
    (200, []),
    (200, "<html>sign in</html>"),
    (200, b"\xff\xfe"),
    (200, {"keys": "none"}),
    (200, {"keys": [None, 7, {"kty": "RSA"}, {"kty": "RSA", "kid": "one", "n": "!", "e": "AQAB"}]}),
    (404, ""),
    HttpUnreachable("no answer"),
    HttpTooLarge("too large"),
]


@pytest.mark.parametrize("answer", BAD)
def test_a_bad_answer_never_replaces_good_keys(ring: Keyring, http: FakeHttp, answer: Any) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, answer)

    with later(hours=2):
        for _launch in range(3):
            assert ring.find(URL, "one")
    assert http.asked(URL) == 2, "a platform in trouble is asked once a minute, not at every launch"
    with later(hours=2, minutes=2):
        assert ring.find(URL, "one")
    assert http.asked(URL) == 3
    assert "one" in str(db.session.scalars(select(PlatformKeys)).one().document)


def test_a_platform_that_does_not_answer_holds_nobody_whose_key_is_known(
    app: Flask, ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.find(URL, "one")
    asked, go = threading.Event(), threading.Event()

    def hang(*_given: Any, **_named: Any) -> Answer:
        asked.set()
        go.wait(30)
        raise HttpUnreachable("no answer")

    monkeypatch.setattr(ring._http, "request", hang)
    found: list[Any] = []

    def launch() -> None:
        with app.app_context():
            found.append(ring.find(URL, "one"))

    with later(hours=2):
        first = threading.Thread(target=launch)
        first.start()
        assert asked.wait(30)
        others = [threading.Thread(target=launch) for _n in range(3)]
        for thread in others:
            thread.start()
        for thread in others:
            thread.join(30)
        assert len(found) == 3, "they went on while the first one still waits"
        go.set()
        first.join(30)
    assert len(found) == 4


@pytest.mark.parametrize("location", ["https://[x", "https://x.example:99999/"])
def test_keys_behind_a_redirect_into_nothing_are_missing_and_no_crash(
    app: Flask, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    moved = Answer(302, "Found", {"location": location}, b"", URL, 0.01)
    monkeypatch.setattr(HttpClient, "_once", lambda *_given, **_named: moved)

    with pytest.raises(KeyUnknown, match=r"redirects to .*, which is no web address"):
        Keyring(HttpClient()).find(URL, "one")


@pytest.mark.parametrize("answer", BAD)
def test_a_platform_without_usable_keys_launches_nobody(app: Flask, answer: Any) -> None:
    http = FakeHttp()
    http.on("GET", URL, answer)

    with pytest.raises(KeyUnknown):
        Keyring(http).find(URL, "one")


def test_keys_of_a_platform_that_is_gone_for_days_are_no_longer_believed(ring: Keyring, http: FakeHttp) -> None:
    ring.find(URL, "one")
    http.on("GET", URL, HttpUnreachable("no answer"))

    with later(hours=26), pytest.raises(KeyUnknown):
        ring.find(URL, "one")


@pytest.mark.parametrize(
    ("header", "hours", "asked"),
    [("max-age=7200", 1.5, 1), ("max-age=7200", 2.1, 2), ("no-store", 0.05, 1), ("max-age=1", 0.05, 1),
     ("public, max-age=999999999", 23, 1), ("public, max-age=999999999", 25, 2), ("", 0.9, 1), ("", 1.1, 2)],
)  # fmt: skip
def test_cache_control_is_honoured_within_bounds(app: Flask, header: str, hours: float, asked: int) -> None:
    http = FakeHttp()
    http.on("GET", URL, (200, {"keys": [jwk(rsa_key(), "one")]}), cache_control=header)
    ring = Keyring(http)
    ring.find(URL, "one")

    with later(hours=hours):
        ring.find(URL, "one")

    assert http.asked(URL) == asked


def test_many_launches_at_once_fetch_the_keys_once(app: Flask, ring: Keyring, http: FakeHttp) -> None:
    barrier = threading.Barrier(4)

    def ask() -> None:
        with app.app_context():
            barrier.wait()
            ring.find(URL, "one")

    threads = [threading.Thread(target=ask) for _i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert http.asked(URL) == 1


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "EC"}, {"kid": None}, {"e": None}])
def test_a_key_that_is_not_for_our_signatures_is_passed_over(change: dict[str, Any]) -> None:
    assert readable_keys({"keys": [{**jwk(rsa_key(), "one"), **change}]}) == {}


@pytest.mark.parametrize("member", ["use", "alg"])
def test_what_a_key_leaves_open_may_be_null(member: str) -> None:
    assert set(readable_keys({"keys": [{**jwk(rsa_key(), "one"), member: None}]})) == {"one"}


def test_a_key_of_1024_bits_is_passed_over() -> None:
    weak = {"kty": "RSA", "kid": "one", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xf1" * 128).decode()}

    assert readable_keys({"keys": [weak]}) == {}


def test_a_launch_after_a_rotation_goes_through(app: Flask, client: FlaskClient) -> None:
    lms = stand_up(app, client)
    lms.register()
    lms.launch()
    lms.key, lms.kid = rsa_key(1), "key-2"
    lms.publish(jwk(lms.key, lms.kid))

    with later(seconds=61):
        assert lms.launch().status_code == 303


def test_launches_of_strangers_keep_nobody_out_and_a_flood_says_when_to_come_again(
    app: Flask, client: FlaskClient
) -> None:
    lms = stand_up(app, client)
    lms.register()
    lms.launch()

    def forge(kid: str) -> Any:
        asked = lms.login()
        return lms.post(lms.sign(lms.claims(asked["nonce"]), kid=kid), asked["state"])

    assert [forge(f"forged-{number}").status_code for number in range(2)] == [401, 401]
    lms.key, lms.kid = rsa_key(1), "key-2"
    lms.publish(jwk(lms.key, lms.kid))
    assert lms.launch().status_code == 303
    answers = [forge(f"again-{number}") for number in range(8)]
    assert {answer.status_code for answer in answers} == {401}
    assert "Please open this again in a moment" in answers[-1].text
