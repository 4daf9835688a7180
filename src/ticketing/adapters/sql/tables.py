"""The schema. Every constraint has a name, which migrations use.

The tables that a sale writes (``show_seats``, ``bookings``, ``show_customers``,
``idempotency_keys``) have ``show_id`` first in their primary key and in every unique constraint,
so that they can be distributed by show over several machines.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point, as SQLite does: the same order in every database."""


def big_id(value: int | None) -> int | None:
    """Return NULL, which equals nothing, for a number of more than 64 bits."""
    return value if value is not None and -(2**63) <= value < 2**63 else None


class BigId(TypeDecorator[int]):
    """A 64-bit id; on SQLite an INTEGER, since only that auto-increments."""

    impl = BigInteger().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return big_id(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite drops the zone, which is restored."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def new_id() -> Column[Any]:
    """Return a primary key that auto-increments and is never reused."""
    return Column("id", BigId, Identity(), primary_key=True)


def values_of(entity: Any, *without: str) -> dict[str, Any]:
    """Return an entity's fields as values of its columns, ``without`` some."""
    return {name: value for name, value in asdict(entity).items() if name not in without}


movies = Table(
    "movies",
    metadata,
    new_id(),
    Column("title", Text, nullable=False),
    Column("title_key", Key, nullable=False, index=True),
    Column("duration_minutes", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("rating", Text, nullable=False),
    Column("language", Text, nullable=False),
    CheckConstraint("duration_minutes > 0", name="duration_positive"),
    sqlite_autoincrement=True,
)

screens = Table(
    "screens",
    metadata,
    new_id(),
    Column("name", Text, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("total_seats", Integer, nullable=False),
    Column("seats_per_row", Integer, nullable=False),
    UniqueConstraint("name_key"),
    CheckConstraint("total_seats > 0 AND seats_per_row > 0", name="seats_positive"),
    sqlite_autoincrement=True,
)

shows = Table(
    "shows",
    metadata,
    new_id(),
    Column("movie_id", BigId, ForeignKey("movies.id"), nullable=False),
    Column("screen_id", BigId, ForeignKey("screens.id"), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("total_seats", Integer, nullable=False),
    Column("seats_per_row", Integer, nullable=False),
    Column("cancelled_at", UtcDateTime),
    Column("rehearsal", Boolean, nullable=False, server_default=false()),
    CheckConstraint("total_seats > 0 AND seats_per_row > 0", name="seats_positive"),
    Index(None, "starts_at", "id"),
    Index(None, "movie_id", "starts_at", "id"),
    Index(None, "screen_id", "starts_at", "id"),
    sqlite_autoincrement=True,
)

bookings = Table(
    "bookings",
    metadata,
    Column("show_id", BigId, ForeignKey("shows.id"), nullable=False),
    Column("id", BigId, Identity(), nullable=False),
    Column("reference", Text, nullable=False),
    # No foreign key: accounts may be on other machines than sales.
    Column("account_id", BigId, nullable=False),
    Column("seat_numbers", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("cancelled_at", UtcDateTime),
    PrimaryKeyConstraint("show_id", "id"),
    UniqueConstraint("show_id", "reference"),
    Index(None, "id"),
    Index(None, "account_id", "id"),
)

show_seats = Table(
    "show_seats",
    metadata,
    Column("show_id", BigId, ForeignKey("shows.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("booking_id", BigId),
    PrimaryKeyConstraint("show_id", "number"),
    ForeignKeyConstraint(["show_id", "booking_id"], ["bookings.show_id", "bookings.id"]),
    CheckConstraint("number > 0", name="number_positive"),
    postgresql_with={"fillfactor": 50},  # a sold seat stays on its page: no index update
)

seat_is_free = show_seats.c.booking_id.is_(None)
"""The SQL of ``ShowSeat.is_free``."""

# A sale locks its customer's row in the show, so that one request at a time counts the seats that
# the customer owns.
show_customers = Table(
    "show_customers",
    metadata,
    Column("show_id", BigId, nullable=False),
    Column("account_id", BigId, nullable=False),
    PrimaryKeyConstraint("show_id", "account_id"),
)

# The responses to requests with an idempotency key. No foreign key to the show: a key without a
# booking is never committed.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("show_id", BigId, nullable=False),
    Column("account_id", BigId, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("answer", Text),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("show_id", "account_id", "operation", "key"),
    Index(None, "created_at"),
)

accounts = Table(
    "accounts",
    metadata,
    new_id(),
    Column("username", Text, nullable=False),
    Column("email", Text),
    Column("password_hash", Text, nullable=False),  # empty where there is no password
    Column("role", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Column("rehearsal", Text),  # its name, for the account of a rehearsal's customer
    sqlite_autoincrement=True,
)

# Usernames and e-mail addresses in the form in which they are compared. A table of their own keeps
# them unique while accounts are distributed by id. No foreign key: a name and its account may be on
# different nodes.
account_names = Table(
    "account_names",
    metadata,
    Column("name_key", Key, primary_key=True),
    Column("account_id", BigId, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("account_id", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("id", Text, nullable=False),
    Column("rotates", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("renewed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    PrimaryKeyConstraint("account_id", "id"),
    Index(None, "revoked_at"),
)

# Failed log-ins since a time. The key is a keyed hash of name and network, existing or not.
failed_log_ins = Table(
    "failed_log_ins",
    metadata,
    Column("key", Key, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "since"),
)

# Append-only. No foreign keys: an entry outlives its subject and its author.
# ``subject`` is written for servers of the previous release; the next one can remove it.
audit_entries = Table(
    "audit_entries",
    metadata,
    new_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("account_id", BigId),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_kind", Text),
    Column("subject_id", BigId),
    Column("details", JSON, nullable=False),
    Index(None, "at", "id"),
    Index(None, "account_id", "id"),
    sqlite_autoincrement=True,
)
