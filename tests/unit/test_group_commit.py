"""Requests that wait at the same moment share a transaction, and nothing else."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from ticketing.adapters.group_commit import MAX_BATCH, GroupCommit
from ticketing.domain.errors import Busy, Conflict, OutcomeUnknown
from ticketing.domain.unit_of_work import POSTPONED

AT_MOST = 10.0


class Taken(Conflict):
    code = "taken"


class Store:
    """Counts its transactions, and decides requests of the form "key: what happens"."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []
        self.rolled_back = 0
        self.failures: list[Exception] = []
        self.is_open = Event()
        self.is_open.set()
        self.is_deciding = Event()
        self.sizes: list[int] = []
        self.group: GroupCommit[Store, str, str] = GroupCommit(
            self.retry, self.attempt, self.decide, self.shard, self.sizes.append
        )
        self.threads = ThreadPoolExecutor(2 * MAX_BATCH)

    def retry(self, attempt: Any) -> Any:
        for _ in range(3):
            try:
                return attempt()
            except Busy as busy:
                if not busy.repeatable:
                    raise
        return attempt()

    def attempt(self, work: Any, *, brief: bool) -> Any:
        if self.failures:
            raise self.failures.pop(0)
        try:
            return work(self)
        except BaseException:
            self.rolled_back += 1
            raise

    def decide(self, work: "Store", requests: Sequence[str], *, wait: bool) -> Sequence[Any]:
        self.is_deciding.set()
        assert self.is_open.wait(AT_MOST)
        outcomes = [self.outcome(request, wait) for request in requests]
        if any(isinstance(outcome, str) for outcome in outcomes):
            self.committed.append(list(requests))
        return outcomes

    def outcome(self, request: str, wait: bool) -> Any:
        match request.partition(": ")[2]:
            case "refused":
                return Taken(request)
            case "locked" if not wait:
                return POSTPONED
            case "poisoned":
                raise ZeroDivisionError(request)
            case "interrupted" if not wait:
                raise KeyboardInterrupt
        return f"done {request}"

    def shard(self, request: str) -> str:
        return request[0]

    def start(self, request: str) -> "Future[str]":
        return self.threads.submit(self.group, request)

    def start_all(self, requests: Sequence[str]) -> "list[Future[str]]":
        """Have a first request lead a batch until all others wait in the queue, in order."""
        self.is_open.clear()
        first, *others = requests
        started = [self.start(first)]
        assert self.is_deciding.wait(AT_MOST)
        for number, request in enumerate(others, start=1):
            started.append(self.start(request))
            while self.group.waiting < number:
                pass
        self.is_open.set()
        return started


@pytest.fixture
def store():
    store = Store()
    yield store
    store.threads.shutdown()


def results(futures):
    return [future.exception(AT_MOST) or future.result() for future in futures]


def test_a_request_alone_is_a_batch_of_one(store):
    assert store.group("a1") == "done a1"
    assert store.sizes == [1]


def test_requests_that_come_during_a_transaction_share_the_next_one(store):
    requests = ["a1", "a2", "a3", "a4"]
    assert results(store.start_all(requests)) == [f"done {request}" for request in requests]
    assert store.committed == [["a1"], ["a2", "a3", "a4"]]
    assert store.sizes == [1, 3]


def test_a_batch_has_a_maximum_size(store):
    results(store.start_all([f"a{number}" for number in range(MAX_BATCH + 3)]))
    assert store.sizes == [1, MAX_BATCH, 2]


def test_only_requests_of_one_shard_share_a_transaction_and_the_others_keep_their_order(store):
    results(store.start_all(["a1", "a2", "b1", "a3", "c1", "b2"]))
    assert store.committed == [["a1"], ["a2", "a3"], ["b1", "b2"], ["c1"]]


def test_a_refusal_reaches_its_own_caller_only(store):
    _, refused, done = store.start_all(["a1", "a2: refused", "a3"])
    assert isinstance(refused.exception(AT_MOST), Taken)
    assert done.result(AT_MOST) == "done a3"


def test_a_batch_without_a_success_is_rolled_back(store):
    _, *refused = store.start_all(["a1", "a2: refused", "a3: refused"])
    assert [type(error) for error in results(refused)] == [Taken, Taken]
    assert (store.committed, store.rolled_back) == ([["a1"]], 1)


def test_a_postponed_request_is_decided_alone_and_holds_up_nobody(store):
    started = store.start_all(["a1", "a2: locked", "a3"])
    assert results(started) == ["done a1", "done a2: locked", "done a3"]
    assert store.committed[1:] == [["a2: locked", "a3"], ["a2: locked"]]


def test_a_fault_of_one_request_reaches_its_own_caller_only(store):
    _, poisoned, done = store.start_all(["a1", "a2: poisoned", "a3"])
    assert isinstance(poisoned.exception(AT_MOST), ZeroDivisionError)
    assert done.result(AT_MOST) == "done a3"


def test_a_batch_that_fails_is_repeated_request_by_request(store):
    store.is_open.clear()
    first = store.start("a1")
    store.is_deciding.wait(AT_MOST)
    store.failures.append(Busy())
    others = [store.start("a2"), store.start("a3")]
    while store.group.waiting < 2:
        pass
    store.is_open.set()
    assert results([first, *others]) == ["done a1", "done a2", "done a3"]
    assert sorted(store.committed[1:]) == [["a2"], ["a3"]]


def test_a_commit_of_unknown_outcome_is_reported_to_all_and_repeated_for_none(store):
    store.is_open.clear()
    first = store.start("a1")
    store.is_deciding.wait(AT_MOST)
    store.failures.append(OutcomeUnknown())
    others = [store.start("a2"), store.start("a3")]
    while store.group.waiting < 2:
        pass
    store.is_open.set()
    assert first.result(AT_MOST) == "done a1"
    errors = results(others)
    assert [type(error) for error in errors] == [OutcomeUnknown, OutcomeUnknown]
    assert errors[0] is not errors[1]  # each has its own traceback
    assert store.committed == [["a1"]]


def test_a_leader_that_is_interrupted_leaves_the_others_to_themselves(store):
    _, leader, follower = store.start_all(["a1", "a2: interrupted", "a3"])
    assert isinstance(leader.exception(AT_MOST), KeyboardInterrupt)
    assert follower.result(AT_MOST) == "done a3"
    assert store.group("a4") == "done a4"
