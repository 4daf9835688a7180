"""Shows and their seats: rows, repository, and the lock of a whole show."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.programme.movies_and_screens import (
    MOVIE_COLUMNS,
    SCREEN_COLUMNS,
    movie_of,
    screen_of,
)
from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    bookings,
    holds,
    movies,
    screens,
    seat_is_held,
    seat_is_unsold,
    show_seats,
    shows,
    waiting_list_entries,
)
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.movie import MovieId
from ticketing.domain.programme.screen import ScreenId
from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import OrphanRule, Show, ShowId

SHOW_COLUMNS = [
    shows.c.id.label("show_id"),
    shows.c.starts_at,
    shows.c.total_seats.label("show_seats"),
    shows.c.seats_per_row.label("show_width"),
    shows.c.cancelled_at.label("show_cancelled_at"),
    shows.c.rehearsal.label("show_rehearsal"),
    shows.c.plan_id.label("show_plan_id"),
    shows.c.orphan_rule,
    shows.c.has_waiting,
    *MOVIE_COLUMNS,
    *SCREEN_COLUMNS,
]
SHOWS_WITH_ALL = shows.join(movies).join(screens)


def show_of(row: Row[Any] | None, plans: SqlSeatPlans) -> Show:
    """Raises ShowNotFound for None."""
    if row is None:
        raise ShowNotFound()
    return Show(
        id=row.show_id,
        movie=movie_of(row),
        screen=screen_of(row, plans),
        starts_at=row.starts_at,
        plan=plans.of(PlanOfRow(row.show_plan_id, row.show_seats, row.show_width)),
        orphan_rule=OrphanRule(row.orphan_rule),
        cancelled_at=row.show_cancelled_at,
        rehearsal=row.show_rehearsal,
        has_waiting=row.has_waiting,
    )


def select_shows(*more: ColumnElement[Any]) -> Select[Any]:
    return select(*SHOW_COLUMNS, *more).select_from(SHOWS_WITH_ALL)


def _values(show: Show, plan_id: PlanId) -> dict[str, Any]:
    return {
        "movie_id": show.movie.id,
        "screen_id": show.screen.id,
        "starts_at": show.starts_at,
        "total_seats": show.plan.total_seats,
        "seats_per_row": show.plan.longest_row,
        "cancelled_at": show.cancelled_at,
        "rehearsal": show.rehearsal,
        "plan_id": plan_id,
        "orphan_rule": show.orphan_rule,
    }


class SqlShows:
    """The ``Shows`` port. Every locking read names its show, as a distributed store requires."""

    def __init__(self, connection: Connection, plans: SqlSeatPlans, time: StoreClock) -> None:
        self._connection = connection
        self._plans = plans
        self._time = time

    def add(self, show: Show) -> Show:
        values = _values(show, self._plans.id_of(show.plan))
        added = insert(shows).values(values).returning(shows.c.id)
        show_id = ShowId(self._connection.execute(added).scalar_one())
        self._make_seats(show_id, show.plan)
        return self.get(show_id)

    def get(self, show_id: ShowId) -> Show:
        with_time = select_shows(self._time.column.label("now")).where(shows.c.id == show_id)
        row = self._connection.execute(with_time).first()
        if row is not None:
            self._time.set(row.now)
        return show_of(row, self._plans)

    def lock(self, show_id: ShowId) -> Show:
        # Not FOR UPDATE: a sale that has locked its seats refers to the show's row, and would wait
        # for us while we wait for its seats.
        show_row = select(shows.c.id).where(shows.c.id == show_id)
        self._connection.execute(show_row.with_for_update(key_share=True))
        seats = select(show_seats.c.number).where(show_seats.c.show_id == show_id)
        # Ascending, as in every transaction, to avoid deadlocks.
        self._connection.execute(seats.order_by(show_seats.c.number).with_for_update()).all()
        return self.get(show_id)

    def of_movie(self, movie_id: MovieId) -> list[ShowId]:
        return self._ids(shows.c.movie_id == movie_id)

    def rehearsals(self) -> list[ShowId]:
        return self._ids(shows.c.rehearsal)

    def _ids(self, condition: ColumnElement[bool]) -> list[ShowId]:
        found = select(shows.c.id).where(condition).order_by(shows.c.id)
        return list(self._connection.scalars(found))

    def on_screen(
        self, screen_id: ScreenId, starts_from: datetime, starts_before: datetime
    ) -> list[Show]:
        found = select_shows().where(
            shows.c.screen_id == screen_id,
            shows.c.starts_at >= starts_from,
            shows.c.starts_at < starts_before,
            ~shows.c.rehearsal,
        )
        soonest_first = found.order_by(shows.c.starts_at, shows.c.id)
        return [show_of(row, self._plans) for row in self._connection.execute(soonest_first)]

    def upcoming_on(self, screen_id: ScreenId, now: datetime) -> list[ShowId]:
        return self._ids(
            (shows.c.screen_id == screen_id)
            & (shows.c.starts_at > now)
            & shows.c.cancelled_at.is_(None)
            & ~shows.c.rehearsal
        )

    def seats_in_use(self, show: Show, now: datetime) -> list[SeatNumber]:
        is_in_use = or_(
            ~seat_is_unsold,
            seat_is_held(literal(now, UtcDateTime), literal(show.has_waiting)),
            show_seats.c.blocked & show_seats.c.number.not_in(show.plan.out_of_order),
        )
        used = select(show_seats.c.number).where(show_seats.c.show_id == show.id, is_in_use)
        return list(self._connection.scalars(used.order_by(show_seats.c.number)))

    def save(self, show: Show) -> None:
        before = self.get(show.id).plan
        values = _values(show, self._plans.id_of(show.plan))
        self._connection.execute(update(shows).where(shows.c.id == show.id).values(values))
        if before != show.plan:
            self._keep_plan_of_past(show.id, before)
            self._delete_seats(show.id)
            self._make_seats(show.id, show.plan)

    def _keep_plan_of_past(self, show_id: ShowId, plan: SeatPlan) -> None:
        """Write into bookings and holds in which plan they were made: the show gets another."""
        for table in (bookings, holds):
            made = (table.c.show_id == show_id, table.c.plan_id.is_(None))
            kept = update(table).where(*made).values(plan_id=self._plans.id_of(plan))
            self._connection.execute(kept)

    def remove(self, show_id: ShowId) -> None:
        self._delete_seats(show_id)
        for table in (holds, waiting_list_entries):
            self._connection.execute(delete(table).where(table.c.show_id == show_id))
        self._connection.execute(delete(shows).where(shows.c.id == show_id))

    def _delete_seats(self, show_id: ShowId) -> None:
        self._connection.execute(delete(show_seats).where(show_seats.c.show_id == show_id))

    def _make_seats(self, show_id: ShowId, plan: SeatPlan) -> None:
        """Insert the seats in one statement; the database generates their numbers."""
        counted = select(literal(1).label("number")).cte("counted", recursive=True)
        following = select(counted.c.number + 1).where(counted.c.number < plan.total_seats)
        counted = counted.union_all(following)
        is_blocked = counted.c.number.in_(plan.out_of_order)
        seats = select(literal(show_id), counted.c.number, is_blocked)
        columns = ["show_id", "number", "blocked"]
        self._connection.execute(insert(show_seats).from_select(columns, seats))
