"""Transactions."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from ticketing.domain.errors import DomainError

T = TypeVar("T")
Request = TypeVar("Request")
Work_co = TypeVar("Work_co", covariant=True)
Work_contra = TypeVar("Work_contra", contravariant=True)
Request_contra = TypeVar("Request_contra", contravariant=True)
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


class DecideBatch(Protocol[Work_contra, Request_contra, T_co]):
    """DecideBatch a batch of requests in turn, and return the outcome of each.

    If it may not ``wait`` for locks, requests that would have to are ``POSTPONED``. The transaction
    is committed if any request succeeded.
    """

    def __call__(
        self, work: Work_contra, requests: Sequence[Request_contra], *, wait: bool
    ) -> Sequence[Outcome[T_co]]: ...


class GroupTransactions(Transactions[Work_co], Protocol[Work_co]):
    """Transactions that can also be shared by several callers."""

    def grouped(
        self,
        decide: DecideBatch[Work_co, Request, T],
        shard: Callable[[Request], Hashable],
        *,
        by_shard: bool = False,
    ) -> Callable[[Request], T]:
        """Return a function that decides a request by ``decide``, and raises its refusal.

        Requests of several threads that wait at the same moment share a transaction; ``by_shard``,
        or where shards are on several machines, only requests of one ``shard``. Those of other
        shards do not wait for it if ``by_shard``.
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
