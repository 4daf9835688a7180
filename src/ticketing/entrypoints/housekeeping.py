"""Periodic jobs of a server process, such as purging old rows."""

import logging
import random
import time
from collections.abc import Callable
from threading import Thread

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
