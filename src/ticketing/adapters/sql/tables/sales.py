"""Shows, their seats, and the bookings of them."""

from sqlalchemy import (
    JSON,
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
    # The accounts may live on other machines than the sales, so no foreign key leads there.
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
)
