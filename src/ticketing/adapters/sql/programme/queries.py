"""Queries of the programme."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from ticketing.adapters.sql.engine.clock import NO_TIME, Clock, StoreClock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader, page
from ticketing.adapters.sql.programme.movies_and_screens import (
    MOVIE_COLUMNS,
    SCREEN_COLUMNS,
    movie_of,
    screen_of,
    select_movie,
)
from ticketing.adapters.sql.programme.shows import select_shows, show_of
from ticketing.adapters.sql.tables import movies, screens, seat_is_free, show_seats, shows
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.text import comparison_key, is_wellformed

# Statements on the hot path are built once: building one and finding it in SQLAlchemy's cache takes
# twice as long as the rest of its execution.

_seats_of_show = show_seats.c.show_id == bindparam("show_id")
_free = select(func.count()).where(_seats_of_show, seat_is_free).scalar_subquery()
_SHOW = select_shows(_free.label("free")).where(shows.c.id == bindparam("show_id"))
_NOTHING: Page[Any] = Page([], 0)


class SqlProgrammeQueries:
    """The ``ProgrammeQueries`` port.

    ``sales_grace`` is how long after its start a show sells. ``stale`` reads what may be up to 1 s
    stale, from a replica where there is one; screens are read from the primary.
    """

    def __init__(
        self,
        database: Database,
        primary: Reader,
        stale: Reader,
        sales_grace: timedelta,
        clock: Clock | None,
    ) -> None:
        self._database = database
        self._read = primary
        self._read_programme = stale
        self._sales_grace = sales_grace
        self._clock = clock
        column = NO_TIME if clock or database.clock is None else database.clock
        self._show = _SHOW.add_columns(column.label("now"))

    def movies(self, text: str, window: Window) -> Page[Movie]:
        if not is_wellformed(text):
            return _NOTHING
        titled = movies.c.title_key.contains(comparison_key(text), autoescape=True)
        found = select(*MOVIE_COLUMNS).where(titled)
        ordered = found.order_by(movies.c.title_key, movies.c.id)
        return self._read_programme.page(ordered, window, movie_of)

    def movie(self, movie_id: MovieId) -> Movie:
        return self._read_programme(lambda c: movie_of(c.execute(select_movie(movie_id)).first()))

    def screens(self, window: Window) -> Page[Screen]:
        ordered = select(*SCREEN_COLUMNS).order_by(screens.c.name_key, screens.c.id)
        return self._read.page(ordered, window, screen_of)

    def shows(self, wanted: ShowFilter, window: Window) -> Page[ShowAvailability]:
        def read(connection: Connection) -> Page[ShowAvailability]:
            now = self._time(connection).now()
            listed = select_shows().where(*self._conditions(wanted, now))
            soonest_first = listed.order_by(shows.c.starts_at, shows.c.id)
            found = page(connection, soonest_first, window, show_of)
            return Page(self._on_offer(connection, found.items, now), found.total)

        return self._read_programme(read)

    def show(self, show_id: ShowId) -> ShowAvailability:
        def read(connection: Connection) -> ShowAvailability:
            row = connection.execute(self._show, {"show_id": show_id}).first()
            if row is None:
                raise ShowNotFound()
            time = self._time(connection)
            time.set(row.now)
            return self._offer(show_of(row), row.free, time.now())

        return self._read_programme(read)

    def _time(self, connection: Connection) -> StoreClock:
        return StoreClock(connection, self._database.clock, self._clock)

    def _conditions(self, wanted: ShowFilter, now: datetime) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [~shows.c.rehearsal]
        if wanted.starts_from is None:
            conditions.append(shows.c.starts_at > now - self._sales_grace)
        else:
            conditions.append(shows.c.starts_at >= wanted.starts_from)
        if wanted.starts_before is not None:
            conditions.append(shows.c.starts_at < wanted.starts_before)
        if wanted.movie_id is not None:
            conditions.append(shows.c.movie_id == wanted.movie_id)
        if wanted.screen_id is not None:
            conditions.append(shows.c.screen_id == wanted.screen_id)
        return conditions

    def _on_offer(
        self, connection: Connection, listed: Sequence[Show], now: datetime
    ) -> list[ShowAvailability]:
        """Count the free seats of all listed shows in one query."""
        counted = (
            select(show_seats.c.show_id, func.count())
            .where(show_seats.c.show_id.in_([show.id for show in listed]), seat_is_free)
            .group_by(show_seats.c.show_id)
        )
        free = dict(tuple(row) for row in connection.execute(counted))
        return [self._offer(show, free.get(show.id, 0), now) for show in listed]

    def _offer(self, show: Show, free: int, now: datetime) -> ShowAvailability:
        available = min(free, show.plan.total_seats)  # the seat plan may have grown in between
        status = show.status(available=available, now=now, grace=self._sales_grace)
        return ShowAvailability(show, available, status)
