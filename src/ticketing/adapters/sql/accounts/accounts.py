"""Accounts and their names as rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)

from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import account_names, accounts, sessions, values_of
from ticketing.domain.accounts.account import Account, AccountId, Role
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.text import is_wellformed

# Statements of a log-in are built once: building them costs more than the rest of our work.
_ACCOUNT_OF_NAME = select(account_names.c.account_id).where(
    account_names.c.name_key == bindparam("key")
)
_ADD_NAME = insert(account_names)
_ADD_NAME_IF_FREE = text(
    "INSERT INTO account_names (name_key, account_id) VALUES (:name_key, :account_id)"
    " ON CONFLICT (name_key) DO NOTHING"
)
_REMOVE_NAMES = delete(account_names).where(
    account_names.c.name_key.in_(bindparam("keys", expanding=True)),
    account_names.c.account_id == bindparam("owner"),
)
_ACCOUNT = select(accounts).where(accounts.c.id == bindparam("account_id"))
_LOCKED_ACCOUNT = _ACCOUNT.with_for_update(key_share=True)


def _account_of(row: Row[Any] | None) -> Account:
    """Raises AccountNotFound for None."""
    if row is None:
        raise AccountNotFound()
    return Account(**{**row._mapping, "role": Role(row.role)})


def account_by_id(connection: Connection, account_id: AccountId) -> Account:
    return _account_of(connection.execute(_ACCOUNT, {"account_id": account_id}).first())


def account_by_name(connection: Connection, name: str) -> Account | None:
    """Return the account of a username or e-mail address; any text is allowed."""
    if not is_wellformed(name):
        return None
    for key in NAME_KEYS.of_name(name):
        account = _account_by_key(connection, key)
        if account and NAME_KEYS.can_name(name, account):
            return account
    return None


def _account_by_key(connection: Connection, key: str) -> Account | None:
    """Two reads, no join: a name and its account may be on different nodes."""
    account_id = connection.scalar(_ACCOUNT_OF_NAME, {"key": key})
    row = account_id and connection.execute(_ACCOUNT, {"account_id": account_id}).first()
    return _account_of(row) if row else None


class SqlAccounts:
    """The ``Accounts`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account) -> Account:
        return self.add_all([account])[0]

    def add_all(self, wanted: Sequence[Account]) -> list[Account]:
        added = insert(accounts).returning(accounts, sort_by_parameter_order=True)
        values = [values_of(account, "id") for account in wanted]
        stored = [_account_of(row) for row in self._connection.execute(added, values)]
        self._add_names(stored)
        return stored

    def get(self, account_id: AccountId) -> Account:
        return account_by_id(self._connection, account_id)

    def lock(self, account_id: AccountId) -> Account:
        locked = self._connection.execute(_LOCKED_ACCOUNT, {"account_id": account_id})
        return _account_of(locked.first())

    def find(self, name: str) -> Account | None:
        return account_by_name(self._connection, name)

    def save(self, account: Account) -> None:
        before = self.get(account.id)
        changed = update(accounts).where(accounts.c.id == account.id)
        self._connection.execute(changed.values(values_of(account, "id")))
        if (before.username, before.email) != (account.username, account.email):
            self._remove_names(before)
            self._add_names([account])

    def _add_names(self, named: Sequence[Account]) -> None:
        """Add the keys of accounts, and for servers of the previous release the earlier ones."""
        for account in named:
            if account.email is not None:
                self._free_keys(account)
        keys = [(key, each) for each in named for key in NAME_KEYS.of_account(each)]
        earlier = [(key, each) for each in named if (key := NAME_KEYS.earlier(each))]
        for statement, names in ((_ADD_NAME, keys), (_ADD_NAME_IF_FREE, earlier)):
            if rows := [{"name_key": key, "account_id": each.id} for key, each in names]:
                self._connection.execute(statement, rows)

    def _free_keys(self, account: Account) -> None:
        """Remove the keys it needs from accounts that a server of the previous release deleted."""
        for key in NAME_KEYS.of_account(account):
            owner = _account_by_key(self._connection, key)
            if owner and owner.is_deleted:
                self._connection.execute(_REMOVE_NAMES, {"keys": [key], "owner": owner.id})

    def _remove_names(self, account: Account) -> None:
        keys = [*NAME_KEYS.of_account(account), NAME_KEYS.earlier(account)]
        self._connection.execute(_REMOVE_NAMES, {"keys": keys, "owner": account.id})

    def purge_rehearsals(self, name: str | None = None) -> int:
        rehearsed = accounts.c.rehearsal
        chosen = rehearsed.is_not(None) if name is None else rehearsed == name
        some = select(accounts).where(chosen).limit(MAX_ROWS_PER_DELETE)
        purged = [_account_of(row) for row in self._connection.execute(some)]
        if not purged:
            return 0
        ids = [account.id for account in purged]
        keys = [key for account in purged for key in NAME_KEYS.of_account(account)]
        self._connection.execute(delete(account_names).where(account_names.c.name_key.in_(keys)))
        self._connection.execute(delete(sessions).where(sessions.c.account_id.in_(ids)))
        self._connection.execute(delete(accounts).where(accounts.c.id.in_(ids)))
        return len(purged)
