"""Group commit: requests that wait at the same moment share one transaction.

A small transaction costs the same whatever it does: waking up, a few messages, one flush. So
requests that arrive while one is running wait for its end, and then run together.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from copy import copy
from typing import Generic, Protocol, TypeVar

from ticketing.domain.errors import Busy, DomainError, OutcomeUnknown
from ticketing.domain.unit_of_work import POSTPONED, DecideBatch, Outcome, Postponement

Work = TypeVar("Work")
Work_co = TypeVar("Work_co", covariant=True)
Request = TypeVar("Request")
Result = TypeVar("Result")
T = TypeVar("T")

MAX_BATCH = 32
MAX_ALONE = 4
"""Requests that are decided alone at the same time. They may wait for locks, each on a connection
of its own."""
_PLACE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Attempt(Protocol[Work_co]):
    """Run ``work`` once in a transaction; a ``brief`` one gives up soon where it has to wait."""

    def __call__(self, work: Callable[[Work_co], T], *, brief: bool) -> T: ...


class Retry(Protocol):
    """Repeat an attempt while the store is busy."""

    def __call__(self, attempt: Callable[[], T]) -> T: ...


class _Postponed(Exception):
    """The request has to be decided again."""


class _NoSuccess(Exception):
    """Rolls back a batch in which no request succeeded."""


class _Waiting(Generic[Request, Result]):
    """A request whose thread waits: for its outcome, or to lead the next batch."""

    def __init__(self, request: Request, shard: Hashable) -> None:
        self.request = request
        self.shard = shard
        self.leads = False
        self.outcome: Outcome[Result] = POSTPONED
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
    one. A request that is postponed, or whose batch fails before its commit, is decided again
    alone by its own thread, so it delays no other.
    """

    def __init__(
        self,
        retry: Retry,
        attempt: Attempt[Work],
        decide: DecideBatch[Work, Request, Result],
        shard: Callable[[Request], Hashable],
        observe: Callable[[int], None] = lambda size: None,
        connections: int = 2 * MAX_ALONE,
    ) -> None:
        """``observe`` receives the size of each batch.

        At most half of the ``connections`` wait for locks, so that others are free.
        """
        self._retry = retry
        self._attempt = attempt
        self._decide = decide
        self._shard = shard
        self._observe = observe
        self._guard = threading.Lock()
        self._queue: deque[_Waiting[Request, Result]] = deque()
        self._has_leader = False
        self._places = threading.BoundedSemaphore(max(1, min(MAX_ALONE, connections // 2)))

    @property
    def waiting(self) -> int:
        """The number of requests that wait for the next batch."""
        return len(self._queue)

    def __call__(self, request: Request) -> Result:
        """Return the result for ``request``, or raise its refusal."""
        was_in_batch = False

        def attempt() -> Result:
            nonlocal was_in_batch
            if not was_in_batch:
                was_in_batch = True
                with suppress(_Postponed):
                    return _result(self._together(request))
            return self._alone(request)

        return self._retry(attempt)

    def _together(self, request: Request) -> Outcome[Result]:
        mine = _Waiting[Request, Result](request, self._shard(request))
        with self._guard:
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
        """Set the outcomes. Until they are decided, they are ``POSTPONED``."""
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
        except _NoSuccess:
            pass
        except Busy as busy:
            _set(batch, [_copy(busy) for _ in batch])
            return
        except Exception:  # the request at fault raises it again, alone
            _log.exception("A batch of %d requests failed.", len(batch))
            return
        _set(batch, decided)

    def _pass_lead_on(self) -> None:
        with self._guard:
            self._has_leader = bool(self._queue)
            following = self._queue[0] if self._queue else None
        if following:
            following.leads = True
            following.wake()

    def _alone(self, request: Request) -> Result:
        def work(store: Work) -> Result:
            return _result(*self._decide(store, [request], wait=True))

        if not self._places.acquire(timeout=_PLACE_SECONDS):
            raise Busy()
        try:
            return self._attempt(work, brief=False)
        except _Postponed as error:
            raise Busy() from error
        finally:
            self._places.release()


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
        raise _Postponed
    if not isinstance(outcome, DomainError):
        return outcome
    try:
        raise outcome
    finally:
        del outcome
