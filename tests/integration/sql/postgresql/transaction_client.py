"""A client with its own connection, which can be stopped in the middle of a transaction."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from threading import Event
from typing import Any, TypeVar

import psycopg2

from tests.builders import (
    CLEANING,
    SALES_GRACE,
    Clock,
    FastHasher,
    Mailbox,
    sending_service,
    session_service,
)
from tests.contracts.concurrent_calls import answer
from tests.integration.databases import with_settings
from tests.integration.sql.postgresql.counting_retry import CountingRetry
from tests.integration.sql.postgresql.database_faults import watch
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.adapters.sql.open import open_database, sql_queries
from ticketing.adapters.sql.unit_of_work import SqlTransactions, SqlUnitOfWork
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService

T = TypeVar("T")

TIMEOUT_SECONDS = 10.0
"""The maximum wait, in seconds: PostgreSQL's own timeout is two."""

TOKENS = SignedResetTokens([b"a key"])

HOLDING_SEATS = "EXECUTE ticketing_lock"
SELLING = "EXECUTE ticketing_sell"
HOLDING = "EXECUTE ticketing_insert_holds"
SAVING = "EXECUTE ticketing_save"
JOINING = "INSERT INTO waiting_list_entries"
SAVING_ENTRIES = "UPDATE waiting_list_entries"
COMMIT = "COMMIT"
"""Where clients are stopped: before the statement that contains this."""

_WAITS = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE application_name = %s"
_BEGAN = "SELECT xact_start FROM pg_stat_activity WHERE application_name = %s"


class PatientTransactions(SqlTransactions):
    """They wait for locks from the first attempt, so that tests can see what they wait for."""

    def __call__(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        return self._run(lambda wait: self._attempt(work, brief=False))


class TransactionClient:
    """Runs one call in a thread. ``settings`` are PostgreSQL's, for this connection.

    ``attempts`` counts the transactions, apart from those that were ``rejected``;
    ``waited`` is whether it waited for a lock.
    """

    def __init__(self, url: str, name: str, clock: Clock | None, settings: str = "") -> None:
        self.name = name
        self.waited = False
        mine = with_settings(url, settings, application_name=name)
        database = open_database(mine, pool_size=1)
        self._attempts = CountingRetry()
        transactions = PatientTransactions(database, clock, self._attempts)
        queries = sql_queries(database, SALES_GRACE, clock)
        self.transactions = transactions
        self.sales = BookingService(transactions, SalesPolicy(SALES_GRACE))
        self.holds = HoldService(transactions, SalesPolicy(SALES_GRACE))
        self.waiting_list = WaitingListService(transactions, SalesPolicy(SALES_GRACE))
        self.offers = OfferService(transactions, queries.waiting_list)
        self.blocked_seats = BlockedSeatsService(transactions)
        self.programme = ProgrammeService(transactions, CLEANING)
        self.screens = ScreenService(transactions)
        accounts = transactions, queries.accounts, Passwords(FastHasher())
        self.throttle = Throttle(transactions, LOG_INS, b"a key")
        self.accounts = AccountService(*accounts, self.throttle, NAME_KEYS)
        self.sessions = session_service(transactions, queries)
        self.mailbox = Mailbox()
        self.password_resets = PasswordResetService(*accounts, TOKENS, b"a key")
        self.sender = sending_service(transactions, queries, self.mailbox, TOKENS)
        self.engine = database.engine
        self._observer = psycopg2.connect(url)
        self._observer.autocommit = True
        self._thread = ThreadPoolExecutor(1)
        self._stop_before: str | None = None
        self._stopped = Event()
        self._may_go_on = Event()
        watch(self.engine, self._sends)

    def start(
        self, act: Callable[..., Any], *args: Any, stopping_before: str | None = None
    ) -> "TransactionClient":
        """Start the call; return when it ends, stops before that statement, or waits for a lock."""
        self._stop_before = stopping_before
        self._future: Future[Any] = self._thread.submit(answer, act, *args)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not (self._future.done() or self._stopped.is_set() or self._waits()):
            assert time.monotonic() < deadline, f"the {self.name} does not settle"
            time.sleep(0.002)
        assert not (stopping_before and self._future.done()), f"the {self.name} did not stop"
        return self

    def wait_until_stopped(self) -> None:
        """Wait until a call that waited for a lock continues and stops."""
        assert self._stopped.wait(TIMEOUT_SECONDS), f"the {self.name} does not stop"

    @property
    def attempts(self) -> int:
        return self._attempts.made - self.rejected

    @property
    def rejected(self) -> int:
        return self._attempts.rejected

    def resume(self) -> Any:
        """Continue to the end; return the result."""
        self._may_go_on.set()
        return self.result()

    def result(self) -> Any:
        """Return the result or raise the refusal."""
        return self._future.result(TIMEOUT_SECONDS)

    def began(self) -> datetime:
        """When the transaction began: now() in SQL."""
        return datetime.fromisoformat(str(self._ask(_BEGAN)))

    def close(self) -> None:
        self._may_go_on.set()
        self._thread.shutdown()
        self._observer.close()
        self.engine.dispose()

    def _waits(self) -> bool:
        self.waited = self.waited or bool(self._ask(_WAITS))
        return self.waited

    def _ask(self, query: str) -> Any:
        with self._observer.cursor() as cursor:
            cursor.execute(query, [self.name])
            found = cursor.fetchone()
            return found and found[0]

    def _sends(self, statement: str) -> None:
        if self._stop_before and self._stop_before in statement and not self._stopped.is_set():
            self._stopped.set()
            self._may_go_on.wait(TIMEOUT_SECONDS)


@contextmanager
def holding_seat(url: str, show_id: ShowId, number: int) -> Iterator[None]:
    """Another transaction has locked the seat, and changes nothing."""
    with closing(psycopg2.connect(url)) as connection:
        seat = "SELECT FROM show_seats WHERE show_id = %s AND number = %s FOR UPDATE"
        connection.cursor().execute(seat, [show_id, number])
        yield
