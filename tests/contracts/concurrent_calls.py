"""People who act at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

from ticketing.domain.errors import DomainError

A_WHILE = 0.1
"""Seconds. A rival who is not done by then has to wait for us; one who is slow spoils no test."""


def all_at_once(act: Callable[[Any], Any], turns: Sequence[Any]) -> list[Any]:
    """What each is told, an answer or a refusal, when all of them act in the same instant."""
    start = Barrier(len(turns))

    def one(turn: Any) -> Any:
        start.wait()
        return answer(act, turn)

    with ThreadPoolExecutor(len(turns)) as crowd:
        return list(crowd.map(one, turns))


def answer(act: Callable[..., Any], *args: Any) -> Any:
    try:
        return act(*args)
    except DomainError as refusal:
        return refusal


class ConcurrentCall:
    """Somebody who does something once, while a unit of work of ours is under way."""

    def __init__(self, act: Callable[..., Any], *args: Any) -> None:
        self._turn = (act, *args)
        self._future: Future[Any] | None = None

    def start(self) -> None:
        """Until they are done, or have to wait for us. Not again when our work is repeated."""
        if self._future is None:
            thread = ThreadPoolExecutor(1)
            self._future = thread.submit(answer, *self._turn)
            thread.shutdown(wait=False)
            wait([self._future], A_WHILE)

    def result(self) -> Any:
        """What they are told in the end, an answer or a refusal."""
        assert self._future is not None
        return self._future.result()
