"""Transactions that find something locked."""

from contextlib import ExitStack
from itertools import chain, repeat

import pytest

from ticketing.adapters.compartment import Compartment
from ticketing.adapters.sql.engine.lock_waits import LockWaits
from ticketing.adapters.sql.engine.retry import LOCKED_SECONDS, MIN_TRIES, Retry
from ticketing.domain.errors import Busy, Locked, Overloaded

PLACES = 2


class Time:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Attempt:
    """Notes at which times it was made without and with waiting; ``outcomes`` are in order."""

    def __init__(self, time, outcomes, wait_seconds=2.0):
        self._time = time
        self._outcomes = iter(outcomes)
        self._wait_seconds = wait_seconds
        self.brief, self.waited = [], []

    def __call__(self, wait):
        (self.waited if wait else self.brief).append(self._time.now)
        self._time.now += self._wait_seconds if wait else 0.001
        outcome = next(self._outcomes)
        if isinstance(outcome, type):
            raise outcome
        return outcome


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def places():
    return Compartment("waits", PLACES)


@pytest.fixture
def run(time, places):
    return LockWaits(Retry(monotonic=time, sleep=time.sleep), places, time)


@pytest.fixture
def locked(time):
    def locked(times=None, then="done", **details):
        failures = repeat(Locked) if times is None else repeat(Locked, times)
        return Attempt(time, chain(failures, [then]), **details)

    return locked


@pytest.fixture
def all_places_held(places):
    with ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(places.place("locked show"))
        yield


def refused(run, attempt, *key):
    with pytest.raises(Overloaded):
        run(attempt, *key)
    return attempt


def test_a_lock_that_is_soon_free_needs_no_place(run, locked, all_places_held):
    attempt = locked(times=5)
    assert run(attempt, "another show") == "done"
    assert len(attempt.brief) == 6
    assert attempt.waited == []


def test_after_a_quarter_of_a_second_it_waits_in_a_place(run, time, places):
    def attempt(wait):
        time.now += 0.01
        if not wait:
            raise Locked
        assert "a show" in places
        return time.now

    assert run(attempt, "a show") <= 100 + LOCKED_SECONDS + 0.02
    assert "a show" not in places


def test_without_a_place_it_is_refused_after_a_quarter_of_a_second(
    run, time, locked, all_places_held
):
    attempt = refused(run, locked(), "another show")
    assert attempt.waited == []
    assert LOCKED_SECONDS - 0.02 <= time.now - 100 <= LOCKED_SECONDS + 0.001


def test_on_a_slow_machine_it_is_tried_a_few_times_nevertheless(run, time, all_places_held):
    tries = []

    def attempt(wait):
        tries.append(time.now)
        time.now += LOCKED_SECONDS
        if len(tries) < MIN_TRIES:
            raise Locked
        return "done"

    assert run(attempt, "another show") == "done"


def test_work_that_locks_the_same_is_refused_after_one_attempt(run, locked, all_places_held):
    attempt = refused(run, locked(), "locked show")
    assert (attempt.brief, attempt.waited) == ([100], [])


def test_work_of_that_key_that_finds_nothing_locked_succeeds(run, locked, all_places_held):
    """Such as a sale of a free seat, while customers wait for another seat of its show."""
    assert run(locked(times=0), "locked show") == "done"


def test_all_places_of_a_key_are_enough_to_refuse_its_work(time, locked):
    places = Compartment("waits", PLACES, per_key=1)
    run = LockWaits(Retry(monotonic=time, sleep=time.sleep), places, time)
    with places.place("locked show"):
        assert len(refused(run, locked(), "locked show").brief) == 1
        attempt = locked(times=5)
        assert run(attempt, "another show") == "done"
        assert len(attempt.brief) == 6


def test_work_without_a_key_is_not_refused_because_of_others(run, locked, places):
    with ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(places.place())
        assert run(locked(times=0)) == "done"
        assert len(refused(run, locked()).brief) > 1


def test_what_was_waited_for_in_vain_is_tried_once(run, time, places, locked):
    with pytest.raises(Locked):
        run(locked(), "a show")
    attempt = locked(times=1)
    assert run(attempt, "a show") == "done"
    assert (len(attempt.brief), len(attempt.waited)) == (1, 1)


def test_a_wait_that_succeeds_ends_that(run, time, locked):
    with pytest.raises(Locked):
        run(locked(), "a show")
    run(locked(times=1), "a show")
    attempt = locked(times=2)
    run(attempt, "a show")
    assert (len(attempt.brief), attempt.waited) == (3, [])


def test_a_second_ends_that_too(run, time, locked):
    with pytest.raises(Locked):
        run(locked(), "a show")
    time.now += 1.0
    attempt = locked(times=2)
    run(attempt, "a show")
    assert (len(attempt.brief), attempt.waited) == (3, [])


def test_other_work_is_tried_as_before(run, locked):
    for key in ("a show", None):
        with pytest.raises(Locked):
            run(locked(), key)
    for key in ("another show", None):
        attempt = locked(times=2)
        run(attempt, key)
        assert (len(attempt.brief), attempt.waited) == (3, [])


def test_another_fault_of_the_store_needs_no_place(run, time, all_places_held):
    attempt = Attempt(time, [Busy, Busy, "done"])
    assert run(attempt, "another show") == "done"
    assert attempt.waited == []


def test_a_wait_has_an_end(run, time, locked):
    attempt = locked()
    with pytest.raises(Locked):
        run(attempt, "a show")
    assert len(attempt.waited) == 1
    assert time.now <= 100 + LOCKED_SECONDS + 2.0 + 0.001
