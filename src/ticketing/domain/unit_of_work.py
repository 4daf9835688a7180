"""Transactions."""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
Work_co = TypeVar("Work_co", covariant=True)


class Transactions(Protocol[Work_co]):
    """Run ``work`` in one transaction, and retry while the store is busy.

    ``work`` receives the slice of the store that its service needs. It may run more than once, so
    it must have no other side effects. Raises Busy when the time for retries is over, and
    OutcomeUnknown when the answer to the commit was lost.
    """

    def __call__(self, work: Callable[[Work_co], T]) -> T: ...


class NotifyingTransactions(Generic[Work_co]):
    """``Transactions`` that call each of ``on_change`` after every attempt to change the store.

    Also after a failed one: its commit may have succeeded.
    """

    def __init__(
        self, transactions: Transactions[Work_co], on_change: Iterable[Callable[[], None]]
    ) -> None:
        self._transactions = transactions
        self._on_change = tuple(on_change)

    def __call__(self, work: Callable[[Work_co], T]) -> T:
        try:
            return self._transactions(work)
        finally:
            for notify in self._on_change:
                notify()
