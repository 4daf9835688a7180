"""The storage of rate limits in the memory of a process."""

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from ticketing.entrypoints.http.web import rate_limiter
from ticketing.entrypoints.http.web.rate_limiter import SWEEP_SECONDS, Counters

THREE_A_MINUTE = parse("3/minute")


class Ticks:
    """A clock set by the test."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def counters(ticks):
    return Counters(Counters.URI, ticks)


@pytest.fixture
def limiter(counters):
    return FixedWindowRateLimiter(counters)


def hits(limiter, times, *whose):
    return [limiter.hit(THREE_A_MINUTE, *whose) for _ in range(times)]


def left(limiter, *whose):
    return limiter.get_window_stats(THREE_A_MINUTE, *whose).remaining


def test_requests_up_to_the_limit_are_allowed(limiter):
    assert hits(limiter, 4, "maria") == [True] * 3 + [False]
    assert left(limiter, "maria") == 0


def test_a_window_starts_with_the_first_request(limiter, ticks):
    hits(limiter, 2, "maria")
    ticks.now += 59
    assert left(limiter, "maria") == 1
    assert hits(limiter, 2, "maria") == [True, False]
    ticks.now += 1
    assert left(limiter, "maria") == 3
    assert hits(limiter, 1, "maria") == [True]
    assert left(limiter, "maria") == 2


def test_clients_and_limits_are_counted_separately(limiter):
    hits(limiter, 2, "buying", "maria")

    assert left(limiter, "buying", "otto") == 3
    assert left(limiter, "watching", "maria") == 3


def test_expired_windows_are_swept(limiter, counters, ticks):
    for number in range(100):
        hits(limiter, 1, str(number))
    ticks.now += 60 + SWEEP_SECONDS

    hits(limiter, 1, "maria")

    assert len(counters._windows) == 1


def test_counts_can_be_cleared(limiter, counters):
    hits(limiter, 3, "maria")
    hits(limiter, 2, "otto")

    limiter.clear(THREE_A_MINUTE, "maria")
    assert (left(limiter, "maria"), left(limiter, "otto")) == (3, 1)
    counters.reset()
    assert left(limiter, "otto") == 3


def test_the_number_of_windows_is_limited(counters, monkeypatch):
    monkeypatch.setattr(rate_limiter, "MAX_WINDOWS", 10)
    for number in range(25):
        assert counters.incr(f"address-{number}", 3600) == 1
        assert len(counters._windows) <= 10
    assert counters.get("address-0") == 0
    assert counters.incr("address-24", 3600) == 2


def test_a_sweep_of_a_full_storage_makes_room_for_many(counters, ticks, monkeypatch):
    """Else, while few windows expire, every few requests sweep again."""
    monkeypatch.setattr(rate_limiter, "MAX_WINDOWS", 10)
    counters.incr("soon expired", 1)
    for number in range(9):
        counters.incr(f"address-{number}", 3600)
    ticks.now += 2
    counters.incr("maria", 3600)
    assert len(counters._windows) == 6
    assert counters.get("address-8") == 1
