"""Reading back what one has changed, though a replica may not have it yet."""

from collections.abc import Callable
from typing import TypeVar

from ticketing.adapters.sql.replica.wal_position import LogEnd
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.unit_of_work import Transactions

T = TypeVar("T")


class ReadBack:
    """``Transactions`` whose changes this process reads back at once, replica or not."""

    def __init__(self, transactions: Transactions[ProgrammeWork], log_end: LogEnd) -> None:
        self._transactions = transactions
        self._log_end = log_end

    def __call__(self, work: Callable[[ProgrammeWork], T]) -> T:
        try:
            return self._transactions(work)
        finally:
            self._log_end.forget()
