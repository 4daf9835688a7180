"""Retries while the store is busy: the only place that repeats anything."""

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.domain.errors import Busy, Locked, Unreachable

T = TypeVar("T")

_UNREACHABLE_SECONDS = 1.0
LOCKED_SECONDS = 0.25
"""How long a transaction tries again while something is locked, before it has to wait."""
MIN_TRIES = 5
"""How often it does so at least: on a busy machine one attempt may take that long."""


class Retry:
    """Repeats an attempt that raised Busy, for at most ``budget`` seconds.

    Pauses are random, up to a limit that doubles from 5 to 200 ms, so that transactions that
    collided once do not collide again.

    After a store could not be reached for the whole budget, further calls try only once, for one
    second: else each request would wait in turn, and the server would hang instead of refusing.
    """

    def __init__(
        self,
        budget: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._budget = budget
        self._monotonic = monotonic
        self._sleep = sleep
        self._telemetry = telemetry
        self._unreachable_until = float("-inf")

    def __call__(self, attempt: Callable[[], T]) -> T:
        """Return the result of the first successful attempt. Raises the last Busy."""
        deadline = self._monotonic() + self._budget
        pauses = _pauses(0.2)
        while True:
            try:
                return attempt()
            except Busy as busy:
                pause = next(pauses)
                if not busy.repeatable or self._is_over(busy, pause, deadline):
                    self._telemetry.failed(busy.code)
                    raise
            self._telemetry.retried()
            self._sleep(pause)

    def while_locked(self, attempt: Callable[[], T]) -> T:
        """Repeat an attempt that raised Locked, for at most ``LOCKED_SECONDS``, in short pauses.

        That is normal while many customers buy, so it is not reported as a retry.
        """
        deadline = self._monotonic() + LOCKED_SECONDS
        pauses, tries = _pauses(0.02), 0
        while True:
            try:
                return attempt()
            except Locked:
                pause, tries = next(pauses), tries + 1
                if tries >= MIN_TRIES and self._monotonic() + pause >= deadline:
                    raise
            self._sleep(pause)

    def _is_over(self, busy: Busy, pause: float, deadline: float) -> bool:
        now = self._monotonic()
        if not isinstance(busy, Unreachable):
            return now + pause >= deadline
        is_over = now + pause >= deadline or now < self._unreachable_until
        if is_over:
            self._unreachable_until = now + _UNREACHABLE_SECONDS
        return is_over


def _pauses(longest: float) -> Iterator[float]:
    """Yield random pauses; their limit doubles from 5 ms to ``longest``."""
    limit = 0.005
    while True:
        yield random.uniform(0, limit)  # noqa: S311 - jitter, not a secret
        limit = min(2 * limit, longest)
