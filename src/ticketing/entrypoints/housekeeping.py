"""Periodic jobs of a server process, such as purging old rows."""

import logging
import random
import time
from collections.abc import Callable
from threading import Thread, main_thread

from ticketing.domain.errors import Busy, root_cause

INTERVAL_SECONDS = 3600.0

logger = logging.getLogger(__name__)


def start_housekeeping(
    *jobs: Callable[[], None], sleep: Callable[[float], None] = time.sleep
) -> Thread:
    """Run the jobs about once an hour in a daemon thread.

    The pauses are random, so that several servers do not run the jobs at the same time.
    """

    def run() -> None:
        while True:
            sleep(random.uniform(0.5, 1.5) * INTERVAL_SECONDS)  # noqa: S311 - not a secret
            for job in jobs:
                try:
                    job()
                except Exception:
                    logger.exception("A housekeeping job failed and is retried in about an hour.")

    thread = Thread(target=run, name="housekeeping", daemon=True)
    thread.start()
    return thread


def _process_ends_within(seconds: float) -> bool:
    main_thread().join(seconds)
    return not main_thread().is_alive()


def repeat_each_second(
    name: str, job: Callable[[], None], ends_within: Callable[[float], bool] = _process_ends_within
) -> Thread:
    """Run the job again and again in a thread, with pauses of a second, until the process ends.

    If it fails each time, such as while the database is away, only the first failure is logged.
    """

    def run() -> None:
        is_failing = False
        while not ends_within(1):
            try:
                job()
                is_failing = False
            except Exception as error:
                if not is_failing:
                    _log_failure(name, error)
                is_failing = True

    thread = Thread(target=run, name=name)
    thread.start()
    return thread


def _log_failure(name: str, error: Exception) -> None:
    """Log a fault of ours with its traceback, and a busy store without."""
    faults = error.exceptions if isinstance(error, ExceptionGroup) else [error]
    is_busy = all(isinstance(fault, Busy) for fault in faults)
    logger.log(
        logging.WARNING if is_busy else logging.ERROR,
        "The job %r failed and is retried each second: %s",
        name,
        root_cause(faults[0]),
        exc_info=None if is_busy else error,
    )
