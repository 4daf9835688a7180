"""Read accounts and sessions."""

from datetime import datetime

from sqlalchemy import select

from ticketing.adapters.sql.accounts.accounts import account_by_id, account_by_name
from ticketing.adapters.sql.accounts.sessions import session_of
from ticketing.adapters.sql.engine.clock import Clock, StoreClock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import sessions
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId


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
        this = (sessions.c.account_id == account_id, sessions.c.id == session_id)
        row = self._read(lambda c: c.execute(select(sessions).where(*this)).first())
        return None if row is None else session_of(row)

    def sessions(self, account_id: AccountId) -> list[Session]:
        theirs = select(sessions).where(sessions.c.account_id == account_id)
        wanted = theirs.order_by(sessions.c.expires_at, sessions.c.id)
        return self._read(lambda c: [session_of(row) for row in c.execute(wanted)])

    def revoked_sessions(self, since: datetime) -> frozenset[SessionId]:
        revoked = select(sessions.c.id).where(sessions.c.revoked_at >= since)
        return self._read(lambda c: frozenset(SessionId(id_) for id_ in c.scalars(revoked)))
