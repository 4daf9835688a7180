"""Entries of waiting lists as rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.sales.holds import HOLD_COLUMNS, hold_of
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    hold_is_live,
    holds,
    shifted,
    shows,
)
from ticketing.adapters.sql.tables import waiting_list_entries as entries
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.waiting_list.entry import (
    CLOSED_BEFORE_START,
    EntryId,
    WaitingListEntry,
    show_of_entry,
)
from ticketing.domain.sales.waiting_list.errors import EntryNotFound

is_queued = and_(*(entries.c[name].is_(None) for name in ("hold_id", "left_at", "closed_at")))
"""The SQL of ``WaitingListEntry.is_queued``."""

_ITS_OFFER = (holds.c.show_id == entries.c.show_id) & (holds.c.id == entries.c.hold_id)
_IS_CURRENT = entries.c.hold_id.is_(None) | holds.c.id.is_not(None)
"""Whether the entry's offer was not purged."""

# The labels differ from those of the offer.
_ENTRY_COLUMNS = [
    entries.c.id.label("entry_id"),
    entries.c.position,
    entries.c.account_id.label("entry_account_id"),
    entries.c.count.label("party_size"),
    entries.c.together,
    entries.c.created_at.label("joined_at"),
    entries.c.left_at,
    entries.c.closed_at,
]


