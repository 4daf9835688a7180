"""Run work in the background."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from threading import Lock, Thread, main_thread

from ticketing.domain.accounts.ports import Quota

FINISH_SECONDS = 5.0
"""For waiting tasks to begin when the process ends, before the server's supervisor kills it."""

logger = logging.getLogger(__name__)


def _process_ends() -> bool:
    return not main_thread().is_alive()


class BackgroundWorker:
    """The ``Background`` port: tasks in the order of their arrival, in a few threads.

    Threads start with the tasks and end when none is waiting; the process waits for them. When it
    ends, waiting tasks have ``FINISH_SECONDS`` to begin. ``task`` names what the log says was
    dropped.
    """

    def __init__(
        self,
        task: str,
        threads: int = 1,
        max_waiting: int = 100,
        process_ends: Callable[[], bool] = _process_ends,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._task = task
        self._threads = threads
        self._max_waiting = max_waiting
        self._process_ends = process_ends
        self._clock = clock
        self._latest_start: float | None = None
        self._waiting: deque[tuple[Callable[[], None], list[Quota]]] = deque()
        self._unfinished: Counter[Quota] = Counter()
        self._running = 0
        self._lock = Lock()

    def __call__(self, work: Callable[[], None], quotas: Mapping[Quota, int]) -> None:
        with self._lock:
            reason = self._refusal(quotas) or self._start_thread()
            if reason is None:
                self._waiting.append((work, list(quotas)))
                self._unfinished.update(quotas.keys())
        if reason is not None:
            self._log_dropped(reason)

    def _start_thread(self) -> str | None:
        """Start one if fewer than ``threads`` run; return why no thread can take the task."""
        if self._running < self._threads:
            try:
                Thread(target=self._work, name=self._task, daemon=False).start()
            except RuntimeError as error:  # the system's limit of threads, such as TasksMax
                return None if self._running else str(error)
            self._running += 1
        return None

    def _refusal(self, quotas: Mapping[Quota, int]) -> str | None:
        if len(self._waiting) >= self._max_waiting:
            return f"{self._max_waiting} are waiting"
        for quota, limit in quotas.items():
            if self._unfinished[quota] >= limit:
                return f"{limit} are waiting for the same {quota.kind}"
        return None

    def _log_dropped(self, reason: str) -> None:
        logger.warning("A %s was dropped: %s.", self._task, reason)

    def _work(self) -> None:
        while next_task := self._next():
            work, quotas = next_task
            try:
                work()
            except Exception as error:  # its text may hold personal data or secrets
                logger.error("A %s failed: %s", self._task, type(error).__name__)
            finally:
                with self._lock:
                    self._unfinished -= Counter(quotas)

    def _next(self) -> tuple[Callable[[], None], list[Quota]] | None:
        """Return the next task; without one, or too late for it, end this thread."""
        with self._lock:
            dropped = list(self._waiting) if self._is_too_late() else []
            if self._waiting and not dropped:
                return self._waiting.popleft()
            self._waiting.clear()
            for _, quotas in dropped:
                self._unfinished -= Counter(quotas)
                self._log_dropped("the server stops")
            self._running -= 1
            return None

    def _is_too_late(self) -> bool:
        if not self._process_ends():
            return False
        if self._latest_start is None:
            self._latest_start = self._clock() + FINISH_SECONDS
        return self._clock() >= self._latest_start
