"""A show on sale, its customers, and access to the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread

from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.builders import Clock, register
from tests.integration.api.cinema import Cinema
from tests.integration.faults.invariants import StoredBooking, StoredHold, StoredSales
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import bookings, hold_is_unended, holds, show_seats
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import AccountId
from ticketing.settings import Settings

SEATS = 30
CUSTOMERS = 8
SETTINGS = {
    "SECRET_KEY": "a key for tests that is long enough",
    "MAX_PAGE_SIZE": "1000",
    "RATELIMIT": "off",
    "HOLD_SECONDS": "1",
    "HOLD_MAX_SECONDS": "2",
    "MAX_SEATS_PER_SHOW": "0",  # few customers buy many seats, and the limit is not the subject
}
"""The secret key of each application that verifies our customers' tokens."""


@dataclass(frozen=True)
class Customer:
    """A customer with an access token."""

    account_id: AccountId
    token: str


class OnSale:
    """A show that starts in two hours, in an application over the server's database."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app = app
        self.database: Database = app.extensions["ticketing.database"]
        cinema = Cinema(app, clock)
        self.show = cinema.show(seats=SEATS)
        store = cinema.office.transactions
        accounts = [register(store, f"customer-{turn}") for turn in range(CUSTOMERS)]
        self.customers = [Customer(each, cinema.tokens(each)["access"]) for each in accounts]

    def stored(self) -> StoredSales:
        return Reader(self.database)(self._read)

    def _read(self, connection: Connection) -> StoredSales:
        seats = select(show_seats).where(show_seats.c.show_id == self.show.id)
        owners = connection.execute(seats).all()
        unended = select(holds).where(holds.c.show_id == self.show.id, hold_is_unended)
        sold = connection.execute(select(bookings).where(bookings.c.show_id == self.show.id))
        return StoredSales(
            {row.number: row.booking_id for row in owners},
            tuple(
                StoredBooking(
                    row.id, row.account_id, tuple(row.seat_numbers), row.cancelled_at is None
                )
                for row in sold
            ),
            {row.number: row.hold_id for row in owners if row.hold_id},
            tuple(
                StoredHold(row.id, tuple(row.seat_numbers)) for row in connection.execute(unended)
            ),
        )


@contextmanager
def on_sale(database_url: str, clock: Clock | None = None) -> Iterator[OnSale]:
    """Set up a show on sale. ``clock`` is the application's; by default it shows the real time."""
    settings = {"DATABASE_URL": database_url, **SETTINGS}
    named = {f"TICKETING_{name}": value for name, value in settings.items()}
    app = create_app(Settings.from_env(named), clock)
    try:
        yield OnSale(app, clock or real_time())
    finally:
        app.extensions["ticketing.database"].engine.dispose()


def real_time() -> Clock:
    """Return a clock that shows the current time."""
    clock = Clock()
    clock.now = datetime.now(UTC)
    return clock


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Serve the application over HTTP in this process; return the port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
