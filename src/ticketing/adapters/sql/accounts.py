"""Accounts, sessions and failed log-ins: rows, repositories and queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)

from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.sql.engine.clock import Clock, StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    account_names,
    accounts,
    failed_log_ins,
    sessions,
    values_of,
)
from ticketing.domain.accounts.account import Account, AccountId, Role
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.accounts.ports import Attempts
from ticketing.domain.accounts.session import Session, SessionId
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
_SESSION = select(sessions).where(
    sessions.c.account_id == bindparam("account_id"), sessions.c.id == bindparam("id")
)
_OPEN_SESSION = insert(sessions)
_excess = (
    select(sessions.c.id)
    .where(
        sessions.c.account_id == bindparam("its_account"),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > bindparam("at"),
    )
    .order_by(sessions.c.renewed_at.desc())
    .offset(bindparam("keep"))
    .limit(MAX_ROWS_PER_DELETE)
)
_is_excess = (sessions.c.account_id == bindparam("its_account"), sessions.c.id.in_(_excess))
_REVOKE_EXCESS = update(sessions).where(*_is_excess).values(revoked_at=bindparam("at"))
_DELETE_EXCESS = delete(sessions).where(
    *_is_excess, sessions.c.renewed_at < bindparam("idle_since")
)
_REVOKED = select(sessions.c.id).where(sessions.c.revoked_at >= bindparam("since"))
# One statement: a concurrent attempt waits for the row and adds to what the first one wrote.
_RESERVE_ATTEMPT = (
    text(
        "INSERT INTO failed_log_ins AS kept (key, failures, unfinished, since, reserved_at)"
        " VALUES (:key, 0, 1, :now, :now) ON CONFLICT (key) DO UPDATE SET"
        " failures = CASE WHEN kept.since > :expired THEN kept.failures ELSE 0 END,"
        " unfinished = CASE WHEN kept.reserved_at > :abandoned THEN kept.unfinished ELSE 0 END + 1,"
        " since = CASE WHEN kept.since > :expired AND kept.failures > 0 THEN kept.since"
        " ELSE :now END,"
        " reserved_at = :now RETURNING failures, unfinished, since"
    )
    .bindparams(*(bindparam(name, type_=UtcDateTime) for name in ("now", "expired", "abandoned")))
    .columns(
        failures=failed_log_ins.c.failures.type,
        unfinished=failed_log_ins.c.unfinished.type,
        since=UtcDateTime,
    )
)
_attempts = failed_log_ins.c
_ITS_ATTEMPTS = _attempts.key == bindparam("its_key")
_one_less = case((_attempts.unfinished > 0, _attempts.unfinished - 1), else_=0)
_FAIL_ATTEMPT = (
    update(failed_log_ins)
    .where(_ITS_ATTEMPTS)
    .values(failures=_attempts.failures + 1, unfinished=_one_less)
)
_CLEAR_LAST_ATTEMPT = delete(failed_log_ins).where(_ITS_ATTEMPTS, _attempts.unfinished <= 1)
_CLEAR_FAILURES = (
    update(failed_log_ins).where(_ITS_ATTEMPTS).values(failures=0, unfinished=_one_less)
)


def _account_of(row: Row[Any] | None) -> Account:
    """Raises AccountNotFound for None."""
    if row is None:
        raise AccountNotFound()
    return Account(**{**row._mapping, "role": Role(row.role)})


def _session_of(row: Row[Any]) -> Session:
    return Session(**row._mapping)


def _account_by_id(connection: Connection, account_id: AccountId) -> Account:
    return _account_of(connection.execute(_ACCOUNT, {"account_id": account_id}).first())


def _account_by_name(connection: Connection, name: str) -> Account | None:
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
        return _account_by_id(self._connection, account_id)

    def lock(self, account_id: AccountId) -> Account:
        locked = self._connection.execute(_LOCKED_ACCOUNT, {"account_id": account_id})
        return _account_of(locked.first())

    def find(self, name: str) -> Account | None:
        return _account_by_name(self._connection, name)

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


class SqlSessions:
    """The ``Sessions`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        self._connection.execute(_OPEN_SESSION, values_of(session))

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        key = {"account_id": account_id, "id": session_id}
        row = self._connection.execute(_SESSION.with_for_update(), key).first()
        return None if row is None else _session_of(row)

    def save(self, session: Session) -> None:
        this = (sessions.c.account_id == session.account_id, sessions.c.id == session.id)
        values = values_of(session, "account_id", "id")
        self._connection.execute(update(sessions).where(*this).values(values))

    def revoke_all(
        self, account_id: AccountId, at: datetime, *, but: SessionId | None = None
    ) -> None:
        open_ones = (sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
        ended = update(sessions).where(*open_ones, sessions.c.id != (but or ""))
        self._connection.execute(ended.values(revoked_at=at))

    def revoke_excess(self, account_id: AccountId, at: datetime, *, keep: int) -> int:
        values = {"its_account": account_id, "at": at, "keep": keep}
        return self._connection.execute(_REVOKE_EXCESS, values).rowcount

    def delete_excess(
        self, account_id: AccountId, at: datetime, *, keep: int, idle_since: datetime
    ) -> int:
        values = {"its_account": account_id, "at": at, "keep": keep, "idle_since": idle_since}
        return self._connection.execute(_DELETE_EXCESS, values).rowcount

    def purge(self, before: datetime) -> int:
        revoked, expired = sessions.c.revoked_at < before, sessions.c.expires_at < before
        return self._purge(revoked) or self._purge(expired)

    def _purge(self, is_over: ColumnElement[bool]) -> int:
        key = sessions.c.account_id, sessions.c.id
        some = self._connection.execute(select(*key).where(is_over).limit(MAX_ROWS_PER_DELETE))
        ended = [tuple(row) for row in some]
        if ended:
            self._connection.execute(delete(sessions).where(tuple_(*key).in_(ended)))
        return len(ended)


class SqlFailedLogIns:
    """The ``FailedLogIns`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reserve(
        self, key: str, now: datetime, *, expired: datetime, abandoned: datetime
    ) -> Attempts:
        attempt = {"key": key, "now": now, "expired": expired, "abandoned": abandoned}
        made = self._connection.execute(_RESERVE_ATTEMPT, attempt).one()
        return Attempts(**made._mapping)

    def fail(self, key: str) -> None:
        self._connection.execute(_FAIL_ATTEMPT, {"its_key": key})

    def clear(self, key: str) -> None:
        if self._connection.execute(_CLEAR_LAST_ATTEMPT, {"its_key": key}).rowcount == 0:
            self._connection.execute(_CLEAR_FAILURES, {"its_key": key})

    def purge_old(self, before: datetime) -> int:
        old = failed_log_ins.c.since < before
        some = select(failed_log_ins.c.key).where(old).limit(MAX_ROWS_PER_DELETE)
        keys = self._connection.scalars(some).all()
        these = (failed_log_ins.c.key.in_(keys), old)
        self._connection.execute(delete(failed_log_ins).where(*these))
        return len(keys)


