"""Queues for SQLite's single writer, so that no writer starves."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ticketing.domain.errors import Busy, StorageFull


class WriteQueue:
    """A lock that threads get in order of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()  # the first one has its turn

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Hold the lock. Raises Busy after ``timeout`` seconds."""
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        try:
            if not mine.wait(timeout):
                raise Busy()
            yield
        finally:
            with self._guard:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()


class FileLockQueue:
    """A lock among the processes of a machine, on a file beside the database."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, thread_local=False, is_singleton=False)

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Hold the lock. Raises Busy after ``timeout`` seconds."""
        try:
            self._lock.acquire(timeout=timeout, poll_interval=0.002)
        except Timeout as error:
            raise Busy() from error
        except OSError as error:  # no space or permission for the file
            raise StorageFull() from error
        try:
            yield
        finally:
            self._lock.release()
