"""What a process remembers of shows and seat plans between transactions."""

import time
from collections.abc import Callable
from operator import attrgetter
from threading import Condition, Lock
from typing import Any, NamedTuple

from cachetools import LRUCache, TTLCache, cachedmethod

from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.show import ShowId

MAX_SHOWS = 10_000
MAX_SEATS_OF_PLANS = 60_000
"""Of all cached plans together: about 65 MB."""


def _id(_cache: object, id_: int, _read: Callable[[], Any]) -> int:
    return id_


class PlanOfRow(NamedTuple):
    """What a row of a screen or show says about its plan.

    Servers of the previous release write and change the two numbers only.
    """

    plan_id: PlanId | None
    total_seats: int
    seats_per_row: int


class SeatPlanCache:
    """Which plan a show has, which may be out of date: a sale compares plans once its seats are
    locked. And the plans themselves, which never change.

    And whether a show is sold out, counted up to 1 s ago: to count takes longer than a sale.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._parsing = Condition()
        self._shows: LRUCache[ShowId, PlanOfRow] = LRUCache(MAX_SHOWS)
        self._plans: LRUCache[PlanId, SeatPlan] = LRUCache(
            MAX_SEATS_OF_PLANS, getsizeof=attrgetter("total_seats")
        )
        self._full: TTLCache[ShowId, bool, float] = TTLCache(MAX_SHOWS, ttl=1, timer=monotonic)

    @cachedmethod(attrgetter("_shows"), _id, attrgetter("_lock"))
    def of_show(self, show_id: ShowId, read: Callable[[], PlanOfRow]) -> PlanOfRow:
        return read()

    def discard_show(self, show_id: ShowId) -> None:
        with self._lock:
            self._shows.pop(show_id, None)

    @cachedmethod(attrgetter("_plans"), _id, condition=attrgetter("_parsing"))
    def plan(self, plan_id: PlanId, read: Callable[[], SeatPlan]) -> SeatPlan:
        """Return the plan; threads that need it while another one parses it wait for that."""
        return read()

    @cachedmethod(attrgetter("_full"), _id, attrgetter("_lock"))
    def is_full(self, show_id: ShowId, count: Callable[[], bool]) -> bool:
        return count()
