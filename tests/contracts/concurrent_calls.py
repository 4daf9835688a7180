"""Concurrent calls."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

from ticketing.domain.errors import DomainError

MAX_UNLOCKED_SECONDS = 0.1
"""Seconds. A concurrent call that takes longer waits for our lock."""


def all_at_once(act: Callable[[Any], Any], turns: Sequence[Any]) -> list[Any]:
    """Return the answer or refusal of each call, when all start in the same instant."""
    start = Barrier(len(turns))

    def one(turn: Any) -> Any:
        start.wait()
        return answer(act, turn)

    with ThreadPoolExecutor(len(turns)) as pool:
        return list(pool.map(one, turns))


def answer(act: Callable[..., Any], *args: Any) -> Any:
    try:
        return act(*args)
    except DomainError as refusal:
        return refusal


class ConcurrentCall:
    """A call that runs once, during a unit of work of the test."""

    def __init__(self, act: Callable[..., Any], *args: Any) -> None:
        self._turn = (act, *args)
        self._future: Future[Any] | None = None

    def start(self) -> None:
        """Wait until it is done or waits for our lock. Does nothing when our work is retried."""
        if self._future is None:
            thread = ThreadPoolExecutor(1)
            self._future = thread.submit(answer, *self._turn)
            thread.shutdown(wait=False)
            wait([self._future], MAX_UNLOCKED_SECONDS)

    @property
    def is_done(self) -> bool:
        return self._future is not None and self._future.done()

    def result(self) -> Any:
        """Return the answer or refusal."""
        assert self._future is not None
        return self._future.result()
