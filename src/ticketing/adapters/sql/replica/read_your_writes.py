"""Read your own writes, also with a replica that lags."""

from collections.abc import Callable
from typing import TypeVar

from ticketing.adapters.sql.replica.wal_position import PrimaryWalPosition
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.unit_of_work import Transactions

T = TypeVar("T")


class ReadYourWrites:
    """``Transactions`` whose changes this process sees in its next read."""

    def __init__(
        self, transactions: Transactions[ProgrammeWork], wal_position: PrimaryWalPosition
    ) -> None:
        self._transactions = transactions
        self._wal_position = wal_position

    def __call__(self, work: Callable[[ProgrammeWork], T]) -> T:
        try:
            return self._transactions(work)
        finally:
            self._wal_position.expire()
