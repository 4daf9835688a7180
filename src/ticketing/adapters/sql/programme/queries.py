"""Queries of the programme."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, literal, select

from ticketing.adapters.sql.engine.clock import Clock, QueryTime, StoreClock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader, page
from ticketing.adapters.sql.programme.movies_and_screens import (
    MOVIE_COLUMNS,
    SCREEN_COLUMNS,
    SqlScreens,
    movie_of,
    screen_of,
    select_movie,
)
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import (
    SHOW_COLUMNS,
    SHOWS_WITH_ALL,
    select_shows,
    show_of,
)
from ticketing.adapters.sql.tables import (
    BigId,
    UtcDateTime,
    movies,
    screens,
    seat_is_held,
    seat_is_taken,
    show_has_waiting,
    show_seats,
    shows,
)
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.text import comparison_key, is_wellformed

_NOTHING: Page[Any] = Page([], 0)


def _count_seats(now: ColumnElement[datetime], has_waiting: ColumnElement[bool]) -> Select[Any]:
    """Select a row for each show: the number of seats to sell, of those the held ones, and sold.

    ``has_waiting`` is that of a seat's show.
    """
    unsold = func.count().filter(~seat_is_taken).label("unsold")
    held = func.count().filter(seat_is_held(now, has_waiting)).label("held")
    sold = func.count(show_seats.c.booking_id).label("sold")
    return select(show_seats.c.show_id, unsold, held, sold).group_by(show_seats.c.show_id)


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
        plans: SeatPlanCache,
    ) -> None:
        self._database = database
        self._read = primary
        self._read_programme = stale
        self._sales_grace = sales_grace
        self._clock = clock
        self._plans = plans
        # Built once: building a statement and finding it in SQLAlchemy's cache takes twice as long
        # as the rest of its execution.
        self._query_time = QueryTime(database.clock, clock)
        now = self._query_time.column
        show_id = bindparam("show_id", type_=BigId)
        counts = _count_seats(now, show_has_waiting(show_id))
        counted = counts.where(show_seats.c.show_id == show_id).subquery()
        self._show: Select[Any] = (
            select(*SHOW_COLUMNS, *counted.c["unsold", "held", "sold"], now.label("now"))
            .select_from(SHOWS_WITH_ALL.join(counted, counted.c.show_id == shows.c.id))
            .where(shows.c.id == show_id)
        )

    def movies(self, text: str, window: Window) -> Page[Movie]:
        if not is_wellformed(text):
            return _NOTHING
        titled = movies.c.title_key.contains(comparison_key(text), autoescape=True)
        found = select(*MOVIE_COLUMNS).where(titled)
        ordered = found.order_by(movies.c.title_key, movies.c.id)
        return self._read_programme.page(ordered, window, movie_of)

    def movie(self, movie_id: MovieId) -> Movie:
        return self._read_programme(lambda c: movie_of(c.execute(select_movie(movie_id)).first()))

    def screen(self, screen_id: ScreenId) -> Screen:
        return self._read(lambda c: SqlScreens(c, SqlSeatPlans(c, self._plans)).get(screen_id))

    def screens(self, window: Window) -> Page[Screen]:
        ordered = select(*SCREEN_COLUMNS).order_by(screens.c.name_key, screens.c.id)

        def read(connection: Connection) -> Page[Screen]:
            make = partial(screen_of, plans=SqlSeatPlans(connection, self._plans))
            return page(connection, ordered, window, make)

        return self._read(read)

    def plan(self, plan_id: PlanId) -> SeatPlan:
        return self._read(lambda c: SqlSeatPlans(c, self._plans).get(plan_id))

    def shows(self, wanted: ShowFilter, window: Window) -> Page[ShowAvailability]:
        def read(connection: Connection) -> Page[ShowAvailability]:
            now = self._time(connection).now()
            listed = select_shows().where(*self._conditions(wanted, now))
            soonest_first = listed.order_by(shows.c.starts_at, shows.c.id)
            make = partial(show_of, plans=SqlSeatPlans(connection, self._plans))
            found = page(connection, soonest_first, window, make)
            return Page(self._on_offer(connection, found.items, now), found.total)

        return self._read_programme(read)

    def show(self, show_id: ShowId) -> ShowAvailability:
        def read(connection: Connection) -> ShowAvailability:
            values = {"show_id": show_id, **self._query_time.values()}
            row = connection.execute(self._show, values).first()
            if row is None:
                raise ShowNotFound()
            show = show_of(row, SqlSeatPlans(connection, self._plans))
            return self._offer(show, row, row.now)

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
        """Count the seats of all listed shows in one query."""
        with_waiting = show_seats.c.show_id.in_([show.id for show in listed if show.has_waiting])
        counted = _count_seats(literal(now, UtcDateTime), with_waiting)
        of_listed = counted.where(show_seats.c.show_id.in_([show.id for show in listed]))
        counts = {row.show_id: row for row in connection.execute(of_listed)}
        return [self._offer(show, counts.get(show.id), now) for show in listed]

    def _offer(self, show: Show, seats: Row[Any] | None, now: datetime) -> ShowAvailability:
        """Return the show with the numbers of its seats; None is for one deleted meanwhile."""
        unsold, held, sold = (seats.unsold, seats.held, seats.sold) if seats else (0, 0, 0)
        status = show.status(available=unsold, now=now, grace=self._sales_grace)
        available = min(unsold - held, show.plan.total_seats)  # its plan may have grown in between
        return ShowAvailability(show, available, status, held, sold)
