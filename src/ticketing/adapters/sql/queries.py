"""The ``Queries`` port: reading past the entities' rules, without locks or transactions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, bindparam, cast, func, select

from ticketing.adapters.sql.accounts import account_by_id, account_by_name
from ticketing.adapters.sql.audit import entry_of, select_entries
from ticketing.adapters.sql.bookings import booking_of, booking_or_refusal, select_bookings
from ticketing.adapters.sql.engine import Database
from ticketing.adapters.sql.programme import (
    movie_of,
    movie_or_refusal,
    screen_of,
    select_movie,
    select_movies,
    select_screens,
)
from ticketing.adapters.sql.reader import Reader, page
from ticketing.adapters.sql.sessions import session_of
from ticketing.adapters.sql.shared_reads import SharedReads
from ticketing.adapters.sql.shows import select_shows, show_of
from ticketing.adapters.sql.staff_queries import (
    bookings_called,
    select_bookings_of_show,
    sold_seats,
)
from ticketing.adapters.sql.store_time import Clock, system_clock
from ticketing.adapters.sql.tables import (
    audit_entries,
    bookings,
    movies,
    screens,
    sessions,
    show_seats,
    shows,
)
from ticketing.domain.account import Account, AccountId
from ticketing.domain.audit import AuditEntry
from ticketing.domain.booking import Booking, BookingId, BookingStatus
from ticketing.domain.errors import ShowNotFound
from ticketing.domain.movie import Movie, MovieId
from ticketing.domain.queries import Page, SeatMap, ShowFilter, ShowOnOffer, Window
from ticketing.domain.screen import Screen
from ticketing.domain.seating import SeatNumber, SeatPlan
from ticketing.domain.session import Session, SessionId
from ticketing.domain.show import Show, ShowId
from ticketing.domain.text import comparison_key, is_wellformed

_NOTHING: Page[Any] = Page([], 0)

# What is asked often is written once: to build a statement and to find it in SQLAlchemy's cache
# takes twice as long as all the rest of its execution on our side.

_seats_of_show = show_seats.c.show_id == bindparam("show_id")
_is_free = show_seats.c.booking_id.is_(None)
_free = select(func.count()).where(_seats_of_show, _is_free).scalar_subquery()
_SHOW = select_shows(_free.label("free")).where(shows.c.id == bindparam("show_id"))

_sold = (
    select(func.aggregate_strings(cast(show_seats.c.number, String), ","))
    .where(_seats_of_show, ~_is_free)
    .scalar_subquery()
)
_SEAT_MAP = select(shows.c.total_seats, shows.c.seats_per_row, _sold.label("sold")).where(
    shows.c.id == bindparam("show_id")
)


class SqlQueries:
    """``sales_grace`` is how long after its start a show sells; ``clock`` is for tests.

    ``programme`` reads what may be a moment old, where that is done elsewhere.
    """

    def __init__(
        self,
        database: Database,
        sales_grace: timedelta,
        clock: Clock = system_clock,
        programme: Reader | None = None,
    ) -> None:
        self._read = Reader(database)
        self._read_programme = programme or self._read
        self._seat_maps = SharedReads[SeatMap]()
        self._sales_grace = sales_grace
        self._clock = clock

    # --- the programme

    def movies(self, text: str, window: Window) -> Page[Movie]:
        if not is_wellformed(text):
            return _NOTHING
        titled = movies.c.title_key.contains(comparison_key(text), autoescape=True)
        wanted = select_movies().where(titled).order_by(movies.c.title_key, movies.c.id)
        return self._read_programme.page(wanted, window, movie_of)

    def movie(self, movie_id: MovieId) -> Movie:
        wanted = select_movie(movie_id)
        return self._read_programme(lambda c: movie_or_refusal(c.execute(wanted).first()))

    def screens(self, window: Window) -> Page[Screen]:
        wanted = select_screens().order_by(screens.c.name_key, screens.c.id)
        return self._read.page(wanted, window, screen_of)

    def shows(self, wanted: ShowFilter, window: Window) -> Page[ShowOnOffer]:
        listed = select_shows().where(*self._conditions(wanted))
        soonest_first = listed.order_by(shows.c.starts_at, shows.c.id)

        def read(connection: Connection) -> Page[ShowOnOffer]:
            found = page(connection, soonest_first, window, show_of)
            return Page(self._on_offer(connection, found.items), found.total)

        return self._read_programme(read)

    def show(self, show_id: ShowId) -> ShowOnOffer:
        def read(connection: Connection) -> Row[Any]:
            if row := connection.execute(_SHOW, {"show_id": show_id}).first():
                return row
            raise ShowNotFound()

        row = self._read_programme(read)
        return self._offer(show_of(row), row.free, self._clock())

    def seat_map(self, show_id: ShowId) -> SeatMap:
        return self._seat_maps(show_id, lambda: self._read_seat_map(show_id))

    def _read_seat_map(self, show_id: ShowId) -> SeatMap:
        row = self._read(lambda c: c.execute(_SEAT_MAP, {"show_id": show_id}).first())
        if row is None:
            raise ShowNotFound()
        booked = map(int, row.sold.split(",")) if row.sold else ()
        plan = SeatPlan(row.total_seats, row.seats_per_row)
        return SeatMap(show_id, plan, frozenset(map(SeatNumber, booked)))

    def _conditions(self, wanted: ShowFilter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [~shows.c.rehearsal]
        if wanted.starts_from is not None:
            conditions.append(shows.c.starts_at >= wanted.starts_from)
        else:
            conditions.append(shows.c.starts_at > self._clock() - self._sales_grace)
        if wanted.starts_before is not None:
            conditions.append(shows.c.starts_at < wanted.starts_before)
        if wanted.movie_id is not None:
            conditions.append(shows.c.movie_id == wanted.movie_id)
        if wanted.screen_id is not None:
            conditions.append(shows.c.screen_id == wanted.screen_id)
        return conditions

    def _on_offer(self, connection: Connection, listed: Sequence[Show]) -> list[ShowOnOffer]:
        """The shows with their free seats, counted for all of them at once."""
        counted = (
            select(show_seats.c.show_id, func.count())
            .where(show_seats.c.show_id.in_([show.id for show in listed]), _is_free)
            .group_by(show_seats.c.show_id)
        )
        free = dict(tuple(row) for row in connection.execute(counted))
        now = self._clock()
        return [self._offer(show, free.get(show.id, 0), now) for show in listed]

    def _offer(self, show: Show, free: int, now: datetime) -> ShowOnOffer:
        available = min(free, show.plan.total_seats)  # the room may have grown in between
        status = show.status(available=available, now=now, grace=self._sales_grace)
        return ShowOnOffer(show, available, status)

    # --- bookings and accounts

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        wanted = select_bookings().where(bookings.c.account_id == customer)
        if status is BookingStatus.BOOKED:
            wanted = wanted.where(bookings.c.cancelled_at.is_(None))
        elif status is BookingStatus.CANCELLED:
            wanted = wanted.where(bookings.c.cancelled_at.is_not(None))
        return self._read.page(wanted.order_by(bookings.c.id.desc()), window, booking_of)

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        theirs = (bookings.c.account_id == customer, bookings.c.id > last)
        wanted = select_bookings().where(*theirs).order_by(bookings.c.id).limit(limit)
        return self._read(lambda c: [booking_of(row) for row in c.execute(wanted)])

    def booking(self, booking_id: BookingId) -> Booking:
        wanted = select_bookings().where(bookings.c.id == booking_id)
        return self._read(lambda c: booking_or_refusal(c.execute(wanted).first()))

    def bookings_called(self, reference: str) -> Sequence[Booking]:
        return self._read(lambda connection: bookings_called(connection, reference))

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        return self._read.page(select_bookings_of_show(show_id), window, booking_of)

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        return self._read(lambda connection: sold_seats(connection, show_id))

    def account(self, account_id: AccountId) -> Account:
        return self._read(lambda connection: account_by_id(connection, account_id))

    def account_named(self, name: str) -> Account | None:
        return self._read(lambda connection: account_by_name(connection, name))

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        return self._read.page(select_entries(), window, entry_of)

    def sessions(self, account_id: AccountId) -> list[Session]:
        theirs = select(sessions).where(sessions.c.account_id == account_id)
        wanted = theirs.order_by(sessions.c.expires_at, sessions.c.id)
        return self._read(lambda c: [session_of(row) for row in c.execute(wanted)])

    def actions_of(self, account_id: AccountId) -> list[AuditEntry]:
        theirs = select(audit_entries).where(audit_entries.c.account_id == account_id)
        wanted = theirs.order_by(audit_entries.c.id)
        return self._read(lambda c: [entry_of(row) for row in c.execute(wanted)])

    def revoked_sessions(self, since: datetime) -> frozenset[SessionId]:
        revoked = select(sessions.c.id).where(sessions.c.revoked_at >= since)
        return self._read(lambda c: frozenset(SessionId(id_) for id_ in c.scalars(revoked)))
