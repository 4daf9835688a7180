"""Queries of waiting lists."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, tuple_

from ticketing.adapters.sql.engine.clock import NO_TIME, Clock, QueryTime
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader, page
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.sales.open_seats import open_seats_of, select_open_seats
from ticketing.adapters.sql.sales.waiting_list import (
    entry_of,
    entry_or_refusal,
    is_queued,
    list_is_open,
    select_entries,
    select_entry,
    select_queue,
)
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    seat_can_be_offered,
    show_seats,
    shows,
)
from ticketing.adapters.sql.tables import waiting_list_entries as entries
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.waiting_list.entry import EntryId, TimedEntry, WaitingListEntry
from ticketing.domain.sales.waiting_list.queries import ShowQueue

_AGE = tuple_(entries.c.created_at, entries.c.id)


class SqlWaitingListQueries:
    """The ``WaitingListQueries`` port."""

    def __init__(
        self, database: Database, reader: Reader, clock: Clock | None, plans: SeatPlanCache
    ) -> None:
        self._read = reader
        self._plans = plans
        self._time = QueryTime(database.clock, clock)
        self._now = self._time.column.label("now")
        store_clock = NO_TIME if database.clock is None else database.clock
        self._open_seats = select_open_seats(store_clock, offering=True)

    def entry(self, entry_id: EntryId) -> TimedEntry:
        wanted = select_entry(entry_id, self._now)

        def read(connection: Connection) -> TimedEntry:
            row = connection.execute(wanted, self._time.values()).first()
            entry = entry_or_refusal(row, SqlSeatPlans(connection, self._plans))
            assert row is not None
            return TimedEntry(entry, row.now)

        return self._read(read)

    def entries_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedEntry]:
        theirs = select_entries(self._now).where(entries.c.account_id == customer)
        if show_id is not None:
            theirs = theirs.where(entries.c.show_id == show_id)
        newest_first = theirs.order_by(entries.c.created_at.desc(), entries.c.id)
        ordered = newest_first.params(**self._time.values())

        def read(connection: Connection) -> Page[TimedEntry]:
            make = partial(_timed_entry_of, plans=SqlSeatPlans(connection, self._plans))
            return page(connection, ordered, window, make)

        return self._read(read)

    def entries_after(
        self, customer: AccountId, last: WaitingListEntry | None, limit: int
    ) -> list[TimedEntry]:
        theirs = select_entries(self._now).where(entries.c.account_id == customer)
        if last is not None:
            theirs = theirs.where(tuple_(last.created_at, last.id) < _AGE)
        oldest_first = theirs.order_by(*_AGE).limit(limit)

        def read(connection: Connection) -> list[TimedEntry]:
            plans = SqlSeatPlans(connection, self._plans)
            rows = connection.execute(oldest_first, self._time.values())
            return [_timed_entry_of(row, plans) for row in rows]

        return self._read(read)

    def shows_to_serve(self) -> list[ShowId]:
        """Read the seats of few shows, most often none, in a statement of its own."""
        is_open = list_is_open(self._time.column).label("is_open")
        marked = select(shows.c.id, is_open, self._now).where(shows.c.has_waiting)

        def read(connection: Connection) -> list[ShowId]:
            found = connection.execute(marked, self._time.values()).all()
            open_lists = [row.id for row in found if row.is_open]
            to_serve = [row.id for row in found if not row.is_open]
            if open_lists:
                can_be_offered = seat_can_be_offered(literal(found[0].now, UtcDateTime))
                seats = show_seats.c.show_id.in_(open_lists) & can_be_offered
                with_seats = select(show_seats.c.show_id).where(seats).distinct()
                to_serve += connection.scalars(with_seats)
            return sorted(to_serve)

        return self._read(read)

    def queue(self, show_id: ShowId) -> ShowQueue:
        values = {"show_id": show_id, **self._time.values()}
        first = select(func.min(entries.c.position)).where(entries.c.show_id == show_id, is_queued)
        first_of_parties = first.group_by(entries.c.count, entries.c.together)
        queued = select_queue(show_id).where(entries.c.position.in_(first_of_parties))

        def read(connection: Connection) -> ShowQueue:
            plans = SqlSeatPlans(connection, self._plans)
            row = connection.execute(self._open_seats, values).first()
            room = open_seats_of(row, plans)
            assert row is not None
            found = [entry_of(each, plans) for each in connection.execute(queued)]
            return ShowQueue(room, found, row.now)

        return self._read(read)

    def number_waiting(self, show_id: ShowId | None = None) -> int:
        of_shows = entries.join(shows, shows.c.id == entries.c.show_id)
        counted = shows.c.id == show_id if show_id is not None else ~shows.c.rehearsal
        number = select(func.count()).select_from(of_shows).where(is_queued, counted)
        return self._read(lambda c: c.execute(number).scalar_one())


def _timed_entry_of(row: Row[Any], plans: SqlSeatPlans) -> TimedEntry:
    return TimedEntry(entry_of(row, plans), row.now)
