"""What a process remembers of shows between transactions."""

import time
from collections.abc import Callable
from operator import attrgetter
from threading import Lock
from typing import Any

from cachetools import LRUCache, TTLCache, cachedmethod

from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.show import ShowId

MAX_SHOWS = 10_000


def _show_id(_cache: object, show_id: ShowId, _read: Callable[[], Any]) -> ShowId:
    return show_id


class SeatPlanCache:
    """Seat plans, which may be out of date: a sale compares them once its seats are locked.

    And whether a show is sold out, counted up to 1 s ago: to count takes longer than a sale.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._plans: LRUCache[ShowId, SeatPlan] = LRUCache(MAX_SHOWS)
        self._full: TTLCache[ShowId, bool, float] = TTLCache(MAX_SHOWS, ttl=1, timer=monotonic)

    @cachedmethod(attrgetter("_plans"), _show_id, attrgetter("_lock"))
    def plan(self, show_id: ShowId, read: Callable[[], SeatPlan]) -> SeatPlan:
        return read()

    def discard_plan(self, show_id: ShowId) -> None:
        with self._lock:
            self._plans.pop(show_id, None)

    @cachedmethod(attrgetter("_full"), _show_id, attrgetter("_lock"))
    def is_full(self, show_id: ShowId, count: Callable[[], bool]) -> bool:
        return count()
