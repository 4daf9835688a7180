"""The outbox as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from ticketing.adapters.sql.engine.clock import Clock, QueryTime
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    account_messages,
    accounts,
    bookings,
    show_messages,
    values_of,
)
from ticketing.domain.messages.message import (
    Message,
    OfferMessage,
    PasswordResetMessage,
    ShowCancelledMessage,
)
from ticketing.domain.messages.ports import MessageCounts, WaitingResets

_KINDS: Mapping[str, tuple[type[Message], Table, Column[Any]]] = {
    PasswordResetMessage.kind: (
        PasswordResetMessage,
        account_messages,
        account_messages.c.name_hash,
    ),
    ShowCancelledMessage.kind: (ShowCancelledMessage, show_messages, show_messages.c.show_id),
    OfferMessage.kind: (OfferMessage, show_messages, show_messages.c.show_id),
}
"""For each kind its class, its table, and the column that decides on which machine its rows are."""

_TABLES = (show_messages, account_messages)


def _message_of(row: Row[Any]) -> Message:
    made = _KINDS[row.kind][0]
    return made(**{field.name: row._mapping[field.name] for field in fields(made)})


def _table_of(message: Message) -> Table:
    return _KINDS[message.kind][1]


def _is(message: Message) -> ColumnElement[bool]:
    _, table, shard = _KINDS[message.kind]
    return and_(shard == getattr(message, shard.name), table.c.id == message.id)


class SqlOutbox:
    """The ``Outbox`` port. Nothing is added unless it ``is_used``."""

    def __init__(self, connection: Connection, *, is_used: bool) -> None:
        self._connection = connection
        self._is_used = is_used

    def add(self, message: Message) -> None:
        if self._is_used:
            added = insert(_table_of(message)).values(kind=message.kind, **values_of(message))
            self._connection.execute(added)

    def add_show_cancelled(self, show_id: int, at: datetime) -> None:
        if not self._is_used:
            return
        kind = ShowCancelledMessage.kind
        customer, moment = bookings.c.account_id, literal(at, UtcDateTime)
        with_address = select(accounts.c.id).where(accounts.c.email.is_not(None))
        values = {
            "show_id": bookings.c.show_id,
            "id": literal(f"{kind}-") + cast(customer, Text),
            "kind": literal(kind),
            "account_id": customer,
            "created_at": moment,
            "next_attempt_at": moment,
            "attempts": literal(0),
        }
        customers = select(*values.values()).where(
            bookings.c.show_id == show_id,
            bookings.c.cancelled_at.is_(None),
            customer.in_(with_address),
        )
        added = insert(show_messages).from_select(list(values), customers.distinct())
        self._connection.execute(added)

    def waiting(self, name_hash: str, client_hash: str) -> WaitingResets:
        def count(of_same: ColumnElement[bool]) -> Any:
            return select(func.count()).where(of_same).scalar_subquery()

        messages = account_messages.c
        counts = count(messages.name_hash == name_hash), count(messages.client_hash == client_hash)
        return WaitingResets(*self._connection.execute(select(*counts)).one())

    def save(self, before: Message, after: Message) -> bool:
        table = _table_of(before)
        as_before = (_is(before), table.c.attempts == before.attempts, table.c.failed_at.is_(None))
        progress = {
            "attempts": after.attempts,
            "next_attempt_at": after.next_attempt_at,
            "failed_at": after.failed_at,
        }
        saved = self._connection.execute(update(table).where(*as_before).values(progress))
        return saved.rowcount == 1

    def remove(self, message: Message) -> None:
        self._connection.execute(delete(_table_of(message)).where(_is(message)))

    def remove_all_of(self, account_id: int) -> None:
        theirs = show_messages.c.account_id == account_id
        self._connection.execute(delete(show_messages).where(theirs))

    def purge_failed(self, before: datetime) -> int:
        return sum(self._purge(table, table.c.failed_at < before) for table in _TABLES)

    def _purge(self, table: Table, is_old: ColumnElement[bool]) -> int:
        key = tuple_(*table.primary_key)
        some = select(*table.primary_key).where(is_old).limit(MAX_ROWS_PER_DELETE)
        if old := [tuple(row) for row in self._connection.execute(some)]:
            self._connection.execute(delete(table).where(key.in_(old)))
        return len(old)


class SqlMessageQueries:
    """The ``MessageQueries`` port. Servers of a newer release may add messages of other kinds."""

    def __init__(self, reader: Reader, database: Database, clock: Clock | None) -> None:
        self._read = reader
        self._time = QueryTime(database.clock, clock)
        # Built once: building them takes longer than running them each second.
        self._due = [
            _select(table)
            .where(table.c.failed_at.is_(None), table.c.next_attempt_at <= self._time.column)
            .order_by(table.c.next_attempt_at)
            for table in _TABLES
        ]

    def due_messages(self, limit: int) -> list[Message]:
        values = {"limit": limit, **self._time.values()}
        return self._read(lambda connection: _read_all(connection, self._due, values))

    def failed_messages(self, limit: int) -> list[Message]:
        failed = [
            _select(table)
            .where(table.c.failed_at.is_not(None))
            .order_by(table.c.failed_at.desc(), table.c.id)
            for table in _TABLES
        ]
        return self._read(lambda connection: _read_all(connection, failed, {"limit": limit}))

    def message_counts(self) -> MessageCounts:
        def read(connection: Connection) -> MessageCounts:
            counted = [connection.execute(_count(table)).one() for table in _TABLES]
            return MessageCounts(*map(sum, zip(*counted, strict=True)))

        return self._read(read)


def _select(table: Table) -> Select[Any]:
    return select(table).where(table.c.kind.in_(_KINDS)).limit(bindparam("limit"))


def _read_all(
    connection: Connection, selected: Sequence[Select[Any]], values: Mapping[str, Any]
) -> list[Message]:
    return [
        _message_of(row) for statement in selected for row in connection.execute(statement, values)
    ]


def _count(table: Table) -> Select[int, int, int]:
    has_failed = table.c.failed_at.is_not(None)
    return select(
        func.count().filter(~has_failed),
        func.count().filter(~has_failed, table.c.attempts > 1),
        func.count().filter(has_failed),
    ).select_from(table)
