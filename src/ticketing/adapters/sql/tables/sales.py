"""Shows, seats, bookings, customers in a show, and idempotency keys."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from ticketing.adapters.sql.tables.columns import BigId, UtcDateTime, metadata, new_id

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
