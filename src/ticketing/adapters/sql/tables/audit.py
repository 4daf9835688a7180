"""Audit entries."""

from sqlalchemy import JSON, Column, Index, Table, Text

from ticketing.adapters.sql.tables.columns import BigId, UtcDateTime, metadata, new_id

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
