"""Movies and screens."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text, UniqueConstraint

from ticketing.adapters.sql.tables.columns import Key, metadata, new_id

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