class SqlAccountQueries:
    """The ``AccountQueries`` port."""

    def __init__(self, reader: Reader, database: Database, clock: Clock | None) -> None:
        self._read = reader
        self._database = database
        self._clock = clock

    def now(self) -> datetime:
        return self._read(lambda c: StoreClock(c, self._database.clock, self._clock).now())

    def account(self, account_id: AccountId) -> Account:
        return self._read(lambda connection: _account_by_id(connection, account_id))

    def account_named(self, name: str) -> Account | None:
        return self._read(lambda connection: _account_by_name(connection, name))

    def session(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        key = {"account_id": account_id, "id": session_id}
        row = self._read(lambda c: c.execute(_SESSION, key).first())
        return None if row is None else _session_of(row)

    def sessions(self, account_id: AccountId, limit: int) -> list[Session]:
        theirs = select(sessions).where(sessions.c.account_id == account_id)
        is_revoked = sessions.c.revoked_at.is_not(None)
        ordered = theirs.order_by(is_revoked, sessions.c.renewed_at.desc()).limit(limit)
        return self._read(lambda c: [_session_of(row) for row in c.execute(ordered)])

    def accounts_with_more_sessions(self, than: int) -> list[AccountId]:
        is_open = sessions.c.revoked_at.is_(None)
        by_account = select(sessions.c.account_id).where(is_open).group_by(sessions.c.account_id)
        crowded = by_account.having(func.count() > than)
        return self._read(lambda c: [AccountId(id_) for id_ in c.scalars(crowded)])

    def revoked_sessions(self, within: timedelta) -> frozenset[SessionId]:
        def read(connection: Connection) -> frozenset[SessionId]:
            since = StoreClock(connection, self._database.clock, self._clock).now() - within
            revoked = connection.scalars(_REVOKED, {"since": since})
            return frozenset(SessionId(session_id) for session_id in revoked)

        return self._read(read)
