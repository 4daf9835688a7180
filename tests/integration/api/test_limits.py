"""Rate limits."""

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
def cinema(make_app, cinema, clock):
    """The cinema of an application with rate limits. All earlier windows have ended."""
    clock.monotonic_seconds += 3600
    return cinema.of(make_app(**LIMITED))


def rate_limit(answer):
    return tuple(answer.headers.get(name) for name in NAMES)


def refused(answer):
    return (answer.status_code, answer.json["code"]) == (429, "rate_limited")


def at(client, address):
    client.environ_base["REMOTE_ADDR"] = address
    return client


def guess(client):
    """A log-in that is refused before a password is hashed."""
    return client.post("/api/auth/login", json={})


def request_reset_mail(client):
    return client.post("/api/auth/password/reset", json={})


def try_to_book(client):
    return client.post("/api/shows/1/book", json={})


def test_every_response_has_rate_limit_headers(guest):
    answers = [guess(guest) for _ in range(2)]

    assert rate_limit(answers[0]) == ("600", "600;w=60", "599", "60")
    assert rate_limit(answers[1]) == ("600", "600;w=60", "598", "60")
    assert "Retry-After" not in answers[1].headers


def test_too_many_requests_are_refused_with_retry_after(cinema, clock):
    maria, otto = cinema.customer("maria"), cinema.customer("otto")
    answers = [try_to_book(maria).status_code for _ in range(120)]
    clock.advance(seconds=20)

    answer = try_to_book(maria)

    assert answers == [404] * 120
    assert refused(answer)
    assert rate_limit(answer) == ("120", "120;w=60", "0", "40")
    assert answer.headers["Retry-After"] == "40"
    assert not refused(try_to_book(otto))  # of the same address
    clock.advance(seconds=40)
    assert not refused(try_to_book(maria))


def test_families_are_limited_separately(maria):
    while not refused(try_to_book(maria)):
        pass

    assert maria.get("/api/my-bookings").status_code == 200
    assert maria.post("/api/bookings/1/cancel").status_code == 429  # it is one family


def test_families_with_equal_limits_are_counted_separately(guest):
    paths = ("/api/shows/1/book", "/api/auth/token/refresh")

    assert [rate_limit(guest.post(path, json={}))[::2] for path in paths] == [("6000", "5999")] * 2


def test_a_customer_in_an_on_sale_never_reaches_a_limit(cinema):
    """A minute: the map each second in three windows, and ten tries, each sent thrice."""
    maria = cinema.customer()

    for _ in range(180):
        assert maria.get("/api/shows/1/seats").status_code == 404
    for _ in range(3 * 10):
        assert try_to_book(maria).status_code == 404


def test_accounts_behind_one_address_are_limited_separately(cinema):
    mother, son = (at(cinema.customer(name), "203.0.113.9") for name in ("mother", "son"))

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
def test_requests_without_a_token_count_by_network(guest, first, second, is_neighbour):
    left = [rate_limit(guess(at(guest, address)))[2] for address in (first, second)]

    assert left == ["599", "598" if is_neighbour else "599"]


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer", "Basic bWU6bWU=", ""])
def test_an_invalid_token_counts_for_the_address(guest, token):
    answer = guest.get("/api/movies", headers={"Authorization": token})

    assert rate_limit(answer)[0] == "60000"


def test_log_ins_count_by_address_even_with_a_token(cinema):
    left = [rate_limit(guess(cinema.customer(name)))[2] for name in ("maria", "otto")]

    assert left == ["599", "598"]


def test_there_is_a_limit_per_hour(guest, clock):
    for _ in range(10):
        for _ in range(60):
            assert not refused(request_reset_mail(guest))
        clock.advance(seconds=61)

    answer = request_reset_mail(guest)

    assert refused(answer)
    assert rate_limit(answer)[1] == "600;w=3600"
    assert int(answer.headers["Retry-After"]) == 3600 - 610


