"""What the columns of all tables have in common."""

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
"""Text compared code point by code point, as SQLite does anyway: the same order everywhere."""


def big_id(value: int | None) -> int | None:
    """A number of more than 64 bits, which no column holds, as NULL, which equals nothing."""
    return value if value is not None and -(2**63) <= value < 2**63 else None


class BigId(TypeDecorator[int]):
    """64 bits; SQLite counts up only what it calls INTEGER, which has 64 bits there."""

    impl = BigInteger().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return big_id(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which forgets the zone, has it restored."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def new_id() -> Column[Any]:
    """A primary key that the database counts up and never uses again."""
    return Column("id", BigId, Identity(), primary_key=True)
