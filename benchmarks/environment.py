"""The environment of a benchmark: a server on a new database, with shows and accounts."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from secrets import token_hex

import psycopg2
from flask import Flask
from sqlalchemy import Engine

from benchmarks.server import Checkout, serve
from tests.integration.databases import migrate
from tests.integration.nginx_proxy import nginx_before
from tests.integration.running_server import RunningServer
from ticketing.adapters.passwords import Argon2Hasher
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import Account
from ticketing.domain.accounts.session import Session
from ticketing.domain.accounts.session_service import LogIn
from ticketing.domain.box_office import BoxOffice, UnitOfWork
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.http.web.tokens import access_token_for
from ticketing.settings import Settings

PASSWORD = "a strong horse"
MOVIES = 20
"""Movies of the programme, each with one show."""
MEDIUM_PLAN, LARGE_PLAN = plain_grid(400, 20), plain_grid(MAX_SEATS, 100)
CONTESTED_SEATS = 50
"""Seats that all clients try to book, if all try to book the same."""
MAX_SEATS_PER_BUYER = 8
"""Fewer than the server's seat limit, so that no request is refused because of it."""
SESSION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """``port`` is where clients connect: the server's, or that of the nginx before it.

    ``database_pid`` is the main process of PostgreSQL, if that is the database. No one who is
    measured buys seats of the ``large_show``.

    There is one of the ``customers`` for each client; they buy nothing. There are enough
    ``buyers`` for any workload.
    """

    server: RunningServer
    port: int
    database_url: str
    database_pid: int | None
    programme: Sequence[Show]
    large_show: int
    customers: Sequence[LogIn]
    buyers: Sequence[Account]
    _app: Flask

    @property
    def office(self) -> BoxOffice:
        office: BoxOffice = self._app.extensions["ticketing"].office
        return office

    @property
    def engine(self) -> Engine:
        engine: Engine = self._app.extensions["ticketing.database"].engine
        return engine

    def customer_tokens(self) -> list[str]:
        """Return a new access token for each customer."""
        return self._tokens(self.customers)

    def buyer_tokens(self, number: int) -> list[str]:
        """Return a new access token for so many buyers, of sessions that are not stored."""
        now = datetime.now(UTC)
        return self._tokens(
            LogIn(
                account, Session.open(account.id, rotates=False, now=now, lifetime=SESSION_LIFETIME)
            )
            for account in islice(self.buyers, number)
        )

    def _tokens(self, logged_in: Iterable[LogIn]) -> list[str]:
        with self._app.app_context():
            return [str(access_token_for(login)["access"]) for login in logged_in]

    def new_shows(self, number: int, plan: SeatPlan) -> list[int]:
        """Add ``number`` shows that start after the programme, and return their ids."""
        movie, screen = self.programme[-1].movie, self.programme[-1].screen
        starts_at = self.programme[-1].starts_at + timedelta(days=1)
        show = Show.new(movie, screen, starts_at, plan)
        shows = self.office.transactions(lambda uow: [uow.shows.add(show) for _ in range(number)])
        self.vacuum_and_checkpoint()
        return [show.id for show in shows]

    def vacuum_and_checkpoint(self) -> None:
        """Run PostgreSQL's maintenance now, so that it does not happen during a run."""
        if self.database_pid is not None:
            with closing(psycopg2.connect(self.database_url)) as connection:
                connection.autocommit = True  # they cannot run in a transaction
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE shows, show_seats, bookings")
                    cursor.execute("CHECKPOINT")


@contextmanager
def open_environment(
    home: Path,
    database_url: str,
    database_pid: int | None,
    customers: int,
    checkout: Checkout,
    *,
    behind_nginx: bool,
    **settings: str,
) -> Iterator[Environment]:
    """Set up an empty database and serve it. The names of the server's settings have no prefix.

    Limits for each address are on only ``behind_nginx``; else all requests come from one address.

    The database has the schema of this revision, even if the server is of an earlier one.
    """
    values = {"DATABASE_URL": database_url, "SECRET_KEY": token_hex(32), "LOG_LEVEL": "warning"}
    unlimited = {"RATELIMIT": "off", "MAX_PASSWORD_CHECKS": "256"}
    values |= {"TRUSTED_PROXIES": "127.0.0.1"} if behind_nginx else unlimited
    values |= settings
    migrate(database_url)
    app = create_app(Settings.from_env({f"TICKETING_{name}": values[name] for name in values}))
    office: BoxOffice = app.extensions["ticketing"].office
    try:
        programme = office.transactions(_add_programme)
        logged_in = office.transactions(lambda uow: _add_customers(uow, customers))
        buyers = office.transactions(lambda uow: _add_buyers(uow, customers))
        large_show = office.transactions(lambda uow: _add_large_show(uow, programme[-1]))
        with ExitStack() as stack:
            server = stack.enter_context(serve(home, values, checkout))
            port = server.port
            if behind_nginx:
                port = stack.enter_context(nginx_before([server.port], home))
            yield Environment(
                server=server,
                port=port,
                database_url=database_url,
                database_pid=database_pid,
                programme=programme,
                large_show=large_show,
                customers=logged_in,
                buyers=buyers,
                _app=app,
            )
    finally:
        app.extensions["ticketing.database"].engine.dispose()


def _add_programme(uow: UnitOfWork) -> list[Show]:
    screen = uow.screens.add(Screen(name="Screen 1", plan=MEDIUM_PLAN))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    shows = []
    for number in range(MOVIES):
        movie = uow.movies.add(
            Movie(
                title=f"Movie {number + 1}",
                duration_minutes=120,
                description="A movie. " * 20,
                rating="12A",
                language="en",
            )
        )
        starts_at = tomorrow + timedelta(hours=3 * number)
        shows.append(uow.shows.add(Show.new(movie, screen, starts_at)))
    return shows


def _add_large_show(uow: UnitOfWork, last: Show) -> int:
    starts_at = last.starts_at + timedelta(days=2)
    return uow.shows.add(Show.new(last.movie, last.screen, starts_at, LARGE_PLAN)).id


def _add_customers(uow: UnitOfWork, number: int) -> list[LogIn]:
    """Add customers with open sessions. All have the same password, so it is hashed once."""
    password_hash = Argon2Hasher().hash(PASSWORD)
    now = uow.now()
    logged_in = []
    for name in (f"customer-{number}" for number in range(number)):
        account = uow.accounts.add(
            Account(username=name, password_hash=password_hash, created_at=now)
        )
        session = Session.open(account.id, rotates=True, now=now, lifetime=SESSION_LIFETIME)
        uow.sessions.add(session)
        logged_in.append(LogIn(account, session))
    return logged_in


def _add_buyers(uow: UnitOfWork, customers: int) -> list[Account]:
    """Add enough buyers for a large show or for contested seats. They cannot log in."""
    now = uow.now()
    number = (
        LARGE_PLAN.total_seats + customers * (CONTESTED_SEATS + MAX_SEATS_PER_BUYER)
    ) // MAX_SEATS_PER_BUYER
    return uow.accounts.add_all(
        [
            Account(username=f"buyer-{index}", password_hash="-", created_at=now)
            for index in range(number)
        ]
    )
