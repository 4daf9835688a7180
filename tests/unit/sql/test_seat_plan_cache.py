"""The cache of seat plans and of sold-out shows."""

import pytest

from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId

SHOW = ShowId(1)
PLAN, OTHER = plain_grid(10, 5), plain_grid(20, 5)


class Ticks:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def cache(ticks):
    return SeatPlanCache(ticks)


def test_a_plan_stays_until_it_is_discarded(cache):
    assert cache.plan(SHOW, lambda: PLAN) == PLAN
    assert cache.plan(SHOW, lambda: OTHER) == PLAN
    cache.discard_plan(SHOW)
    assert cache.plan(SHOW, lambda: OTHER) == OTHER


def test_a_failed_read_is_not_cached(cache):
    with pytest.raises(ZeroDivisionError):
        cache.plan(SHOW, lambda: 1 // 0)
    assert cache.plan(SHOW, lambda: PLAN) == PLAN


def test_free_seats_are_counted_once_a_second(cache, ticks):
    assert cache.is_full(SHOW, lambda: True)
    ticks.now += 0.9
    assert cache.is_full(SHOW, lambda: False)
    assert not cache.is_full(ShowId(2), lambda: False)
    ticks.now += 0.1
    assert not cache.is_full(SHOW, lambda: False)
