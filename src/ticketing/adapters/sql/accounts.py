"""Accounts and sessions: rows and entities."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ticketing.adapters.sql.engine import AT_ONCE
from ticketing.adapters.sql.tables import account_names, accounts, sessions
from ticketing.domain.account import Account, AccountId, Role
from ticketing.domain.errors import AccountNotFound
from ticketing.domain.session import Session, SessionId
from ticketing.domain.text import comparison_key, is_wellformed

# What a log-in asks is written once: to build a statement, and to find it in SQLAlchemy's cache,
# takes longer than the rest of it on our side.
_NAMED = select(account_names.c.account_id).where(account_names.c.name_key == bindparam("key"))
_BY_ID = select(accounts).where(accounts.c.id == bindparam("account_id"))
_HELD = _BY_ID.with_for_update(key_share=True)
_OPEN_SESSION = insert(sessions)
_FORGET_EXPIRED = delete(sessions).where(
    sessions.c.account_id == bindparam("account_id"), sessions.c.expires_at <= bindparam("before")
)


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        email=row.email,
        password_hash=row.password_hash,
        role=Role(row.role),
        created_at=row.created_at,
    )


def account_by_id(connection: Connection, account_id: AccountId) -> Account:
    """Raises AccountNotFound."""
    return _account_or_refusal(connection.execute(_BY_ID, {"account_id": account_id}).first())


def account_by_name(connection: Connection, name: str) -> Account | None:
    """The account of a username or e-mail address, whatever text is given.

    Two reads, no join: a name and its account may live on different machines.
    """
    if not is_wellformed(name):
        return None
    account_id = connection.scalar(_NAMED, {"key": comparison_key(name)})
    row = account_id and connection.execute(_BY_ID, {"account_id": account_id}).first()
    return account_of(row) if row else None


def _account_or_refusal(row: Row[Any] | None) -> Account:
    if row is None:
        raise AccountNotFound()
    return account_of(row)


class SqlAccounts:
    """The ``Accounts`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account) -> Account:
        return self.add_all([account])[0]

    def add_all(self, wanted: Sequence[Account]) -> list[Account]:
        values = [
            {
                "username": account.username,
                "email": account.email,
                "password_hash": account.password_hash,
                "role": account.role.value,
                "created_at": account.created_at,
            }
            for account in wanted
        ]
        added = insert(accounts).returning(accounts, sort_by_parameter_order=True)
        stored = [account_of(row) for row in self._connection.execute(added, values)]
        names = [
            {"name_key": key, "account_id": account.id}
            for account in stored
            for key in account.keys
        ]
        self._connection.execute(insert(account_names), names)
        return stored

    def get(self, account_id: AccountId) -> Account:
        return account_by_id(self._connection, account_id)

    def lock(self, account_id: AccountId) -> Account:
        held = self._connection.execute(_HELD, {"account_id": account_id})
        return _account_or_refusal(held.first())

    def find(self, name: str) -> Account | None:
        return account_by_name(self._connection, name)

    def save(self, account: Account) -> None:
        changed = {"password_hash": account.password_hash, "role": account.role.value}
        self._connection.execute(
            update(accounts).where(accounts.c.id == account.id).values(changed)
        )

    def forget(self, mark: str) -> int:
        marked = accounts.c.password_hash.startswith(mark, autoescape=True)
        some = select(accounts).where(marked).limit(AT_ONCE)
        forgotten = [account_of(row) for row in self._connection.execute(some)]
        ids = [account.id for account in forgotten]
        keys = [key for account in forgotten for key in account.keys]
        self._connection.execute(delete(account_names).where(account_names.c.name_key.in_(keys)))
        self._connection.execute(delete(sessions).where(sessions.c.account_id.in_(ids)))
        self._connection.execute(delete(accounts).where(accounts.c.id.in_(ids)))
        return len(forgotten)


def _session_of(row: Row[Any]) -> Session:
    return Session(
        id=SessionId(row.id),
        account_id=row.account_id,
        rotates=row.rotates,
        generation=row.generation,
        renewed_at=row.renewed_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


class SqlSessions:
    """The ``Sessions`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        row = {"account_id": session.account_id, "id": session.id, **_changing(session)}
        self._connection.execute(_OPEN_SESSION, row)

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        held = select(sessions).where(*_is(account_id, session_id)).with_for_update()
        row = self._connection.execute(held).first()
        return None if row is None else _session_of(row)

    def save(self, session: Session) -> None:
        this = _is(session.account_id, session.id)
        self._connection.execute(update(sessions).where(*this).values(_changing(session)))

    def revoke_all(self, account_id: AccountId, at: datetime) -> None:
        open_ones = (sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
        self._connection.execute(update(sessions).where(*open_ones).values(revoked_at=at))

    def forget_expired(self, account_id: AccountId, before: datetime) -> None:
        expired = {"account_id": account_id, "before": before}
        self._connection.execute(_FORGET_EXPIRED, expired)


def _is(account_id: AccountId, session_id: SessionId) -> tuple[Any, Any]:
    return sessions.c.account_id == account_id, sessions.c.id == session_id


def _changing(session: Session) -> dict[str, Any]:
    return {
        "rotates": session.rotates,
        "generation": session.generation,
        "renewed_at": session.renewed_at,
        "expires_at": session.expires_at,
        "revoked_at": session.revoked_at,
    }
