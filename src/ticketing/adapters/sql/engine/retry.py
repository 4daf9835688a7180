"""Trying again while the store is busy: the one place where anything is repeated."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.domain.errors import Busy, Unreachable

T = TypeVar("T")

_REMEMBERED = 1.0  # seconds


class Retry:
    """Repeats an attempt that found the store busy until ``budget`` seconds are spent.

    The pauses double from 5 to 200 ms and are drawn at random up to that, so that rivals who met
    once do not meet again.

    Who has waited in vain for a store that cannot be reached has done so for all who ask in the
    second after: they try once. Else each thread would be kept waiting for one request after the
    other, and nearly everybody would hang instead of being told.
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
        """The answer of the first attempt that got one. Raises its last Busy."""
        deadline = self._monotonic() + self._budget
        longest = 0.005
        while True:
            try:
                return attempt()
            except Busy as busy:
                pause = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
                if not busy.repeatable or self._is_in_vain(busy, pause, deadline):
                    self._telemetry.failed(busy.code)
                    raise
            self._telemetry.retried()
            self._sleep(pause)
            longest = min(2 * longest, 0.2)

    def _is_in_vain(self, busy: Busy, pause: float, deadline: float) -> bool:
        now = self._monotonic()
        if not isinstance(busy, Unreachable):
            return now + pause >= deadline
        in_vain = now + pause >= deadline or now < self._unreachable_until
        if in_vain:
            self._unreachable_until = now + _REMEMBERED
        return in_vain
