"""Column types and naming conventions of all tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Identity, Integer, MetaData, Text
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
