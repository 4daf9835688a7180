"""Accounts, their unique names, sessions, and failed log-ins."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from ticketing.adapters.sql.tables.columns import BigId, Key, UtcDateTime, metadata, new_id

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
