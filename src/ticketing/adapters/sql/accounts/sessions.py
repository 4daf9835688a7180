"""Sessions: rows and entities."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import sessions
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.accounts.session import Session, SessionId

# Statements of a log-in are built once, as in ``accounts.py``.
_OPEN_SESSION = insert(sessions)
_PURGE_EXPIRED = delete(sessions).where(
    sessions.c.account_id == bindparam("account_id"), sessions.c.expires_at <= bindparam("before")
)


def session_of(row: Row[Any]) -> Session:
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
        return None if row is None else session_of(row)

    def save(self, session: Session) -> None:
        this = _is(session.account_id, session.id)
        self._connection.execute(update(sessions).where(*this).values(_changing(session)))

    def revoke_all(
        self, account_id: AccountId, at: datetime, *, but: SessionId | None = None
    ) -> None:
        open_ones = (sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
        ended = update(sessions).where(*open_ones, sessions.c.id != (but or ""))
        self._connection.execute(ended.values(revoked_at=at))

    def purge_expired(self, account_id: AccountId, before: datetime) -> None:
        expired = {"account_id": account_id, "before": before}
        self._connection.execute(_PURGE_EXPIRED, expired)

    def purge_ended(self, before: datetime) -> int:
        ended = select(sessions.c.account_id, sessions.c.id).where(sessions.c.revoked_at < before)
        some = self._connection.execute(ended.limit(MAX_ROWS_PER_DELETE)).all()
        these = (
            sessions.c.account_id.in_([row.account_id for row in some]),
            sessions.c.id.in_([row.id for row in some]),
        )
        self._connection.execute(delete(sessions).where(*these))
        return len(some)


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
