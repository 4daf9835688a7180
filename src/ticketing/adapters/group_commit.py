"""Group commit: requests that wait at the same moment share one transaction.

A small transaction costs the same whatever it does: waking up, a few messages, one flush. So
requests that arrive while one is running wait for its end, and then run together.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from typing import Generic, Protocol, TypeVar

from cachetools import LRUCache, cached

from ticketing.domain.errors import Busy, DomainError, Locked, OutcomeUnknown, Unreachable
from ticketing.domain.unit_of_work import DecideBatch, Outcome, Postponement

Work = TypeVar("Work")
Work_co = TypeVar("Work_co", covariant=True)
Request = TypeVar("Request")
Result = TypeVar("Result")
T = TypeVar("T")

MAX_BATCH = 32
MAX_GROUPS = 1000
"""More shards than have requests at the same moment; one that is forgotten is made again."""

_log = logging.getLogger(__name__)


class Attempt(Protocol[Work_co]):
    """Run ``work`` once in a transaction; a ``brief`` one gives up soon where it has to wait."""

    def __call__(self, work: Callable[[Work_co], T], *, brief: bool) -> T: ...


class Run(Protocol):
    """Run an attempt, and repeat it while the store is busy.

    The attempt receives whether it may wait for locks of the ``shard``; at first it may not.
    """

    def __call__(self, attempt: Callable[[bool], T], shard: Hashable, /) -> T: ...


class _Postponed(Locked):
    """The request has to be decided again."""


class _NoSuccess(Exception):
    """Rolls back a batch in which no request succeeded."""


class _Waiting(Generic[Request, Result]):
    """A request whose thread waits: for its outcome, or to lead the next batch."""

    def __init__(self, request: Request, shard: Hashable) -> None:
        self.request = request
        self.shard = shard
        self.leads = False
        self.outcome: Outcome[Result] = Busy()  # if the batch fails before it is decided
        self._wake = threading.Lock()
        self._wake.acquire()

    def wait(self) -> None:
        self._wake.acquire()

    def wake(self) -> None:
        self._wake.release()


class GroupCommit(Generic[Work, Request, Result]):
    """Decides requests in batches. The thread that comes first leads.

    The leader takes what waits, up to ``MAX_BATCH``, hands each thread its outcome, and passes the
    lead on to the next in the queue. There is no timer: a request that comes alone is a batch of
    one. A request that is postponed comes again with a later batch. If it has to wait for a lock,
    or if its batch fails before the commit, its own thread decides it alone, so it delays no other.

    After a batch that lost its connection, perhaps after a long wait, requests do not wait for one
    another: those in the queue are refused with it, and while the next one tries, so are others.
    """

    def __init__(
        self,
        run: Run,
        attempt: Attempt[Work],
        decide: DecideBatch[Work, Request, Result],
        shard: Callable[[Request], Hashable],
        is_distributed: Callable[[], bool] = lambda: False,
        observe: Callable[[int], None] = lambda size: None,
    ) -> None:
        """``observe`` receives the size of each batch.

        Where the store ``is_distributed``, a batch has requests of one shard.
        """
        self._run_attempt = run
        self._attempt = attempt
        self._decide = decide
        self._shard = shard
        self._is_distributed = is_distributed
        self._observe = observe
        self._guard = threading.Lock()
        self._queue: deque[_Waiting[Request, Result]] = deque()
        self._has_leader = False
        self._is_lost = False

    @property
    def waiting(self) -> int:
        """The number of requests that wait for the next batch."""
        return len(self._queue)

    def __call__(self, request: Request) -> Result:
        """Return the result for ``request``, or raise its refusal."""
        failed_together = False

        def attempt(wait: bool) -> Result:
            nonlocal failed_together
            if wait or failed_together:
                return self._alone(request, wait=wait)
            try:
                return _result(self._together(request))
            except Busy as busy:
                failed_together = not isinstance(busy, _Postponed | Unreachable)
                raise

        return self._run_attempt(attempt, self._shard(request))

    def _together(self, request: Request) -> Outcome[Result]:
        shard = self._is_distributed() and self._shard(request)
        mine = _Waiting[Request, Result](request, shard)
        with self._guard:
            if self._has_leader and self._is_lost:
                raise Unreachable()
            self._queue.append(mine)
            leads, self._has_leader = not self._has_leader, True
        if not leads:
            mine.wait()
        if leads or mine.leads:
            self._lead()
        return mine.outcome

    def _lead(self) -> None:
        with self._guard:
            batch = self._next_batch()
        try:
            self._run(batch)
        finally:
            self._pass_lead_on()
            for follower in batch[1:]:
                follower.wake()

    def _next_batch(self) -> list[_Waiting[Request, Result]]:
        """Take the first requests of the queue's first shard; the leader's own is at its head."""
        shard = self._queue[0].shard
        batch: list[_Waiting[Request, Result]] = []
        others: list[_Waiting[Request, Result]] = []
        while self._queue and len(batch) < MAX_BATCH:
            waiting = self._queue.popleft()
            (batch if waiting.shard == shard else others).append(waiting)
        self._queue.extendleft(reversed(others))
        return batch

    def _run(self, batch: Sequence[_Waiting[Request, Result]]) -> None:
        """Set the outcomes."""
        requests = [waiting.request for waiting in batch]
        decided: list[Outcome[Result]] = []
        self._observe(len(batch))

        def work(store: Work) -> None:
            decided.extend(self._decide(store, requests, wait=False))
            if all(isinstance(outcome, DomainError | Postponement) for outcome in decided):
                raise _NoSuccess
            # From here on it may be committed, even if its thread dies: never repeat it.
            _set(batch, [OutcomeUnknown() for _ in batch])

        try:
            self._attempt(work, brief=True)
            self._is_lost = False
        except _NoSuccess:
            self._is_lost = False
        except Busy as busy:
            self._is_lost = isinstance(busy, Unreachable | OutcomeUnknown)
            _set(batch, [_copy(busy) for _ in batch])
            return
        except Exception:  # the request at fault raises it again, alone
            _log.exception("A batch of %d requests failed.", len(batch))
            return
        _set(batch, decided)

    def _pass_lead_on(self) -> None:
        refused: list[_Waiting[Request, Result]] = []
        with self._guard:
            if self._is_lost:
                refused.extend(self._queue)
                self._queue.clear()
            self._has_leader = bool(self._queue)
            following = self._queue[0] if self._queue else None
        _set(refused, [Unreachable() for _ in refused])
        for waiting in refused:
            waiting.wake()
        if following:
            following.leads = True
            following.wake()

    def _alone(self, request: Request, *, wait: bool) -> Result:
        def work(store: Work) -> Result:
            return _result(*self._decide(store, [request], wait=wait))

        return self._attempt(work, brief=not wait)


def by_shard(
    group: Callable[[], Callable[[Request], T]], shard: Callable[[Request], Hashable]
) -> Callable[[Request], T]:
    """Return a function that gives each shard a ``group`` of its own."""

    @cached(LRUCache(MAX_GROUPS), lock=threading.Lock())
    def group_of(_shard: Hashable) -> Callable[[Request], T]:
        return group()

    return lambda request: group_of(shard(request))(request)


def _set(batch: Sequence[_Waiting[Request, Result]], outcomes: Sequence[Outcome[Result]]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        waiting.outcome = outcome


def _copy(busy: Busy) -> Busy:
    """Return a copy for another thread, since raising an exception changes it."""
    copied = copy(busy)
    copied.__cause__ = busy.__cause__
    return copied


def _result(outcome: Outcome[Result]) -> Result:
    """Return the result. Raises the refusal, or _Postponed.

    No frame of its traceback refers to the refusal: that would be a cycle, which only the garbage
    collector removes.
    """
    if isinstance(outcome, Postponement):
        raise _Postponed()
    if not isinstance(outcome, DomainError):
        return outcome
    try:
        raise outcome
    finally:
        del outcome
