"""Work that nobody waits for."""

import logging
from collections.abc import Callable
from queue import Full, Queue
from threading import Lock, Thread

logger = logging.getLogger(__name__)


class AsideThread:
    """The ``Aside`` port: one thing after another, in a thread that begins with the first.

    What is left when the process ends is lost; whoever waits for a mail asks for another.
    """

    def __init__(self, most_waiting: int = 100) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue(most_waiting)
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self, work: Callable[[], None]) -> None:
        with self._starting:
            if self._thread is None:  # not before: server processes are forked
                self._thread = Thread(target=self._work, name="aside", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(work)
        except Full:
            logger.warning("Too much is to be done aside already. This was dropped.")

    def finish(self) -> None:
        """Wait until everything is done."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            try:
                work()
            except Exception as error:  # its text may name a person, or hold what is secret
                logger.error("What was to be done aside failed: %s", type(error).__name__)
            finally:
                self._waiting.task_done()
