"""The response to a client if the response to a commit is lost, and its retry."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import Clock
from tests.integration.api.cinema import Cinema
from tests.integration.sql.postgresql.network_proxy import proxy_to
from ticketing.bootstrap import create_app
from ticketing.settings import Settings

KEY = {"Idempotency-Key": "one key"}
CUT = pytest.mark.parametrize("heard", [False, True], ids=["nothing done", "done"])


@pytest.fixture
def clock() -> Clock:
    """A day behind: the tokens' library refuses tokens from the future."""
    clock = Clock()
    clock.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    return clock


@pytest.fixture
def proxy(postgresql_url):
    with proxy_to(postgresql_url) as proxy:
        yield proxy


@pytest.fixture
def cinema(proxy, clock):
    settings = {"TICKETING_DATABASE_URL": proxy.url, "TICKETING_SECRET_KEY": "long enough " * 4}
    app = create_app(Settings.from_env(settings), clock)
    yield Cinema(app, clock)
    app.extensions["ticketing.database"].engine.dispose()


@pytest.fixture
def maria(cinema):
    return cinema.customer("maria")


@pytest.fixture
def bookings(maria):
    return lambda: maria.get("/api/my-bookings").json["results"]


@CUT
def test_the_outcome_is_unknown_and_nothing_is_retried(cinema, proxy, maria, bookings, heard):
    show = cinema.show()
    proxy.cut_at(b"COMMIT", heard=heard)
    answer = maria.post(f"/api/shows/{show.id}/book", json={"seats": [1]})
    assert (answer.status_code, answer.json["code"]) == (503, "outcome_unknown")
    assert answer.headers["Retry-After"]
    assert len(bookings()) == heard


@CUT
def test_with_a_key_the_client_retries_and_gets_the_one_booking(
    cinema, proxy, maria, bookings, heard
):
    book = f"/api/shows/{cinema.show().id}/book"
    proxy.cut_at(b"COMMIT", heard=heard)
    assert maria.post(book, json={"seats": [1]}, headers=KEY).status_code == 503
    answers = [maria.post(book, json={"seats": [1]}, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json for answer in answers] == bookings() * 2
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [heard, True]


@CUT
def test_with_a_key_a_cancellation_is_retried(cinema, proxy, maria, bookings, heard):
    book = f"/api/shows/{cinema.show().id}/book"
    booking = maria.post(book, json={"seats": [1]}).json
    cancel = f"/api/bookings/{booking['id']}/cancel"
    proxy.cut_at(b"COMMIT", heard=heard)
    assert maria.post(cancel, headers=KEY).status_code == 503
    answer = maria.post(cancel, headers=KEY)
    assert (answer.status_code, [answer.json]) == (200, bookings())
    assert ("Idempotent-Replayed" in answer.headers) == heard
