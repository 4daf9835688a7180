"""Many clients of a real server: at each isolation level, each gets a clear response."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import PASSWORD, a_show, put_on
from tests.contracts.concurrent_calls import all_at_once
from tests.integration.running_server import running_server
from ticketing.adapters.sql.unit_of_work import SqlTransactions

BUYERS = 20


@pytest.fixture
def server(postgresql_url, tmp_path):
    settings = {"DATABASE_URL": postgresql_url, "SECRET_KEY": "long enough " * 4}
    with running_server(tmp_path, "serve", "--workers", "2", **settings) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture
def buyers(server):
    """Their access tokens."""

    def sign_up(number):
        account = {"username": f"buyer-{number}", "password": PASSWORD}
        server.call("POST", "/api/auth/signup", account)
        return server.call("POST", "/api/auth/login", account).json["access"]

    return [sign_up(number) for number in range(BUYERS)]


def test_one_of_twenty_buyers_of_a_seat_gets_it_and_twenty_of_twenty_get_their_own(
    database, server, buyers
):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    show = put_on(SqlTransactions(database), a_show(starts_at=tomorrow))

    def all_book(seat_of):
        def book(number):
            body = {"seat_number": seat_of(number)}
            order = "POST", f"/api/shows/{show.id}/book", body, buyers[number]
            while (answer := server.call(*order)).status == 503:
                assert answer.json["code"] == "busy"  # and nothing was changed
            return answer.status, answer.json.get("code")

        return Counter(all_at_once(book, range(BUYERS)))

    assert all_book(lambda _: 50) == {(201, None): 1, (409, "seat_taken"): BUYERS - 1}
    assert all_book(lambda number: 1 + number) == {(201, None): BUYERS}
