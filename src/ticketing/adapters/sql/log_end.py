"""Where the primary's log ends: a replica that has replayed it that far is current."""

from collections.abc import Callable
from threading import Lock
from time import monotonic as system_monotonic
from typing import TypeVar

from sqlalchemy import text

from ticketing.adapters.sql.engine import Database, connect
from ticketing.domain.errors import Busy
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork

T = TypeVar("T")

FRESH_SECONDS = 0.5  # how old what is known may be, and what a replica tells

_WRITTEN = text("SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn()::text END")


def end_of_log(primary: Database) -> str | None:
    """None where the server is no primary (any more), or busy."""
    try:
        with connect(primary.engine) as connection:
            end: str | None = connection.scalar(_WRITTEN)
            return end
    except Busy:
        return None


class LogEnd:
    """Where the primary's log ended, half a second ago at most; ``ask`` asks it."""

    def __init__(
        self, ask: Callable[[], str | None], monotonic: Callable[[], float] = system_monotonic
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._guard = Lock()
        self._known: tuple[float, str | None] = (float("-inf"), None)
        self._forgotten_at = float("-inf")

    def __call__(self) -> str | None:
        """None where the primary cannot tell, or while somebody else asks it."""
        asked_at, end = self._known
        if self._forgotten_at < asked_at and self._monotonic() < asked_at + FRESH_SECONDS:
            return end
        if not self._guard.acquire(blocking=False):
            return None
        try:
            asked_at = self._monotonic()  # before: the answer may be that old
            end = self._ask()
            self._known = (asked_at, end)
            return end
        finally:
            self._guard.release()

    def forget(self) -> None:
        """What was committed until now is to be seen from now on."""
        self._forgotten_at = self._monotonic()


class ReadBack:
    """``Transactions`` whose changes this process reads back at once, replica or not."""

    def __init__(self, transactions: Transactions, log_end: LogEnd) -> None:
        self._transactions = transactions
        self._log_end = log_end

    def __call__(self, work: Callable[[UnitOfWork], T]) -> T:
        try:
            return self._transactions(work)
        finally:
            self._log_end.forget()
