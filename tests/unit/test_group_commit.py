"""Requests that wait at the same moment share a transaction, and nothing else."""

import gc
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest

from ticketing.adapters.group_commit import MAX_BATCH, GroupCommit, by_shard
from ticketing.domain.errors import Busy, Conflict, OutcomeUnknown, Unreachable
from ticketing.domain.unit_of_work import POSTPONED

AT_MOST = 10.0


class Taken(Conflict):
    code = "taken"


class Store:
    """Decides requests of the form "key: what happens", and keeps what is committed."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []
        self.rolled_back = 0
        self.gives_up_at_once = False
        self.fails_before: dict[int, BaseException] = {}  # its commit, by the batch's number
        self.fails_after: dict[int, BaseException] = {}
        self.is_open = Event()
        self.is_open.set()
        self.always_open = ""  # the shards that do not wait for it
        self.is_deciding = Event()
        self.seat_is_free = Event()
        self.sizes: list[int] = []
        self.group: GroupCommit[Store, str, str] = GroupCommit(
            self.run, self.attempt, self.decide, self.shard, lambda: True, self.sizes.append
        )
        self.threads = ThreadPoolExecutor(2 * MAX_BATCH)

    def run(self, attempt: Any, shard: Any) -> Any:
        """Try three times without waiting for locks, and then once more."""
        if self.gives_up_at_once:
            return attempt(False)
        for _ in range(3):
            try:
                return attempt(False)
            except Busy as busy:
                if not busy.repeatable:
                    raise
        return attempt(True)

    def attempt(self, work: Any, *, brief: bool) -> Any:
        try:
            result = work(self)
            if brief and (error := self.fails_before.get(len(self.sizes))):
                raise error
        except BaseException:
            self.rolled_back += 1
            raise
        self.committed.append(self.decided)
        if brief and (error := self.fails_after.get(len(self.sizes))):
            raise error
        return result

    def decide(self, work: "Store", requests: Sequence[str], *, wait: bool) -> Sequence[Any]:
        self.is_deciding.set()
        assert requests[0][0] in self.always_open or self.is_open.wait(AT_MOST)
        self.decided = list(requests)
        return [self.outcome(request, wait) for request in requests]

    def outcome(self, request: str, wait: bool) -> Any:
        match request.partition(": ")[2]:
            case "refused":
                return Taken(request)
            case "locked":
                if not wait:
                    return POSTPONED
                assert self.seat_is_free.wait(AT_MOST)
            case "locked once" if len(self.sizes) == 2:
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
        """Let the first request lead a batch until all others wait in the queue, in order."""
        self.is_open.clear()
        first, *others = requests
        started = [self.start(first)]
        assert self.is_deciding.wait(AT_MOST)
        for number, request in enumerate(others, start=1):
            started.append(self.start(request))
            while self.group.waiting < number:
                pass
        return started

    def answers(self, requests: Sequence[str]) -> list[Any]:
        """Return the results of the requests, which share the second batch, or their errors."""
        started = self.start_all(["a0", *requests])
        self.is_open.set()
        return [future.exception(AT_MOST) or future.result() for future in started][1:]


@pytest.fixture
def store():
    store = Store()
    yield store
    store.seat_is_free.set()
    store.threads.shutdown()


def types(answers):
    return [type(answer) for answer in answers]


def test_a_request_alone_is_a_batch_of_one(store):
    assert store.group("a1") == "done a1"
    assert store.sizes == [1]


def test_requests_that_come_during_a_transaction_share_the_next_one(store):
    assert store.answers(["a1", "a2", "a3"]) == ["done a1", "done a2", "done a3"]
    assert store.committed == [["a0"], ["a1", "a2", "a3"]]
    assert store.sizes == [1, 3]


def test_a_batch_has_a_maximum_size(store):
    store.answers([f"a{number}" for number in range(MAX_BATCH + 2)])
    assert store.sizes == [1, MAX_BATCH, 2]


def test_only_requests_of_one_shard_share_a_transaction_and_the_others_keep_their_order(store):
    store.answers(["a1", "b1", "a2", "c1", "b2"])
    assert store.committed == [["a0"], ["a1", "a2"], ["b1", "b2"], ["c1"]]


def test_requests_of_other_shards_do_not_wait_where_each_has_a_group_of_its_own(store):
    groups = []

    def group():
        groups.append(GroupCommit(store.run, store.attempt, store.decide, store.shard))
        return groups[-1]

    decide = by_shard(group, store.shard)
    store.is_open.clear()
    first = store.threads.submit(decide, "a1")
    assert store.is_deciding.wait(AT_MOST)
    second = store.threads.submit(decide, "a2")
    while groups[0].waiting < 1:
        pass
    store.always_open = "b"
    assert decide("b1") == "done b1"
    assert not first.done()
    store.is_open.set()
    assert [each.result(AT_MOST) for each in (first, second)] == ["done a1", "done a2"]
    assert len(groups) == 2


def test_a_refusal_reaches_its_own_caller_only(store):
    refused, done = store.answers(["a1: refused", "a2"])
    assert isinstance(refused, Taken)
    assert done == "done a2"


def test_a_batch_without_a_success_is_rolled_back(store):
    assert types(store.answers(["a1: refused", "a2: refused"])) == [Taken, Taken]
    assert (store.committed, store.rolled_back) == ([["a0"]], 1)


def test_a_postponed_request_waits_alone_and_delays_no_other(store):
    _, postponed, done = store.start_all(["a0", "a1: locked", "a2"])
    store.is_open.set()
    assert done.result(AT_MOST) == "done a2"
    assert not postponed.done()
    store.seat_is_free.set()
    assert postponed.result(AT_MOST) == "done a1: locked"


def test_a_postponed_request_comes_again_with_a_later_batch_before_it_waits(store):
    assert store.answers(["a1: locked once", "a2"]) == ["done a1: locked once", "done a2"]
    assert store.committed == [["a0"], ["a1: locked once", "a2"], ["a1: locked once"]]
    assert store.sizes == [1, 2, 1]


def test_a_fault_of_one_request_reaches_its_own_caller_only_and_is_logged(store, caplog):
    poisoned, done = store.answers(["a1: poisoned", "a2"])
    assert isinstance(poisoned, ZeroDivisionError)
    assert done == "done a2"
    [record] = caplog.records
    assert record.message == "A batch of 2 requests failed."


def test_a_batch_that_fails_is_repeated_request_by_request(store):
    store.fails_before[2] = Busy()
    assert store.answers(["a1", "a2"]) == ["done a1", "done a2"]
    assert sorted(store.committed) == [["a0"], ["a1"], ["a2"]]


class TestAfterALostConnection:
    """It may have taken long, so requests do not wait for the next one in turn."""

    @pytest.mark.parametrize(
        ("lost", "first"),
        [
            ("fails_before", Unreachable),
            ("fails_after", OutcomeUnknown),
        ],
    )
    def test_those_that_wait_are_refused_with_the_batch(self, store, lost, first):
        store.gives_up_at_once = True
        getattr(store, lost)[1] = first()
        started = store.start_all(["a0", "a1", "b1"])
        store.is_open.set()
        errors = [future.exception(AT_MOST) for future in started]
        assert types(errors) == [first, Unreachable, Unreachable]
        assert store.sizes == [1]

    def test_others_are_refused_while_one_tries(self, store):
        store.gives_up_at_once = True
        store.fails_before[1] = Unreachable()
        assert isinstance(store.start("a0").exception(AT_MOST), Unreachable)
        store.is_open.clear()
        store.is_deciding.clear()
        trying = store.start("a1")
        assert store.is_deciding.wait(AT_MOST)
        assert isinstance(store.start("a2").exception(AT_MOST), Unreachable)
        store.is_open.set()
        assert trying.result(AT_MOST) == "done a1"
        assert store.answers(["a3", "a4"]) == ["done a3", "done a4"]

    def test_a_repeated_request_comes_with_the_next_batch(self, store):
        """Alone, it would wait on a connection of its own."""
        store.fails_before[1] = Unreachable()
        assert store.group("a0") == "done a0"
        assert store.sizes == [1, 1]


def test_a_commit_of_unknown_outcome_is_reported_to_all_and_repeated_for_none(store):
    store.fails_after[2] = OutcomeUnknown()
    store.fails_after[2].__cause__ = cause = ConnectionError()
    errors = store.answers(["a1", "a2: refused"])
    assert types(errors) == [OutcomeUnknown, OutcomeUnknown]
    assert errors[0] is not errors[1]  # each thread raises its own
    assert [error.__cause__ for error in errors] == [cause, cause]
    assert store.committed == [["a0"], ["a1", "a2: refused"]]


def test_a_fault_after_the_commit_is_not_taken_for_one_before(store):
    store.fails_after[2] = OSError()
    assert types(store.answers(["a1", "a2"])) == [OutcomeUnknown, OutcomeUnknown]
    assert store.committed == [["a0"], ["a1", "a2"]]


def test_a_leader_that_is_interrupted_leaves_the_others_to_themselves(store):
    leader, follower = store.answers(["a1: interrupted", "a2"])
    assert isinstance(leader, KeyboardInterrupt)
    assert follower == "done a2"
    assert store.group("a3") == "done a3"


def test_a_leader_that_is_interrupted_at_the_commit_leaves_its_outcome_unknown(store):
    store.fails_after[2] = KeyboardInterrupt()
    assert types(store.answers(["a1", "a2"])) == [KeyboardInterrupt, OutcomeUnknown]
    assert store.committed == [["a0"], ["a1", "a2"]]


def test_a_refusal_is_no_reference_cycle(store):
    gc.collect()
    gc.disable()
    try:
        with suppress(Taken):
            store.group("a1: refused")
        assert not [each for each in gc.get_objects() if isinstance(each, Taken)]
    finally:
        gc.enable()
