"""Accounts, the names they log in with, their sessions, and log-ins that failed."""

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

# Usernames and e-mail addresses as they are compared. They share one name space, and have a table
# of their own so that accounts can be spread by id while names stay unique: a name and its account
# may live on different machines, so no foreign key leads there.
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

# How often somebody guessed wrong since then. The key is a keyed hash of the name and of where they
# sit: it tells neither, and the name need be nobody's.
failed_log_ins = Table(
    "failed_log_ins",
    metadata,
    Column("key", Key, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "since"),
)
