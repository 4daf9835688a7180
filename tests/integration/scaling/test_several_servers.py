"""Two servers that share a database and their settings are one box office."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from threading import Barrier

import pytest

from tests.integration.databases import migrate, new_database
from tests.integration.running_server import running_server
from tests.integration.scaling.box_office import (
    SERVE,
    SETTINGS,
    book,
    log_in,
    put_on_tomorrow,
    seats_booked,
    sign_up,
)

REVOKED_WITHIN = 2.0  # seconds


@pytest.fixture(scope="module")
def database_url(postgresql_server):
    with new_database(postgresql_server) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def servers(database_url, tmp_path_factory):
    def start(name):
        home = tmp_path_factory.mktemp(name)
        return running_server(home, *SERVE, DATABASE_URL=database_url, **SETTINGS)

    with ExitStack() as stack:
        servers = [stack.enter_context(start(name)) for name in ("here", "there")]
        yield servers
        for server in servers:
            assert "Traceback" not in server.printed, server.printed


@pytest.fixture(scope="module")
def here(servers):
    return servers[0]


@pytest.fixture(scope="module")
def there(servers):
    return servers[1]


@pytest.fixture(scope="module")
def token(here, there):
    """An account that signed up at one server and logged in at the other."""
    assert sign_up(here, "maria").status == 201
    return log_in(there, "maria")["access"]


def test_an_account_and_its_token_are_valid_at_both_servers(here, token):
    assert here.call("GET", "/api/auth/me", token=token).json["username"] == "maria"


def test_a_log_out_takes_effect_at_both_servers_within_two_seconds(here, there, token):
    session = log_in(here, "maria")
    assert there.call("GET", "/api/auth/me", token=session["access"]).status == 200

    here.call("POST", "/api/auth/logout", {"refresh": session["refresh"]})
    ended = time.monotonic()

    asked = ended
    while there.call("GET", "/api/auth/me", token=session["access"]).status != 401:
        assert asked - ended < REVOKED_WITHIN  # however long the response took
        time.sleep(0.02)
        asked = time.monotonic()


def test_a_refresh_token_is_used_once_at_whichever_server(here, there, token):
    def renew(server, session):
        return server.call("POST", "/api/auth/token/refresh", {"refresh": session["refresh"]})

    first = log_in(here, "maria")
    second = renew(there, first).json
    assert renew(here, first).json["refresh"] == second["refresh"]  # its successor is unused yet

    third = renew(here, second).json

    assert renew(there, first).status == 401  # and now the whole session has ended
    assert renew(here, third).status == 401


def test_a_seat_sold_by_one_server_is_booked_at_the_other_at_once(database_url, here, there, token):
    show = put_on_tomorrow(database_url, seats=30)
    for seat, (seller, other) in zip(range(1, 31), cycle([(here, there), (there, here)])):
        assert book(seller, token, show, seat).status == 201
        assert seats_booked(other, show) == list(range(1, seat + 1))


def test_each_seat_of_a_race_at_both_is_sold_once(database_url, servers, token):
    seats, clients = 20, 40
    show = put_on_tomorrow(database_url, seats)
    start = Barrier(clients)

    def play(number):
        start.wait()
        order = [(number + turn) % seats + 1 for turn in range(seats)]
        return [(seat, book(servers[number % 2], token, show, seat).status) for seat in order]

    with ThreadPoolExecutor(clients) as pool:
        responses = [one for part in pool.map(play, range(clients)) for one in part]

    assert {status for _, status in responses} == {201, 409}
    assert Counter(seat for seat, status in responses if status == 201) == dict.fromkeys(
        range(1, seats + 1), 1
    )
    assert seats_booked(servers[0], show) == list(range(1, seats + 1))


def test_a_key_sent_to_both_at_once_makes_one_booking(database_url, servers, token):
    show = put_on_tomorrow(database_url, seats=10)
    start = Barrier(len(servers))

    def send(server, seat):
        start.wait()
        return book(server, token, show, seat, key=f"double click on {seat}")

    with ThreadPoolExecutor(len(servers)) as both:
        for seat in range(1, 11):
            first, second = both.map(send, servers, [seat, seat])
            assert (first.status, second.status) == (201, 201)
            assert first.json == second.json
            replayed = [answer.headers["Idempotent-Replayed"] for answer in (first, second)]
            assert sorted(replayed, key=str) == [None, "true"]
