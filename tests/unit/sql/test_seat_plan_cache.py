"""The cache of seat plans and of sold-out shows."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow, SeatPlanCache
from ticketing.domain.programme.seat_plans.model import PlanId
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId

SHOW = ShowId(1)
PLAN_ID, PLAN = PlanId(7), plain_grid(10, 5)
ROW, OTHER_ROW = PlanOfRow(PLAN_ID, 10, 5), PlanOfRow(None, 20, 5)


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


def test_the_plan_of_a_show_stays_until_it_is_discarded(cache):
    assert cache.of_show(SHOW, lambda: ROW) == ROW
    assert cache.of_show(SHOW, lambda: OTHER_ROW) == ROW
    cache.discard_show(SHOW)
    assert cache.of_show(SHOW, lambda: OTHER_ROW) == OTHER_ROW


def test_a_failed_read_is_not_cached(cache):
    with pytest.raises(ZeroDivisionError):
        cache.plan(PLAN_ID, lambda: 1 // 0)
    assert cache.plan(PLAN_ID, lambda: PLAN) is PLAN


def test_large_plans_do_not_fill_the_memory(cache):
    reads = []

    def read(plan_id):
        reads.append(plan_id)
        return plain_grid(MAX_SEATS)

    for plan_id in (1, 2, 3, 1, 4, 1, 2):
        cache.plan(PlanId(plan_id), partial(read, plan_id))
    assert reads == [1, 2, 3, 4, 2]


def test_threads_that_need_a_plan_at_once_parse_it_once(cache):
    parsing, may_end = Event(), Event()
    reads = []

    def read():
        reads.append(1)
        parsing.set()
        assert may_end.wait(5)
        return PLAN

    with ThreadPoolExecutor(4) as threads:
        plans = [threads.submit(cache.plan, PLAN_ID, read)]
        assert parsing.wait(5)
        plans += [threads.submit(cache.plan, PLAN_ID, read) for _ in range(3)]
        may_end.set()
        assert all(plan.result() is PLAN for plan in plans)
    assert reads == [1]


def test_free_seats_are_counted_once_a_second(cache, ticks):
    assert cache.is_full(SHOW, lambda: True)
    ticks.now += 0.9
    assert cache.is_full(SHOW, lambda: False)
    assert not cache.is_full(ShowId(2), lambda: False)
    ticks.now += 0.1
    assert not cache.is_full(SHOW, lambda: False)