def test_new_holds_have_a_limit_of_their_own(cinema, clock):
    maria = cinema.customer()

    def new_holds(number):
        answers = [maria.post("/api/shows/1/holds", json={}) for _ in range(number)]
        return [refused(answer) for answer in answers]

    for _ in range(4):
        assert not any(new_holds(30))
        clock.advance(seconds=61)
        assert maria.post("/api/holds/1/book").status_code == 404
    assert new_holds(1) == [True]
    assert refused(maria.post("/api/shows/1/waiting-list", json={}))
    clock.advance(hours=1)
    assert new_holds(31) == [*[False] * 30, True]
    assert maria.post("/api/holds/1/extend").status_code == 404
    assert maria.post("/api/shows/1/book", json={}).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_not_counted(guest, path):
    assert rate_limit(guest.get(path)) == (None,) * 4


@pytest.mark.parametrize("path", ["/nowhere", "/swagger/", "/schema/", "/admin/log-in"])
def test_all_other_requests_are_counted(guest, path):
    assert rate_limit(guest.get(path))[0] == "60000"


def test_the_files_of_pages_are_counted_apart(cinema):
    browser = FlaskClient(cinema.guest().application, Response)

    for name in ("api.js", "dom.js"):
        assert rate_limit(browser.get(f"/static/pages/{name}"))[0] == "60000"

    assert rate_limit(browser.get("/"))[:3:2] == ("60000", "59999")


def test_opening_the_staffs_form_is_no_log_in(make_app, cinema):
    browser = FlaskClient(make_app(**LIMITED), Response)  # the pages are in no document

    assert rate_limit(browser.get("/admin/log-in"))[0] == "60000"
    assert rate_limit(browser.post("/admin/log-in"))[0] == "600"


def test_the_page_and_the_api_share_the_limit_of_reset_mails(make_app):
    browser = FlaskClient(make_app(**LIMITED), Response)
    page = "/password-reset/request"

    assert rate_limit(browser.get(page))[0] == "60000"
    assert rate_limit(browser.post(page))[:3:2] == ("60", "59")
    assert rate_limit(browser.post("/api/auth/password/reset", json={}))[:3:2] == ("60", "58")


def test_without_limits_there_are_no_headers(make_app):
    guest = make_app().test_client()

    answers = [request_reset_mail(guest) for _ in range(61)]

    assert {rate_limit(answer) for answer in answers} == {(None,) * 4}
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
        ("/api/shows/1/holds", "6000"),
        ("/api/shows/1/waiting-list", "6000"),
        ("/api/holds/1/extend", "6000"),
        ("/api/holds/1/book", "6000"),
        ("/api/auth/logout", "60000"),
    ],
)
def test_sensitive_calls_have_their_own_limits(guest, path, amount):
    assert rate_limit(guest.post(path, json={}))[0] == amount


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path.method != "GET"], ids=lambda path: path.rule
)
def test_earlier_paths_share_the_limits_of_current_ones(guest, path):
    family = limits.family_of(path.view)
    assert family

    answer = guest.open(
        path.rule.replace("<id:show_id>", "1").replace("<id:booking_id>", "1"),
        method=path.method,
        json={},
    )

    assert answer.headers["RateLimit-Limit"] == family.per_address.split("/")[0]


def test_a_valid_token_counts_for_its_account(cinema):
    left = [
        rate_limit(cinema.customer(name).get("/api/movies"))[:3:2] for name in ("maria", "otto")
    ]

    assert left == [("1200", "1199")] * 2


def test_an_expired_token_counts_for_the_address(guest, cinema):
    tokens = cinema.tokens(register(cinema.office.transactions, "maria"))
    claims = jwt.decode(tokens["access"], SECRET_KEY, ["HS256"])
    expired = jwt.encode(claims | {"exp": claims["iat"] - 1}, SECRET_KEY)

    assert rate_limit(cinema.bearing(tokens["access"]).get("/api/movies"))[0] == "1200"
    assert rate_limit(cinema.bearing(expired).get("/api/movies"))[0] == "60000"
