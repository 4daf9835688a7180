"""What the staff did."""

from sqlalchemy import JSON, Column, Index, Table, Text

from ticketing.adapters.sql.tables.columns import BigId, UtcDateTime, metadata, new_id

# Only ever appended to. No foreign keys: an entry outlives what it is about, and who did it.
audit_entries = Table(
    "audit_entries",
    metadata,
    new_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("account_id", BigId),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index(None, "at", "id"),
    Index(None, "account_id", "id"),
    sqlite_autoincrement=True,
)
