"""One read for all concurrent calls with the same key."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ticketing.adapters.sql.engine.single_flight import SingleFlight

TIMEOUT_SECONDS = 10.0  # seconds until a test that hangs fails


class Looked:
    """A key that reports when it is looked up."""

    def __init__(self):
        self.up = threading.Semaphore(0)
        self._seen = set()

    def __hash__(self):
        if threading.get_ident() not in self._seen:
            self._seen.add(threading.get_ident())
            self.up.release()
        return 1


class Store:
    """Counts its reads; the first one takes until it is released."""

    def __init__(self):
        self.reads = 0
        self.started, self.go_on = threading.Event(), threading.Event()

    def read(self):
        self.reads += 1
        number = self.reads
        if number == 1:
            self.started.set()
            assert self.go_on.wait(TIMEOUT_SECONDS)
        return number


@pytest.fixture
def shared():
    return SingleFlight()


@pytest.fixture
def store():
    return Store()


def test_a_single_caller_reads_each_time(shared, store):
    store.go_on.set()

    assert [shared("map", store.read) for _ in range(3)] == [1, 2, 3]


def test_callers_during_a_read_share_the_next_one(shared, store):
    key = Looked()
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(shared, key, store.read)
        assert store.started.wait(TIMEOUT_SECONDS)
        late = [pool.submit(shared, key, store.read) for _ in range(4)]
        for _ in range(5):
            assert key.up.acquire(timeout=TIMEOUT_SECONDS)
        store.go_on.set()

        assert first.result(TIMEOUT_SECONDS) == 1
        assert [each.result(TIMEOUT_SECONDS) for each in late] == [2, 2, 2, 2]
    assert store.reads == 2


def test_other_keys_do_not_wait(shared, store):
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(shared, 1, store.read)
        assert store.started.wait(TIMEOUT_SECONDS)
        assert shared(2, store.read) == 2
        store.go_on.set()
        assert first.result(TIMEOUT_SECONDS) == 1


def test_a_failure_is_raised_to_all_who_share_the_read_and_not_kept(shared, store):
    def fails():
        raise LookupError

    key = Looked()
    with ThreadPoolExecutor(3) as pool:
        pool.submit(shared, key, store.read)
        assert store.started.wait(TIMEOUT_SECONDS)
        late = [pool.submit(shared, key, fails) for _ in range(2)]
        for _ in range(3):
            assert key.up.acquire(timeout=TIMEOUT_SECONDS)
        store.go_on.set()
        for each in late:
            with pytest.raises(LookupError):
                each.result(TIMEOUT_SECONDS)

    assert shared(key, store.read) == 2
