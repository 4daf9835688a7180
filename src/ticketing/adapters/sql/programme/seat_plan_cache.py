"""What a process knows of shows without asking."""

import time
from collections.abc import Callable

from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import ShowId

_MOST = 10_000


class KnownShows:
    """Seat plans, which may have changed: whoever uses one checks it once the seats are locked.

    And, for a second, whether a show was sold out: to count that takes longer than a sale.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._plans: dict[ShowId, SeatPlan] = {}
        self._full: dict[ShowId, tuple[bool, float]] = {}

    def plan(self, show_id: ShowId) -> SeatPlan | None:
        return self._plans.get(show_id)

    def learn_plan(self, show_id: ShowId, plan: SeatPlan) -> None:
        if len(self._plans) >= _MOST:
            self._plans.clear()
        self._plans[show_id] = plan

    def forget_plan(self, show_id: ShowId) -> None:
        self._plans.pop(show_id, None)

    def is_full(self, show_id: ShowId, count: Callable[[], bool]) -> bool:
        """Whether no seat was free when it was last counted, a second ago at most."""
        known, until = self._full.get(show_id, (False, float("-inf")))
        if self._monotonic() < until:
            return known
        if len(self._full) >= _MOST:
            self._full.clear()
        asked_at = self._monotonic()
        full = count()
        self._full[show_id] = full, asked_at + 1
        return full
