"""What a server does now and then, beside serving."""

import logging
import random
import time
from collections.abc import Callable
from threading import Thread

_AN_HOUR = 3600.0

logger = logging.getLogger(__name__)


def keep_house(*chores: Callable[[], None], wait: Callable[[float], None] = time.sleep) -> Thread:
    """Do the chores about once an hour, for ever, in a thread that ends with the process.

    The pauses, in seconds, are drawn at random, so that several servers do not keep in step.
    """

    def keep() -> None:
        while True:
            wait(random.uniform(0.5, 1.5) * _AN_HOUR)  # noqa: S311 - no secret
            for chore in chores:
                _attempt(chore)

    thread = Thread(target=keep, name="housekeeping", daemon=True)
    thread.start()
    return thread


def _attempt(chore: Callable[[], None]) -> None:
    try:
        chore()
    except Exception:  # whatever it was, it may be over in an hour
        logger.exception("The chore has to wait.")
