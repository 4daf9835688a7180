"""The schema. Every constraint has a name, which migrations use.

The tables that a sale writes (``show_seats``, ``bookings``, ``holds``, ``show_customers``,
``idempotency_keys``, ``waiting_list_entries``) have ``show_id`` first in their primary key and in
every unique constraint, so that they can be distributed by show over several machines.
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from ticketing.domain.sales.selling import KEPT_FOR_WAITING_LIST

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text compared by code point, as SQLite does: the same order in every database."""


def big_id(value: int | None) -> int | None:
    """Return NULL, which equals nothing, for a number of more than 64 bits."""
    return value if value is not None and -(2**63) <= value < 2**63 else None


class BigId(TypeDecorator[int]):
    """A 64-bit id; on SQLite an INTEGER, since only that auto-increments."""

    impl = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: sa.Dialect) -> int | None:
        return big_id(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite drops the zone, which is restored."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class shifted(FunctionElement[datetime]):
    """The SQL of ``time + by``, for whole seconds."""

    type = UtcDateTime()
    inherit_cache = True

    def __init__(self, time: sa.ColumnElement[datetime], by: timedelta) -> None:
        super().__init__(time, sa.literal_column(f"'{int(by.total_seconds())} seconds'"))


@compiles(shifted)
def _add_interval(element: shifted, compiler: SQLCompiler, **options: Any) -> str:
    time, by = (compiler.process(part, **options) for part in element.clauses)
    return f"({time} + interval {by})"


@compiles(shifted, "sqlite")
def _add_to_text(element: shifted, compiler: SQLCompiler, **options: Any) -> str:
    """Add to the text that SQLite stores; its own functions would round the microseconds."""
    time, by = (compiler.process(part, **options) for part in element.clauses)
    return f"(datetime(substr({time}, 1, 19), {by}) || substr({time}, 20))"


def new_id() -> sa.Column[Any]:
    """Return a primary key that auto-increments and is never reused."""
    return sa.Column("id", BigId, sa.Identity(), primary_key=True)


def values_of(entity: Any, *without: str) -> dict[str, Any]:
    """Return an entity's fields as values of its columns, ``without`` some."""
    return {name: value for name, value in asdict(entity).items() if name not in without}


movies = sa.Table(
    "movies",
    metadata,
    new_id(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_key", Key, nullable=False, index=True),
    sa.Column("duration_minutes", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("rating", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.CheckConstraint("duration_minutes > 0", name="duration_positive"),
    sqlite_autoincrement=True,
)

# Immutable: a room that changes gets another row. Plans are never deleted, so what has a plan_id
# needs no foreign key.
seat_plans = sa.Table(
    "seat_plans",
    metadata,
    new_id(),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.UniqueConstraint("content_hash"),
    sqlite_autoincrement=True,
)

# ``total_seats`` and ``seats_per_row`` of screens and shows are written for servers of the previous
# release, which leave ``plan_id`` NULL; the next one can remove them.
screens = sa.Table(
    "screens",
    metadata,
    new_id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", Key, nullable=False),
    sa.Column("total_seats", sa.Integer, nullable=False),
    sa.Column("seats_per_row", sa.Integer, nullable=False),
    sa.Column("plan_id", BigId),
    sa.Column("retired_at", UtcDateTime),
    sa.UniqueConstraint("name_key"),
    sa.CheckConstraint("total_seats > 0 AND seats_per_row > 0", name="seats_positive"),
    sqlite_autoincrement=True,
)

shows = sa.Table(
    "shows",
    metadata,
    new_id(),
    sa.Column("movie_id", BigId, sa.ForeignKey("movies.id"), nullable=False),
    sa.Column("screen_id", BigId, sa.ForeignKey("screens.id"), nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("total_seats", sa.Integer, nullable=False),
    sa.Column("seats_per_row", sa.Integer, nullable=False),
    sa.Column("cancelled_at", UtcDateTime),
    sa.Column("rehearsal", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("plan_id", BigId),
    sa.Column("orphan_rule", sa.Text, nullable=False, server_default="off"),
    sa.Column("has_waiting", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("total_seats > 0 AND seats_per_row > 0", name="seats_positive"),
    sa.Index(None, "starts_at", "id"),
    sa.Index(None, "movie_id", "starts_at", "id"),
    sa.Index(None, "screen_id", "starts_at", "id"),
    sa.Index(
        "ix_shows_has_waiting",
        "id",
        sqlite_where=sa.text("has_waiting"),
        postgresql_where=sa.text("has_waiting"),
    ),
    sqlite_autoincrement=True,
)

bookings = sa.Table(
    "bookings",
    metadata,
    sa.Column("show_id", BigId, sa.ForeignKey("shows.id"), nullable=False),
    sa.Column("id", BigId, sa.Identity(), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    # No foreign key: accounts may be on other machines than sales.
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("seat_numbers", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("cancelled_at", UtcDateTime),
    sa.Column("plan_id", BigId),  # NULL while it is the show's
    sa.PrimaryKeyConstraint("show_id", "id"),
    sa.UniqueConstraint("show_id", "reference"),
    sa.Index(None, "id"),
    sa.Index(None, "account_id", "id"),
    sa.Index(None, "show_id", "account_id"),
)

# A hold ends by time alone, so its status is not stored: see ``Hold.status``. It is written only
# while its customer's row of ``show_customers`` and its seats are locked, so that nothing waits for
# it. No foreign keys: they would lock the show's row. ``plan_id`` is NULL while the show has the
# plan in which the hold was made.
holds = sa.Table(
    "holds",
    metadata,
    sa.Column("show_id", BigId, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("seat_numbers", sa.JSON, nullable=False),
    sa.Column("plan_id", BigId),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("extendable_until", UtcDateTime, nullable=False),
    sa.Column("released_at", UtcDateTime),
    sa.Column("booking_id", BigId),
    sa.Column("is_offer", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("show_id", "id"),
    sa.Index(None, "account_id", "show_id"),
    sa.Index(None, "expires_at"),
)

hold_is_unended = holds.c.released_at.is_(None) & holds.c.booking_id.is_(None)
"""Whether a hold is active or expired."""


def hold_is_live(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Return the SQL of ``HoldStatus.ACTIVE``."""
    return hold_is_unended & (holds.c.expires_at > now)


# Written only while the show's row is locked, but for purges. An entry that was offered seats has
# their hold, whose state is its own: see ``WaitingListEntry.status``. No foreign keys, as in holds.
waiting_list_entries = sa.Table(
    "waiting_list_entries",
    metadata,
    sa.Column("show_id", BigId, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("position", BigId, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("together", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("hold_id", sa.Text),
    sa.Column("left_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.PrimaryKeyConstraint("show_id", "id"),
    sa.Index(None, "show_id", "position"),
    sa.Index(None, "account_id", "show_id"),
)

# A seat may carry the hold that had it last, until ``held_until``; that hold may have been purged.
# A seat that came free has no hold, and the time of that.
show_seats = sa.Table(
    "show_seats",
    metadata,
    sa.Column("show_id", BigId, sa.ForeignKey("shows.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("booking_id", BigId),
    sa.Column("hold_id", sa.Text),
    sa.Column("held_until", UtcDateTime),
    sa.Column("blocked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("show_id", "number"),
    sa.ForeignKeyConstraint(["show_id", "booking_id"], ["bookings.show_id", "bookings.id"]),
    sa.CheckConstraint("number > 0", name="number_positive"),
    postgresql_with={"fillfactor": 50},  # a sold seat stays on its page: no index update
)

seat_is_unsold = show_seats.c.booking_id.is_(None)
"""A sale decides over these; a seat with a booking is sold whatever else it carries."""

seat_is_taken = ~seat_is_unsold | show_seats.c.blocked
"""The SQL of ``ShowSeat.is_taken``."""


_CARRIES_HOLD = show_seats.c.hold_id.is_not(None)


def seat_is_live_held(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Return the SQL of ``ShowSeat.is_live_held``."""
    return ~seat_is_taken & _CARRIES_HOLD & (show_seats.c.held_until > now)


def seat_can_be_offered(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Return the SQL of ``ShowSeat.can_be_offered``."""
    return ~seat_is_taken & (~_CARRIES_HOLD | (show_seats.c.held_until <= now))


def seat_is_held(
    now: sa.ColumnElement[datetime], has_waiting: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Return the SQL of ``ShowSeat.is_held``; ``has_waiting`` is that of the seat's show."""
    until = show_seats.c.held_until
    is_kept = (until > shifted(now, -KEPT_FOR_WAITING_LIST)) & (
        _CARRIES_HOLD | (until < shifted(now, KEPT_FOR_WAITING_LIST))
    )
    is_live = _CARRIES_HOLD & (until > now)
    return ~seat_is_taken & sa.case((has_waiting, is_kept), else_=is_live)


def show_has_waiting(show_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the SQL of ``Show.has_waiting``; a subquery, so that it is read once."""
    return sa.select(shows.c.has_waiting).where(shows.c.id == show_id).scalar_subquery()


# A sale locks its customer's row in the show, so that one request at a time counts the seats that
# the customer owns.
show_customers = sa.Table(
    "show_customers",
    metadata,
    sa.Column("show_id", BigId, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.PrimaryKeyConstraint("show_id", "account_id"),
)

# The responses to requests with an idempotency key; NULL if the request changed nothing. No foreign
# key to the show: a key without a booking is never committed.
idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("show_id", BigId, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("show_id", "account_id", "operation", "key"),
    sa.Index(None, "created_at"),
)

accounts = sa.Table(
    "accounts",
    metadata,
    new_id(),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("password_hash", sa.Text, nullable=False),  # empty where there is no password
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
    sa.Column("rehearsal", sa.Text),  # its name, for the account of a rehearsal's customer
    sqlite_autoincrement=True,
)

# Usernames and e-mail addresses in the form in which they are compared. A table of their own keeps
# them unique while accounts are distributed by id. No foreign key: a name and its account may be on
# different nodes.
account_names = sa.Table(
    "account_names",
    metadata,
    sa.Column("name_key", Key, primary_key=True),
    sa.Column("account_id", BigId, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("rotates", sa.Boolean, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("renewed_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.PrimaryKeyConstraint("account_id", "id"),
    sa.Index(None, "revoked_at"),
    sa.Index(None, "expires_at"),
    sa.Index(
        None,
        "account_id",
        "renewed_at",
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    ),
)

# Failed log-ins since a time. The key is a keyed hash of name and network, existing or not.
# ``unfinished`` attempts, the last one reserved at ``reserved_at``, may fail yet.
failed_log_ins = sa.Table(
    "failed_log_ins",
    metadata,
    sa.Column("key", Key, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("unfinished", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reserved_at", UtcDateTime),
    sa.Index(None, "since"),
)

_IS_WAITING = sa.text("failed_at IS NULL")


def _progress() -> list[Any]:
    """Return the columns of a message that its sender changes, and the index for its look-up."""
    return [
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("next_attempt_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failed_at", UtcDateTime),
        sa.Index(None, "next_attempt_at", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    ]


# The outbox: messages are deleted when they are sent. It has two tables, each with its rows on the
# machine of what they are about. No foreign keys: a message may outlive its show.
show_messages = sa.Table(
    "show_messages",
    metadata,
    sa.Column("show_id", BigId, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("entry_id", sa.Text),
    *_progress(),
    sa.PrimaryKeyConstraint("show_id", "id"),
    sa.Index(None, "account_id"),
)

account_messages = sa.Table(
    "account_messages",
    metadata,
    sa.Column("name_hash", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("client_hash", sa.Text, nullable=False),
    *_progress(),
    sa.PrimaryKeyConstraint("name_hash", "id"),
    sa.Index(None, "client_hash"),
)

# Append-only. No foreign keys: an entry outlives its subject and its author.
# ``subject`` is written for servers of the previous release; the next one can remove it.
audit_entries = sa.Table(
    "audit_entries",
    metadata,
    new_id(),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("account_id", BigId),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text),
    sa.Column("subject_id", BigId),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index(None, "at", "id"),
    sa.Index(None, "account_id", "id"),
    sqlite_autoincrement=True,
)
