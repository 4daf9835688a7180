"""How often somebody may ask."""

import jwt
import pytest
from flask import Response
from flask.testing import FlaskClient

from tests.builders import register
from tests.integration.api.conftest import SECRET_KEY
from ticketing.entrypoints.http.api.predecessors import PATHS
from ticketing.entrypoints.http.web import rate_limits as limits

NAMES = ("RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset")
LIMITED = {"RATELIMIT": "on"}


@pytest.fixture
def stage(make_app, stage, clock):
    """The stage of an application that counts. Whatever it counted before was an hour ago."""
    clock.monotonic_seconds += 3600
    return stage.of(make_app(**LIMITED))


def told(answer):
    return tuple(answer.headers.get(name) for name in NAMES)


def refused(answer):
    return (answer.status_code, answer.json["code"]) == (429, "rate_limited")


def at(client, address):
    client.environ_base["REMOTE_ADDR"] = address
    return client


def guess(client):
    """A log-in that is refused before a password is hashed."""
    return client.post("/api/auth/login", json={})


def ask_for_a_letter(client):
    return client.post("/api/auth/password/reset", json={})


def try_to_book(client):
    return client.post("/api/shows/1/book", json={})


def test_every_answer_tells_what_is_left(guest):
    answers = [guess(guest) for _ in range(2)]

    assert told(answers[0]) == ("600", "600;w=60", "599", "60")
    assert told(answers[1]) == ("600", "600;w=60", "598", "60")
    assert "Retry-After" not in answers[1].headers


def test_who_asks_too_often_is_told_when_to_go_on(stage, clock):
    maria, otto = stage.customer("maria"), stage.customer("otto")
    answers = [try_to_book(maria).status_code for _ in range(120)]
    clock.advance(seconds=20)

    answer = try_to_book(maria)

    assert answers == [404] * 120
    assert refused(answer)
    assert told(answer) == ("120", "120;w=60", "0", "40")
    assert answer.headers["Retry-After"] == "40"
    assert not refused(try_to_book(otto))  # of the same address
    clock.advance(seconds=40)
    assert not refused(try_to_book(maria))


def test_what_is_counted_apart_is_limited_apart(maria):
    while not refused(try_to_book(maria)):
        pass

    assert maria.get("/api/my-bookings").status_code == 200
    assert maria.post("/api/bookings/1/cancel").status_code == 429  # it is one family


def test_families_with_the_same_numbers_are_counted_apart(guest):
    paths = ("/api/shows/1/book", "/api/auth/token/refresh")

    assert [told(guest.post(path, json={}))[::2] for path in paths] == [("6000", "5999")] * 2


def test_an_honest_customer_in_an_on_sale_never_meets_a_limit(stage):
    """A minute: the map each second in three windows, and ten tries, each sent thrice."""
    maria = stage.customer()

    for _ in range(180):
        assert maria.get("/api/shows/1/seats").status_code == 404
    for _ in range(3 * 10):
        assert try_to_book(maria).status_code == 404


def test_a_family_behind_one_address_is_not_limited_for_each_other(stage):
    mother, son = (at(stage.customer(name), "203.0.113.9") for name in ("mother", "son"))

    while not refused(try_to_book(son)):
        pass

    assert not refused(try_to_book(mother))


@pytest.mark.parametrize(
    ("first", "second", "is_neighbour"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_who_shows_no_token_is_known_by_the_address(guest, first, second, is_neighbour):
    left = [told(guess(at(guest, address)))[2] for address in (first, second)]

    assert left == ["599", "598" if is_neighbour else "599"]


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer", "Basic bWU6bWU=", ""])
def test_a_token_that_is_not_good_counts_for_the_address(guest, token):
    answer = guest.get("/api/movies", headers={"Authorization": token})

    assert told(answer)[0] == "60000"


def test_a_log_in_is_counted_by_address_whatever_token_is_shown(stage):
    left = [told(guess(stage.customer(name)))[2] for name in ("maria", "otto")]

    assert left == ["599", "598"]


def test_an_hour_has_a_limit_too(guest, clock):
    for _ in range(10):
        for _ in range(60):
            assert not refused(ask_for_a_letter(guest))
        clock.advance(seconds=61)

    answer = ask_for_a_letter(guest)

    assert refused(answer)
    assert told(answer)[1] == "600;w=3600"
    assert int(answer.headers["Retry-After"]) == 3600 - 610


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_not_counted(guest, path):
    assert told(guest.get(path)) == (None,) * 4


@pytest.mark.parametrize("path", ["/nowhere", "/swagger/", "/schema/", "/admin/log-in"])
def test_whatever_else_is_asked_is_counted(guest, path):
    assert told(guest.get(path))[0] == "60000"


def test_looking_at_the_staffs_form_is_no_log_in(make_app, stage):
    browser = FlaskClient(make_app(**LIMITED), Response)  # the pages are in no document

    assert told(browser.get("/admin/log-in"))[0] == "60000"
    assert told(browser.post("/admin/log-in"))[0] == "600"


def test_asking_for_a_mail_on_the_page_is_limited_with_the_same_call(make_app):
    browser = FlaskClient(make_app(**LIMITED), Response)
    page = "/password-reset/request"

    assert told(browser.get(page))[0] == "60000"
    assert told(browser.post(page))[:3:2] == ("60", "59")
    assert told(browser.post("/api/auth/password/reset", json={}))[:3:2] == ("60", "58")


def test_without_limits_nothing_of_them_is_there(make_app):
    guest = make_app().test_client()

    answers = [ask_for_a_letter(guest) for _ in range(61)]

    assert {told(answer) for answer in answers} == {(None,) * 4}
    assert {answer.status_code for answer in answers} == {422}


@pytest.mark.parametrize(
    ("path", "amount"),
    [
        ("/api/auth/login", "600"),
        ("/api/auth/signup", "300"),
        ("/api/auth/token/refresh", "6000"),
        ("/api/auth/password/reset", "60"),
        ("/api/auth/password/reset/confirm", "60"),
        ("/api/shows/1/book", "6000"),
        ("/api/bookings/1/cancel", "6000"),
        ("/api/auth/logout", "60000"),
    ],
)
def test_what_can_be_abused_has_limits_of_its_own(guest, path, amount):
    assert told(guest.post(path, json={}))[0] == amount


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path.method != "GET"], ids=lambda path: path.rule
)
def test_an_earlier_path_is_limited_as_its_successor_is(guest, path):
    family = limits.family_of(path.view)
    assert family

    answer = guest.open(
        path.rule.replace("<id:show_id>", "1").replace("<id:booking_id>", "1"),
        method=path.method,
        json={},
    )

    assert answer.headers["RateLimit-Limit"] == family.per_address.split("/")[0]


def test_who_shows_a_good_token_is_counted_alone(stage):
    left = [told(stage.customer(name).get("/api/movies"))[:3:2] for name in ("maria", "otto")]

    assert left == [("1200", "1199")] * 2


def test_an_expired_token_counts_for_the_address(guest, stage):
    tokens = stage.tokens(register(stage.office.transactions, "maria"))
    claims = jwt.decode(tokens["access"], SECRET_KEY, ["HS256"])
    expired = jwt.encode(claims | {"exp": claims["iat"] - 1}, SECRET_KEY)

    assert told(stage.bearing(tokens["access"]).get("/api/movies"))[0] == "1200"
    assert told(stage.bearing(expired).get("/api/movies"))[0] == "60000"
