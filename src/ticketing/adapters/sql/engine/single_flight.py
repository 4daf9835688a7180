"""One read for all threads that request the same at the same time."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

_LANES = 64


class SingleFlight(Generic[T]):
    """Threads that call during a read of the same key share the next read.

    So each read begins after its callers called, and contains everything committed by then.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._next: dict[Hashable, Future[T]] = {}
        self._lanes = [threading.Lock() for _ in range(_LANES)]

    def __call__(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return the result of one caller's ``read``. Raises what it raised."""
        with self._guard:
            joined = self._next.get(key)
            answer: Future[T] = joined or self._next.setdefault(key, Future())
        if joined is None:
            with self._lanes[hash(key) % _LANES]:  # more callers may join while another read runs
                with self._guard:
                    del self._next[key]
                try:
                    answer.set_result(read())
                except BaseException as error:
                    answer.set_exception(error)
        return answer.result()
