"""Where a scenario plays: a server on a new database, with a programme and customers."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from secrets import token_hex

import psycopg2
from flask import Flask
from sqlalchemy import Engine

from benchmarks.revision import Checkout
from benchmarks.serving import serving
from tests.integration.databases import migrate
from tests.integration.running_server import RunningServer
from ticketing.adapters.passwords import Argon2Hasher
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import Account
from ticketing.domain.accounts.session import Session
from ticketing.domain.accounts.session_service import LogIn
from ticketing.domain.box_office import BoxOffice, UnitOfWork
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plan import MAX_SEATS, SeatPlan
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.http.web.tokens import access_token_for
from ticketing.settings import Settings

PASSWORD = "a strong horse"
PROGRAMME = 20
"""Movies that there are, each with one show."""
ROOM, HALL = SeatPlan(400, 20), SeatPlan(MAX_SEATS, 100)
FOUGHT_FOR = 50
"""Seats that each client tries to get, where all want the same."""
SEATS_EACH = 8
"""What a buyer has of a show at most: fewer than the server's cap, which is not what we measure."""
LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """``database_pid`` is the process of PostgreSQL, where that is the database.

    ``customers`` are as many as clients, and buy nothing; ``buyers`` are enough for any sale.
    """

    server: RunningServer
    database_url: str
    database_pid: int | None
    programme: Sequence[Show]
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

    def tokens(self) -> list[str]:
        """A new access token for each customer."""
        return self._tokens(self.customers)

    def buyers_tokens(self, number: int) -> list[str]:
        """A new access token for so many buyers, of sessions that nobody opened."""
        now = datetime.now(UTC)
        return self._tokens(
            LogIn(account, Session.open(account.id, rotates=False, now=now, lifetime=LIFETIME))
            for account in islice(self.buyers, number)
        )

    def _tokens(self, logged_in: Iterable[LogIn]) -> list[str]:
        with self._app.app_context():
            return [str(access_token_for(login)["access"]) for login in logged_in]

    def new_shows(self, number: int, plan: SeatPlan) -> list[int]:
        """The ids of ``number`` new shows, later than the programme."""
        movie, screen = self.programme[-1].movie, self.programme[-1].screen
        starts_at = self.programme[-1].starts_at + timedelta(days=1)
        show = Show.new(movie, screen, starts_at, plan)
        made = self.office.transactions(lambda uow: [uow.shows.add(show) for _ in range(number)])
        self.settle()
        return [show.id for show in made]

    def settle(self) -> None:
        """Have PostgreSQL do now what it would else do in the middle of a run."""
        if self.database_pid is not None:
            with closing(psycopg2.connect(self.database_url)) as connection:
                connection.autocommit = True  # neither of them runs in a transaction
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE shows, show_seats, bookings")
                    cursor.execute("CHECKPOINT")


@contextmanager
def on_stage(
    home: Path,
    database_url: str,
    database_pid: int | None,
    customers: int,
    checkout: Checkout,
    **settings: str,
) -> Iterator[Stage]:
    """A stage over an empty database; ``settings`` are the server's, without their prefix.

    The database has this revision's schema, also if the server is of an older one.
    """
    given = {"DATABASE_URL": database_url, "SECRET_KEY": token_hex(32), "LOG_LEVEL": "warning"}
    given |= {"RATELIMIT": "off"} | settings  # all customers come from one address
    migrate(database_url)
    app = create_app(Settings.from_env({f"TICKETING_{name}": given[name] for name in given}))
    office: BoxOffice = app.extensions["ticketing"].office
    try:
        programme = office.transactions(_programme)
        logged_in = office.transactions(lambda uow: _customers(uow, customers))
        buyers = office.transactions(lambda uow: _buyers(uow, customers))
        with serving(home, given, checkout) as server:
            yield Stage(server, database_url, database_pid, programme, logged_in, buyers, app)
    finally:
        app.extensions["ticketing.database"].engine.dispose()


def _programme(uow: UnitOfWork) -> list[Show]:
    screen = uow.screens.add(Screen(name="Screen 1", plan=ROOM))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    shows = []
    for number in range(PROGRAMME):
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


def _customers(uow: UnitOfWork, number: int) -> list[LogIn]:
    """Customers with open sessions and one password, hashed once."""
    password_hash = Argon2Hasher().hash(PASSWORD)
    now = uow.now()
    logged_in = []
    for name in (f"customer-{number}" for number in range(number)):
        account = uow.accounts.add(
            Account(username=name, password_hash=password_hash, created_at=now)
        )
        session = Session.open(account.id, rotates=True, now=now, lifetime=LIFETIME)
        uow.sessions.add(session)
        logged_in.append(LogIn(account, session))
    return logged_in


def _buyers(uow: UnitOfWork, customers: int) -> list[Account]:
    """Enough to share a HALL, or to fight; nobody can log in as one."""
    now = uow.now()
    number = (HALL.total_seats + customers * (FOUGHT_FOR + SEATS_EACH)) // SEATS_EACH
    return uow.accounts.add_all(
        [
            Account(username=f"buyer-{turn}", password_hash="-", created_at=now)
            for turn in range(number)
        ]
    )
