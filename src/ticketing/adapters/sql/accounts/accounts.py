"""Accounts: rows and entities."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import account_names, accounts, sessions
from ticketing.domain.accounts.account import Account, AccountId, Role
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.text import comparison_key, is_wellformed

# Statements of a log-in are built once: building them costs more than the rest of our work.
_NAMED = select(account_names.c.account_id).where(account_names.c.name_key == bindparam("key"))
_BY_ID = select(accounts).where(accounts.c.id == bindparam("account_id"))
_LOCKED = _BY_ID.with_for_update(key_share=True)


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        email=row.email,
        password_hash=row.password_hash,
        role=Role(row.role),
        created_at=row.created_at,
        deleted_at=row.deleted_at,
        rehearsal=row.rehearsal,
    )


def account_by_id(connection: Connection, account_id: AccountId) -> Account:
    """Raises AccountNotFound."""
    return _account_or_refusal(connection.execute(_BY_ID, {"account_id": account_id}).first())


def account_by_name(connection: Connection, name: str) -> Account | None:
    """Return the account of a username or e-mail address; any text is allowed.

    Two reads, no join: a name and its account may be on different nodes.
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
        values = [_columns(account) for account in wanted]
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
        held = self._connection.execute(_LOCKED, {"account_id": account_id})
        return _account_or_refusal(held.first())

    def find(self, name: str) -> Account | None:
        return account_by_name(self._connection, name)

    def save(self, account: Account) -> None:
        before = set(self.get(account.id).keys)
        changed = update(accounts).where(accounts.c.id == account.id)
        self._connection.execute(changed.values(_columns(account)))
        self._rename(account, before)

    def _rename(self, account: Account, before: set[str]) -> None:
        """Replace the names that the account had ``before`` with its current ones."""
        now = set(account.keys)
        if gone := before - now:
            own = (account_names.c.name_key.in_(gone), account_names.c.account_id == account.id)
            self._connection.execute(delete(account_names).where(*own))
        if new := now - before:
            names = [{"name_key": key, "account_id": account.id} for key in new]
            self._connection.execute(insert(account_names), names)

    def purge_rehearsals(self, name: str | None = None) -> int:
        rehearsed = accounts.c.rehearsal
        chosen = rehearsed.is_not(None) if name is None else rehearsed == name
        some = select(accounts).where(chosen).limit(MAX_ROWS_PER_DELETE)
        purged = [account_of(row) for row in self._connection.execute(some)]
        ids = [account.id for account in purged]
        keys = [key for account in purged for key in account.keys]
        self._connection.execute(delete(account_names).where(account_names.c.name_key.in_(keys)))
        self._connection.execute(delete(sessions).where(sessions.c.account_id.in_(ids)))
        self._connection.execute(delete(accounts).where(accounts.c.id.in_(ids)))
        return len(purged)


def _columns(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "email": account.email,
        "password_hash": account.password_hash,
        "role": account.role.value,
        "created_at": account.created_at,
        "deleted_at": account.deleted_at,
        "rehearsal": account.rehearsal,
    }
