"""A hundred concurrent guesses at a real server, at each isolation level."""

from collections import Counter

import pytest

from tests.builders import PASSWORD
from tests.contracts.concurrent_calls import all_at_once
from tests.integration.databases import SERIALIZABLE
from tests.integration.running_server import running_server

GUESSES = 100


@pytest.fixture
def server(postgresql_url, tmp_path):
    more = {"DATABASE_URL": postgresql_url, "SECRET_KEY": "long enough " * 4, "RATELIMIT": "on"}
    with running_server(tmp_path, "serve", "--workers", "2", "--threads", "4", **more) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


def test_ten_of_a_hundred_concurrent_guesses_are_verified(server, postgresql_url):
    account = {"username": "maria", "password": PASSWORD}
    assert server.call("POST", "/api/auth/signup", account).status == 201

    for name in ("maria", "unknown"):

        def guess(password, name=name):
            body = {"username": name, "password": password}
            return server.call("POST", "/api/auth/login", body)

        wrong = [f"wrong {turn}" for turn in range(GUESSES)]
        statuses = Counter(answer.status for answer in all_at_once(guess, wrong))
        if SERIALIZABLE in postgresql_url:  # some give up: they were not verified either
            assert statuses[401] <= 10
            assert set(statuses) <= {401, 429, 503}
        else:
            assert statuses == {401: 10, 429: GUESSES - 10}
            refused = guess(PASSWORD)
            assert refused.status == 429
            assert 0 < int(refused.headers["Retry-After"]) <= 900
