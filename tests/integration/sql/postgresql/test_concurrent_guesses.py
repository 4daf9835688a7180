"""Many concurrent log-ins to one account at a real server, at each isolation level."""

from collections import Counter
from functools import partial

import pytest

from tests.builders import PASSWORD
from tests.contracts.concurrent_calls import all_at_once
from tests.integration.running_server import running_server

GUESSES = 50
RIGHT_PASSWORDS = 12
LIMIT = 10


@pytest.fixture
def server(postgresql_url, tmp_path):
    more = {"DATABASE_URL": postgresql_url, "SECRET_KEY": "long enough " * 4, "RATELIMIT": "on"}
    with running_server(tmp_path, "serve", "--workers", "2", **more) as server:
        account = {"username": "maria", "password": PASSWORD}
        assert server.call("POST", "/api/auth/signup", account).status == 201
        yield server
        assert "Traceback" not in server.printed, server.printed


def log_in(server, password, name="maria"):
    """Log in. A refusal that is no verdict is 503 `busy`."""
    body = {"username": name, "password": password}
    answer = server.call("POST", "/api/auth/login", body)
    if answer.status == 503:
        assert answer.json["code"] == "busy"
        assert answer.headers["Retry-After"] == "1"
    return answer


def until_judged(server, password, name="maria"):
    """Repeat the log-in, as clients do, while the server is busy."""
    while (answer := log_in(server, password, name)).status == 503:
        pass
    return answer


def test_fifty_concurrent_guesses_and_twelve_right_passwords(server):
    """Ten guesses are verified, and right passwords are never too many."""
    for act in (log_in, until_judged):
        answers = all_at_once(partial(act, server), [PASSWORD] * RIGHT_PASSWORDS)
        statuses = {answer.status for answer in answers}
        assert statuses <= {200, 503}
    assert statuses == {200}

    wrong = [f"wrong {turn}" for turn in range(GUESSES)]
    for name in ("maria", "unknown"):
        answers = all_at_once(partial(log_in, server, name=name), wrong)
        guessed = Counter(answer.status for answer in answers)
        assert set(guessed) <= {401, 429, 503}
        assert guessed[401] <= LIMIT
        while until_judged(server, "wrong", name).status == 401:
            guessed[401] += 1
        assert guessed[401] == LIMIT
        refused = until_judged(server, PASSWORD, name)
        assert refused.status == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 900
