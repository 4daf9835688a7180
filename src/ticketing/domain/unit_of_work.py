"""Transactions."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from ticketing.domain.errors import DomainError

T = TypeVar("T")
Q = TypeVar("Q")
Work_co = TypeVar("Work_co", covariant=True)
Work_contra = TypeVar("Work_contra", contravariant=True)
Q_contra = TypeVar("Q_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Transactions(Protocol[Work_co]):
    """Run ``work`` in one transaction, and retry while the store is busy.

    ``work`` receives the slice of the store that its service needs. It may run more than once, so
    it must have no other side effects. Raises Busy when the time for retries is over, and
    OutcomeUnknown when the answer to the commit was lost.
    """

    def __call__(self, work: Callable[[Work_co], T]) -> T: ...


class Postponement(Enum):
    """The outcome of a request that needs what another transaction has locked."""

    POSTPONED = "postponed"


POSTPONED: Final = Postponement.POSTPONED

Outcome: TypeAlias = T | DomainError | Postponement


class Decide(Protocol[Work_contra, Q_contra, T_co]):
    """Decide a batch of requests in turn, and return the outcome of each.

    If it may not ``wait`` for locks, requests that would have to are ``POSTPONED``. The transaction
    is committed if any request succeeded.
    """

    def __call__(
        self, work: Work_contra, requests: Sequence[Q_contra], *, wait: bool
    ) -> Sequence[Outcome[T_co]]: ...


class GroupTransactions(Transactions[Work_co], Protocol[Work_co]):
    """Transactions that can also be shared by several callers."""

    def grouped(
        self, decide: Decide[Work_co, Q, T], shard: Callable[[Q], Hashable]
    ) -> Callable[[Q], T]:
        """Return a function that ``decide``s its callers' requests, in one transaction for those
        who wait at the same moment, and raises what it raised for the caller's own.

        Where shards are on several machines, only requests of one ``shard`` are put together.
        """


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
