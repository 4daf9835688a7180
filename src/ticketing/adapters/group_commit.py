"""Group commit: requests that wait at the same moment share one transaction.

A small transaction costs the same whatever it does: waking up, a few messages, one flush. So
those that come while one is running wait for it, and then run together.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from functools import partial
from typing import Generic, Protocol, TypeVar

from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.unit_of_work import POSTPONED, Decide, Outcome, Postponement

Work = TypeVar("Work")
Work_co = TypeVar("Work_co", covariant=True)
Q = TypeVar("Q")
T = TypeVar("T")
R = TypeVar("R")

MAX_BATCH = 32


class Attempt(Protocol[Work_co]):
    """Run ``work`` once in a transaction; a ``brief`` one gives up soon where it would wait."""

    def __call__(self, work: Callable[[Work_co], R], *, brief: bool) -> R: ...


class Retry(Protocol):
    """Repeat an attempt while the store is busy."""

    def __call__(self, attempt: Callable[[], R]) -> R: ...


class _NothingDone(Exception):
    """Rolls back a batch of which no request succeeded."""


class _Waiting(Generic[Q, T]):
    """A request of a thread that waits: for its outcome, or to lead the next batch."""

    def __init__(self, request: Q, shard: Hashable) -> None:
        self.request = request
        self.shard = shard
        self.leads = False
        self.outcome: Outcome[T] = POSTPONED
        self._wake = threading.Lock()
        self._wake.acquire()

    def wait(self) -> None:
        self._wake.acquire()

    def wake(self) -> None:
        self._wake.release()


class GroupCommit(Generic[Work, Q, T]):
    """Decides requests in batches. The thread that comes first leads.

    The leader takes what waits, up to ``MAX_BATCH``, hands each thread its outcome, and passes the
    lead on to the next in the queue. There is no timer: a request that comes alone is a batch of
    one. What is postponed, or was in a batch that failed, is decided again alone, by its own
    thread and within its own time for retries; so it holds up and spoils only itself.
    """

    def __init__(
        self,
        retry: Retry,
        attempt: Attempt[Work],
        decide: Decide[Work, Q, T],
        shard: Callable[[Q], Hashable],
        observe: Callable[[int], None] = lambda size: None,
    ) -> None:
        """``observe`` is given the size of each batch."""
        self._retry = retry
        self._attempt = attempt
        self._decide = decide
        self._shard = shard
        self._observe = observe
        self._guard = threading.Lock()
        self._queue: deque[_Waiting[Q, T]] = deque()
        self._has_leader = False

    @property
    def waiting(self) -> int:
        """How many requests wait for the next batch."""
        return len(self._queue)

    def __call__(self, request: Q) -> T:
        """Return the result for ``request``, or raise its refusal."""
        attempts = iter([partial(self._together, request)])
        alone = partial(self._alone, request)
        return self._retry(lambda: next(attempts, alone)())

    def _together(self, request: Q) -> T:
        mine = _Waiting[Q, T](request, self._shard(request))
        with self._guard:
            self._queue.append(mine)
            leads, self._has_leader = not self._has_leader, True
        if not leads:
            mine.wait()
        if leads or mine.leads:
            self._lead()
        if isinstance(mine.outcome, Postponement):
            return self._alone(request)
        if isinstance(mine.outcome, DomainError):
            raise mine.outcome
        return mine.outcome

    def _lead(self) -> None:
        with self._guard:
            batch = self._next_batch()
        try:
            outcomes = self._outcomes([each.request for each in batch])
            for each, outcome in zip(batch, outcomes, strict=True):
                each.outcome = outcome
        finally:
            self._pass_lead_on()
            for follower in batch[1:]:
                follower.wake()

    def _next_batch(self) -> list[_Waiting[Q, T]]:
        """Take the first requests of the queue's first shard; the leader's own is at its head."""
        shard = self._queue[0].shard
        batch: list[_Waiting[Q, T]] = []
        others: list[_Waiting[Q, T]] = []
        while self._queue and len(batch) < MAX_BATCH:
            each = self._queue.popleft()
            (batch if each.shard == shard else others).append(each)
        self._queue.extendleft(reversed(others))
        return batch

    def _outcomes(self, requests: Sequence[Q]) -> Sequence[Outcome[T]]:
        self._observe(len(requests))
        decided: list[Outcome[T]] = []

        def work(store: Work) -> None:
            decided.extend(self._decide(store, requests, wait=False))
            if all(isinstance(outcome, DomainError | Postponement) for outcome in decided):
                raise _NothingDone

        try:
            self._attempt(work, brief=True)
        except _NothingDone:
            pass
        except Busy as busy:
            return [copy(busy) for _ in requests]
        except Exception:  # the request at fault will raise it alone
            return [POSTPONED] * len(requests)
        return decided

    def _pass_lead_on(self) -> None:
        with self._guard:
            self._has_leader = bool(self._queue)
            following = self._queue[0] if self._queue else None
        if following:
            following.leads = True
            following.wake()

    def _alone(self, request: Q) -> T:
        def work(store: Work) -> T:
            [outcome] = self._decide(store, [request], wait=True)
            if isinstance(outcome, Postponement):
                raise Busy()
            if isinstance(outcome, DomainError):
                raise outcome
            return outcome

        return self._attempt(work, brief=False)
