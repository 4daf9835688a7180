"""Transactions on a database."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, exc

from ticketing.adapters import group_commit
from ticketing.adapters.compartment import Compartment
from ticketing.adapters.group_commit import GroupCommit
from ticketing.adapters.sql.accounts.accounts import SqlAccounts
from ticketing.adapters.sql.accounts.failed_log_ins import SqlFailedLogIns
from ticketing.adapters.sql.accounts.sessions import SqlSessions
from ticketing.adapters.sql.audit import SqlAuditLog
from ticketing.adapters.sql.engine.clock import Clock, StoreClock
from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.adapters.sql.engine.lock_waits import LockWaits
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.messages import SqlOutbox
from ticketing.adapters.sql.programme.movies_and_screens import SqlMovies, SqlScreens
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SqlShows
from ticketing.adapters.sql.sales.bookings import SqlBookings
from ticketing.adapters.sql.sales.holds import SqlHolds
from ticketing.adapters.sql.sales.idempotency_keys import SqlIdempotencyKeys
from ticketing.adapters.sql.sales.seats import SqlSeats
from ticketing.adapters.sql.sales.waiting_list import SqlWaitingList
from ticketing.domain.errors import Busy
from ticketing.domain.unit_of_work import DecideBatch

T = TypeVar("T")
Request = TypeVar("Request")


class SqlUnitOfWork:
    """The whole store over one connection; ``SqlTransactions`` ends its transaction."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        plans: SeatPlanCache,
        clock: Clock | None,
        *,
        sends_mails: bool = True,
    ) -> None:
        self._time = StoreClock(connection, database.clock, clock)
        sale = database.sale(connection)
        self.movies = SqlMovies(connection, database)
        seat_plans = SqlSeatPlans(connection, plans)
        self.screens = SqlScreens(connection, seat_plans)
        self.shows = SqlShows(connection, seat_plans, self._time)
        self.seats = SqlSeats(connection, sale, plans, seat_plans, self._time)
        self.bookings = SqlBookings(connection, sale, seat_plans)
        self.holds = SqlHolds(connection, sale, seat_plans, self._time)
        self.waiting_list = SqlWaitingList(connection, seat_plans, self._time)
        self.idempotency_keys = SqlIdempotencyKeys(connection, sale, self._time)
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.failed_log_ins = SqlFailedLogIns(connection)
        self.audit = SqlAuditLog(connection)
        self.outbox = SqlOutbox(connection, is_used=sends_mails)

    def now(self) -> datetime:
        return self._time.now()


class SqlTransactions:
    """The ``Transactions`` port. ``clock`` replaces the database's clock, for tests.

    ``lock_waits`` has the places of transactions that wait for locks; by default, each connection
    may be used for that. Messages to customers are added only if the box office ``sends_mails``.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        retry: Retry | None = None,
        plans: SeatPlanCache | None = None,
        lock_waits: Compartment | None = None,
        sends_mails: bool = True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._run = LockWaits(
            retry or Retry(telemetry=database.telemetry),
            lock_waits or Compartment("waits for locks", database.pool_size),
        )
        self._plans = plans or SeatPlanCache()
        self._sends_mails = sends_mails

    def __call__(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        return self._run(lambda wait: self._attempt(work, brief=not wait))

    def grouped(
        self,
        decide: DecideBatch[SqlUnitOfWork, Request, T],
        shard: Callable[[Request], Hashable],
        *,
        by_shard: bool = False,
    ) -> Callable[[Request], T]:
        def group() -> Callable[[Request], T]:
            return GroupCommit(
                self._run,
                self._attempt,
                decide,
                shard,
                lambda: self._database.is_distributed,
                self._database.telemetry.batch,
            )

        return group_commit.by_shard(group, shard) if by_shard else group()

    def _attempt(self, work: Callable[[SqlUnitOfWork], T], *, brief: bool) -> T:
        database = self._database
        with database.write_turn(), connect(database.engine) as connection:
            database.begin(connection, brief=brief)
            try:
                uow = SqlUnitOfWork(
                    database, connection, self._plans, self._clock, sends_mails=self._sends_mails
                )
                result = work(uow)
                self._commit(connection)
            except BaseException:
                database.roll_back(connection)
                raise
        uow.bookings.report(database.telemetry)
        uow.holds.report(database.telemetry)
        return result

    def _commit(self, connection: Connection) -> None:
        try:
            self._database.commit(connection)
        except (Busy, exc.DBAPIError) as error:
            raise self._database.refusal_of_commit(error.__cause__ or error) from error
