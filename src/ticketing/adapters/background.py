"""Run work in the background."""

import logging
from collections.abc import Callable
from queue import Full, Queue
from threading import Lock, Thread

logger = logging.getLogger(__name__)


class BackgroundWorker:
    """The ``Background`` port: one task after another, in a thread that starts with the first.

    Tasks that are waiting when the process ends are lost.
    """

    def __init__(self, max_waiting: int = 100) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue(max_waiting)
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self, work: Callable[[], None]) -> None:
        with self._starting:
            if self._thread is None:  # not earlier: server processes are forked
                self._thread = Thread(target=self._work, name="background", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(work)
        except Full:
            logger.warning("The background queue is full: a task was dropped.")

    def finish(self) -> None:
        """Wait until all tasks are done."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            try:
                work()
            except Exception as error:  # its text may hold personal data or secrets
                logger.error("A background task failed: %s", type(error).__name__)
            finally:
                self._waiting.task_done()
