"""The requests of clients to running servers, over HTTP only."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.builders import PASSWORD, a_screen, a_show, put_on
from tests.integration.databases import opened
from tests.integration.running_server import Answer, RunningServer
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show

SERVE = ("serve", "--workers", "1", "--threads", "8")
SECRET_KEY = "a key that all the servers share"
SETTINGS = {
    "SECRET_KEY": SECRET_KEY,
    "MAX_SEATS_PER_SHOW": "0",  # one customer buys all seats
}


def put_on_tomorrow(database_url: str, seats: int) -> Show:
    plan = plain_grid(seats)
    show = a_show(
        screen=a_screen(f"Screen of {seats}", plan),
        plan=plan,
        starts_at=datetime.now(UTC) + timedelta(days=1),
    )
    with opened(database_url) as database:
        return put_on(SqlTransactions(database), show)


def sign_up(server: RunningServer, name: str) -> Answer:
    return server.call("POST", "/api/auth/signup", {"username": name, "password": PASSWORD})


def log_in(server: RunningServer, name: str) -> Any:
    answer = server.call("POST", "/api/auth/login", {"username": name, "password": PASSWORD})
    assert answer.status == 200, answer.body
    return answer.json


def book(server: RunningServer, token: str, show: Show, seat: int, key: str = "") -> Answer:
    path, body = f"/api/shows/{show.id}/book", {"seat_number": seat}
    return server.call("POST", path, body, token, Idempotency_Key=key or str(uuid4()))


def seats_booked(server: RunningServer, show: Show) -> list[int]:
    seats = server.call("GET", f"/api/shows/{show.id}/seats").json["seats"]
    return [seat["number"] for seat in seats if seat["status"] == "BOOKED"]