def list_is_open(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the SQL of ``is_list_open``."""
    return shows.c.cancelled_at.is_(None) & (shows.c.starts_at > shifted(now, CLOSED_BEFORE_START))


def select_entries(*more: ColumnElement[Any]) -> Select[Any]:
    """Select entries with their shows and offers, but those whose offer was purged."""
    joined = SHOWS_WITH_ALL.join(entries, entries.c.show_id == shows.c.id)
    columns = select(*_ENTRY_COLUMNS, *HOLD_COLUMNS, *more)
    return columns.select_from(joined.outerjoin(holds, _ITS_OFFER)).where(_IS_CURRENT)


def select_entry(entry_id: EntryId, *more: ColumnElement[Any]) -> Select[Any]:
    """Raises EntryNotFound for a malformed id."""
    its_show = entries.c.show_id == show_of_entry(entry_id)
    return select_entries(*more).where(its_show, entries.c.id == entry_id)


def select_queue(show_id: ShowId) -> Select[Any]:
    """Select the queued entries of the show, by position."""
    queued = select_entries().where(entries.c.show_id == show_id, is_queued)
    return queued.order_by(entries.c.position)


def entry_of(row: Row[Any], plans: SqlSeatPlans) -> WaitingListEntry:
    return WaitingListEntry(
        id=row.entry_id,
        show=show_of(row, plans),
        customer=row.entry_account_id,
        count=row.party_size,
        together=row.together,
        created_at=row.joined_at,
        position=row.position,
        offer=hold_of(row, plans) if row.hold_id is not None else None,
        left_at=row.left_at,
        closed_at=row.closed_at,
    )


def entry_or_refusal(row: Row[Any] | None, plans: SqlSeatPlans) -> WaitingListEntry:
    """Return the entry of the row. Raises EntryNotFound for None."""
    if row is None:
        raise EntryNotFound()
    return entry_of(row, plans)


_SAVE = (
    update(entries)
    .where(entries.c.show_id == bindparam("its_show_id"), entries.c.id == bindparam("its_id"))
    .values(
        hold_id=bindparam("its_hold_id"),
        left_at=bindparam("its_left_at"),
        closed_at=bindparam("its_closed_at"),
    )
)


class SqlWaitingList:
    """The ``WaitingList`` port."""

    def __init__(self, connection: Connection, plans: SqlSeatPlans, time: StoreClock) -> None:
        self._connection = connection
        self._plans = plans
        self._time = time

    def get(self, entry_id: EntryId) -> WaitingListEntry:
        return entry_or_refusal(
            self._connection.execute(select_entry(entry_id)).first(), self._plans
        )

    def latest_of(self, show_id: ShowId, customer: AccountId) -> WaitingListEntry | None:
        theirs = (entries.c.show_id == show_id, entries.c.account_id == customer)
        newest_first = select_entries().where(*theirs).order_by(entries.c.position.desc())
        row = self._connection.execute(newest_first.limit(1)).first()
        return None if row is None else entry_of(row, self._plans)

    def waiting(self, show_id: ShowId) -> list[WaitingListEntry]:
        rows = self._connection.execute(select_queue(show_id))
        return [entry_of(row, self._plans) for row in rows]

    def add(self, entry: WaitingListEntry) -> WaitingListEntry:
        show = entry.show
        last = select(func.max(entries.c.position)).where(entries.c.show_id == show.id)
        position = (self._connection.scalar(last) or 0) + 1
        values = {
            "show_id": show.id,
            "id": entry.id,
            "position": position,
            "account_id": entry.customer,
            "count": entry.count,
            "together": entry.together,
            "created_at": entry.created_at,
        }
        self._connection.execute(insert(entries).values(values))
        self._mark(show.id, True)
        return replace(entry, position=position, show=replace(show, has_waiting=True))

    def save_all(self, entries: Sequence[WaitingListEntry]) -> None:
        rows = [
            {
                "its_show_id": entry.show.id,
                "its_id": entry.id,
                "its_hold_id": entry.offer and entry.offer.id,
                "its_left_at": entry.left_at,
                "its_closed_at": entry.closed_at,
            }
            for entry in entries
        ]
        if rows:
            self._connection.execute(_SAVE, rows)

    def set_has_waiting(self, show_id: ShowId) -> None:
        queued = select(exists().where(entries.c.show_id == show_id, is_queued))
        self._mark(show_id, bool(self._connection.execute(queued).scalar_one()))

    def _mark(self, show_id: ShowId, has_waiting: bool) -> None:
        marked = (shows.c.id == show_id, shows.c.has_waiting != has_waiting)
        self._connection.execute(update(shows).where(*marked).values(has_waiting=has_waiting))

    def close_waiting(self, show_id: ShowId, at: datetime) -> None:
        self._close(is_queued, show_id, at)

    def close_all(self, show_id: ShowId, at: datetime) -> None:
        offered = select(holds.c.id).where(
            holds.c.show_id == show_id, holds.c.is_offer, hold_is_live(literal(at, UtcDateTime))
        )
        is_offered = entries.c.closed_at.is_(None) & entries.c.hold_id.in_(offered)
        self._close(is_queued | is_offered, show_id, at)

    def _close(self, condition: ColumnElement[bool], show_id: ShowId, at: datetime) -> None:
        closed = update(entries).where(entries.c.show_id == show_id, condition)
        self._connection.execute(closed.values(closed_at=at))
        self._mark(show_id, False)

    def live_of(self, customer: AccountId) -> list[EntryId]:
        now = literal(self._time.now(), UtcDateTime)
        is_offered = entries.c.closed_at.is_(None) & hold_is_live(now)
        is_active = (is_queued & list_is_open(now)) | is_offered
        joined = entries.join(shows, shows.c.id == entries.c.show_id).outerjoin(holds, _ITS_OFFER)
        live = select(entries.c.id).select_from(joined)
        found = live.where(entries.c.account_id == customer, is_active)
        return list(self._connection.scalars(found.order_by(entries.c.created_at, entries.c.id)))

    def purge(self, before: datetime) -> int:
        is_old = or_(
            shows.c.starts_at < before,
            entries.c.left_at < before,
            entries.c.closed_at < before,
            holds.c.expires_at < before,
            ~_IS_CURRENT,
        )
        joined = entries.join(shows, shows.c.id == entries.c.show_id).outerjoin(holds, _ITS_OFFER)
        old = select(entries.c.show_id, entries.c.id).select_from(joined).where(is_old)
        show_id = self._connection.scalar(old.limit(1))
        some = old.with_only_columns(entries.c.id).where(entries.c.show_id == show_id)
        ids = self._connection.scalars(some.limit(MAX_ROWS_PER_DELETE)).all()
        purged = delete(entries).where(entries.c.show_id == show_id, entries.c.id.in_(ids))
        return self._connection.execute(purged).rowcount
