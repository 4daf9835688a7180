"""Transactions on the store in memory, one at a time."""

from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import TypeVar

from ticketing.adapters import group_commit
from ticketing.adapters.group_commit import GroupCommit
from ticketing.adapters.memory.accounts import (
    MemoryAccounts,
    MemoryAuditLog,
    MemoryFailedLogIns,
    MemorySessions,
)
from ticketing.adapters.memory.messages import MemoryOutbox
from ticketing.adapters.memory.programme import MemoryMovies, MemoryScreens
from ticketing.adapters.memory.sales import (
    MemoryBookings,
    MemoryHolds,
    MemoryIdempotencyKeys,
    MemorySeats,
    MemoryShows,
)
from ticketing.adapters.memory.state import State
from ticketing.adapters.memory.waiting_list import MemoryWaitingList
from ticketing.domain.errors import Busy, Locked
from ticketing.domain.unit_of_work import DecideBatch

T = TypeVar("T")
Request = TypeVar("Request")

ATTEMPTS = 5


class MemoryUnitOfWork:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self.movies = MemoryMovies(state)
        self.screens = MemoryScreens(state)
        self.shows = MemoryShows(state)
        self.seats = MemorySeats(state, clock)
        self.bookings = MemoryBookings(state)
        self.holds = MemoryHolds(state, clock)
        self.waiting_list = MemoryWaitingList(state, clock)
        self.idempotency_keys = MemoryIdempotencyKeys(state, clock)
        self.accounts = MemoryAccounts(state)
        self.sessions = MemorySessions(state)
        self.failed_log_ins = MemoryFailedLogIns(state)
        self.audit = MemoryAuditLog(state)
        self.outbox = MemoryOutbox(state)
        self.now = clock


class MemoryTransactions:
    """``state`` is the last commit. It is replaced, never changed, so reads need no lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.state = State()
        self._clock = clock
        self._one_at_a_time = Lock()

    def __call__(self, work: Callable[[MemoryUnitOfWork], T]) -> T:
        return _retry(lambda: self._attempt(work, brief=False))

    def grouped(
        self,
        decide: DecideBatch[MemoryUnitOfWork, Request, T],
        shard: Callable[[Request], Hashable],
        *,
        by_shard: bool = False,
    ) -> Callable[[Request], T]:
        def group() -> Callable[[Request], T]:
            return GroupCommit(_run, self._attempt, decide, shard)

        return group_commit.by_shard(group, shard) if by_shard else group()

    def _attempt(self, work: Callable[[MemoryUnitOfWork], T], *, brief: bool) -> T:
        with self._one_at_a_time:
            state = self.state.copy()
            result = work(MemoryUnitOfWork(state, self._clock))
            self.state = state
            return result


def _run(attempt: Callable[[bool], T], key: Hashable) -> T:
    def once() -> T:
        try:
            return attempt(False)
        except Locked:
            return attempt(True)

    return _retry(once)


def _retry(attempt: Callable[[], T]) -> T:
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Busy as busy:  # retried without a pause: no other transaction is running
            if not busy.repeatable:
                raise
    return attempt()
