"""Retry while the store is busy."""

import pytest

from ticketing.adapters.sql.engine.retry import Retry
from ticketing.domain.errors import Busy, OutcomeUnknown, StorageFull, Unreachable


class Time:
    """A clock that moves only by sleeping and by attempts."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Attempt:
    """Fails several times; each attempt takes a while."""

    def __init__(self, time: Time, failures: int, error: type[Exception] = Busy) -> None:
        self.time = time
        self.failures = failures
        self.error = error
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        self.time.now += 0.01
        if self.made <= self.failures:
            raise self.error(f"attempt {self.made}")
        return self.made


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def retry(time):
    return Retry(budget=2.0, monotonic=time, sleep=time.sleep)


def always_busy(time, error=Busy):
    return Attempt(time, failures=10**6, error=error)


def test_the_first_result_is_returned(retry, time):
    assert retry(Attempt(time, failures=0)) == 1
    assert time.pauses == []


def test_a_busy_store_is_retried(retry, time):
    assert retry(Attempt(time, failures=9)) == 10
    assert len(time.pauses) == 9


def test_the_budget_bounds_all_attempts_and_the_last_refusal_is_raised(retry, time):
    attempt = always_busy(time)
    with pytest.raises(Busy) as refusal:
        retry(attempt)
    assert str(refusal.value) == f"attempt {attempt.made}"
    assert 1.7 < time.now <= 2.01
    assert attempt.made > 10


def test_an_attempt_that_outlasts_the_budget_is_the_last(time):
    attempt = always_busy(time)
    with pytest.raises(Busy):
        Retry(budget=0.01, monotonic=time, sleep=time.sleep)(attempt)
    assert attempt.made == 1
    assert time.pauses == []


def test_pauses_are_random_and_double_up_to_a_fifth_of_a_second(time):
    with pytest.raises(Busy):
        Retry(budget=200, monotonic=time, sleep=time.sleep)(always_busy(time))
    longest = [min(0.005 * 2 ** min(turn, 10), 0.2) for turn in range(len(time.pauses))]
    assert all(0 <= pause <= most for pause, most in zip(time.pauses, longest, strict=True))
    assert 0.15 < max(time.pauses) <= 0.2
    assert len(set(time.pauses)) > len(time.pauses) * 0.9
    assert 0.05 < sum(time.pauses) / len(time.pauses) < 0.15


@pytest.mark.parametrize("error", [StorageFull, OutcomeUnknown, KeyError])
def test_a_fault_that_a_retry_cannot_fix_is_raised_at_once(retry, time, error):
    attempt = always_busy(time, error)
    with pytest.raises(error):
        retry(attempt)
    assert attempt.made == 1


def test_a_store_that_was_just_unreachable_is_not_waited_for(retry, time):
    with pytest.raises(Unreachable):
        retry(always_busy(time, Unreachable))
    for _ in range(3):  # while requests come at least once a second, none waits for it
        time.now += 0.9
        attempt = always_busy(time, Unreachable)
        with pytest.raises(Unreachable):
            retry(attempt)
        assert attempt.made == 1
    time.now += 1.1
    assert retry(Attempt(time, failures=3, error=Unreachable)) == 4


def test_locks_are_waited_for_meanwhile(retry, time):
    with pytest.raises(Unreachable):
        retry(always_busy(time, Unreachable))
    assert retry(Attempt(time, failures=3)) == 4


def test_a_vain_wait_for_a_lock_does_not_shorten_other_waits(retry, time):
    with pytest.raises(Busy):
        retry(always_busy(time))
    assert retry(Attempt(time, failures=3)) == 4
    assert retry(Attempt(time, failures=3, error=Unreachable)) == 4
