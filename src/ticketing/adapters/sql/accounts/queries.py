"""Read accounts and sessions."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from ticketing.adapters.sql.accounts.accounts import account_by_id, account_by_name
from ticketing.adapters.sql.accounts.sessions import SESSION, session_of
from ticketing.adapters.sql.engine.clock import Clock, StoreClock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import sessions
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId

_REVOKED = select(sessions.c.id).where(sessions.c.revoked_at >= bindparam("since"))


class SqlAccountQueries:
    """The ``AccountQueries`` port."""

    def __init__(self, reader: Reader, database: Database, clock: Clock | None) -> None:
        self._read = reader
        self._database = database
        self._clock = clock

    def now(self) -> datetime:
        return self._read(lambda c: StoreClock(c, self._database.clock, self._clock).now())

    def account(self, account_id: AccountId) -> Account:
        return self._read(lambda connection: account_by_id(connection, account_id))

    def account_named(self, name: str) -> Account | None:
        return self._read(lambda connection: account_by_name(connection, name))

    def session(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        key = {"account_id": account_id, "id": session_id}
        row = self._read(lambda c: c.execute(SESSION, key).first())
        return None if row is None else session_of(row)

    def sessions(self, account_id: AccountId, limit: int) -> list[Session]:
        of_account = select(sessions).where(sessions.c.account_id == account_id)
        is_revoked = sessions.c.revoked_at.is_not(None)
        ordered = of_account.order_by(is_revoked, sessions.c.renewed_at.desc()).limit(limit)
        return self._read(lambda c: [session_of(row) for row in c.execute(ordered)])

    def accounts_with_more_sessions(self, than: int) -> list[AccountId]:
        is_open = sessions.c.revoked_at.is_(None)
        by_account = select(sessions.c.account_id).where(is_open).group_by(sessions.c.account_id)
        over_limit = by_account.having(func.count() > than)
        return self._read(lambda c: [AccountId(id_) for id_ in c.scalars(over_limit)])

    def revoked_sessions(self, within: timedelta) -> frozenset[SessionId]:
        def read(connection: Connection) -> frozenset[SessionId]:
            since = StoreClock(connection, self._database.clock, self._clock).now() - within
            revoked = connection.scalars(_REVOKED, {"since": since})
            return frozenset(SessionId(session_id) for session_id in revoked)

        return self._read(read)
