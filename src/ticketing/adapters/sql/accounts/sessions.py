"""Sessions as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import sessions, values_of
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.accounts.session import Session, SessionId

# Built once, since a log-in runs them: building them costs more than the rest of our work.
SESSION = select(sessions).where(
    sessions.c.account_id == bindparam("account_id"), sessions.c.id == bindparam("id")
)
_OPEN_SESSION = insert(sessions)
_excess = (
    select(sessions.c.id)
    .where(
        sessions.c.account_id == bindparam("owner"),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > bindparam("at"),
    )
    .order_by(sessions.c.renewed_at.desc())
    .offset(bindparam("keep"))
    .limit(MAX_ROWS_PER_DELETE)
)
_is_excess = (sessions.c.account_id == bindparam("owner"), sessions.c.id.in_(_excess))
_REVOKE_EXCESS = update(sessions).where(*_is_excess).values(revoked_at=bindparam("at"))
_DELETE_EXCESS = delete(sessions).where(
    *_is_excess, sessions.c.renewed_at < bindparam("idle_since")
)


def session_of(row: Row[Any]) -> Session:
    return Session(**row._mapping)


class SqlSessions:
    """The ``Sessions`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        self._connection.execute(_OPEN_SESSION, values_of(session))

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        key = {"account_id": account_id, "id": session_id}
        row = self._connection.execute(SESSION.with_for_update(), key).first()
        return None if row is None else session_of(row)

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
        values = {"owner": account_id, "at": at, "keep": keep}
        return self._connection.execute(_REVOKE_EXCESS, values).rowcount

    def delete_excess(
        self, account_id: AccountId, at: datetime, *, keep: int, idle_since: datetime
    ) -> int:
        values = {"owner": account_id, "at": at, "keep": keep, "idle_since": idle_since}
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
