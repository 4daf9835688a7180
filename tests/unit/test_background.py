"""Work in the background, in threads that are blocked by events."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import pytest

from tests.builders import Ticks
from ticketing.adapters.background import FINISH_SECONDS, BackgroundWorker
from ticketing.domain.accounts.ports import Quota

LINK = "https://tickets.example.org/password-reset?token=x"
MARIA, OTTO = Quota("account", 1), Quota("account", 2)
TIMEOUT = 10


@contextmanager
def blocked(background, quotas=None):
    """Occupy one thread of the worker."""
    busy, go_on = Event(), Event()

    def slow():
        busy.set()
        assert go_on.wait(TIMEOUT)

    background(slow, quotas or {})
    assert busy.wait(TIMEOUT)
    try:
        yield
    finally:
        go_on.set()


def finish():
    """Wait until all tasks are done."""
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join(TIMEOUT)


def test_tasks_run_in_order_and_continue_after_an_error(caplog):
    done, background = [], BackgroundWorker("mail")

    def fail():
        raise ValueError(LINK)

    for work in (lambda: done.append(1), fail, lambda: done.append(2)):
        background(work, {})
    finish()

    assert done == [1, 2]
    assert caplog.messages == ["A mail failed: ValueError"]


def test_a_slow_task_does_not_stop_the_others():
    background, done = BackgroundWorker("mail", threads=2), Event()
    with blocked(background):
        background(done.set, {})
        assert done.wait(TIMEOUT)
    finish()


def test_tasks_are_dropped_when_too_many_wait(caplog):
    done: list[int] = []
    background = BackgroundWorker("mail", max_waiting=2)
    with blocked(background):
        for turn in range(4):
            background(partial(done.append, turn), {})
    finish()

    assert done == [0, 1]
    assert caplog.messages == ["A mail was dropped: 2 are waiting."] * 2


def test_tasks_over_a_quota_are_dropped_and_others_are_not(caplog):
    done: list[int | str] = []
    background = BackgroundWorker("mail")
    with blocked(background, {MARIA: 3}):
        for turn in range(4):
            background(partial(done.append, turn), {MARIA: 3})
        background(lambda: done.append("otto"), {OTTO: 3})
    finish()

    assert done == [0, 1, "otto"]
    dropped = "A mail was dropped: 3 are waiting for the same account."
    assert caplog.messages == [dropped] * 2


def test_each_quota_of_a_task_is_kept(caplog):
    client = Quota("client address", "192.0.2.7")
    background = BackgroundWorker("mail")
    with blocked(background, {MARIA: 3, client: 2}):
        background(lambda: None, {OTTO: 3, client: 2})
        background(lambda: None, {OTTO: 3, client: 2})
    finish()

    assert caplog.messages == ["A mail was dropped: 2 are waiting for the same client address."]


def test_a_finished_or_failed_task_no_longer_counts(caplog):
    def fail():
        raise ValueError

    done, background = [], BackgroundWorker("mail")
    for work in (fail, lambda: done.append(1), lambda: done.append(2)):
        background(work, {MARIA: 1})
        finish()

    assert done == [1, 2]


@pytest.fixture
def no_threads(monkeypatch):
    """The system's limit of threads is reached, until this is cleared."""
    is_reached = Event()
    is_reached.set()
    start = Thread.start

    def start_if_possible(thread):
        if is_reached.is_set():
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(Thread, "start", start_if_possible)
    return is_reached


def test_a_task_without_a_thread_is_dropped_and_later_ones_run(no_threads, caplog):
    done, background = [], BackgroundWorker("mail")
    background(lambda: done.append(1), {MARIA: 1})
    no_threads.clear()
    background(lambda: done.append(2), {MARIA: 1})
    finish()

    assert done == [2]
    assert caplog.messages == ["A mail was dropped: can't start new thread."]


def test_a_task_waits_for_a_running_thread_if_no_other_can_start(no_threads, caplog):
    done, background = [], BackgroundWorker("mail", threads=2)
    no_threads.clear()
    with blocked(background):
        no_threads.set()
        background(lambda: done.append(1), {})
    finish()

    assert done == [1]
    assert caplog.messages == []


def test_tasks_that_wait_when_the_process_ends_still_run():
    done, background = [], BackgroundWorker("mail", process_ends=lambda: True, clock=Ticks())
    with blocked(background):
        background(lambda: done.append(1), {})
        background(lambda: done.append(2), {})
    finish()

    assert done == [1, 2]


def test_tasks_that_wait_too_long_when_the_process_ends_are_logged(caplog):
    done, clock = [], Ticks()
    background = BackgroundWorker("mail", process_ends=lambda: True, clock=clock)
    with blocked(background):
        background(lambda: done.append(1), {MARIA: 3})
        background(lambda: done.append(2), {MARIA: 3})
        clock.now += FINISH_SECONDS
    finish()

    assert done == []
    assert caplog.messages == ["A mail was dropped: the server stops."] * 2


def test_the_process_ends_after_its_tasks():
    script = """
from threading import Event
from ticketing.adapters.background import BackgroundWorker
background, is_over = BackgroundWorker("mail"), Event()
background(lambda: is_over.wait(10), {})
background(lambda: print("done"), {})
is_over.set()
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ended.stdout.split() == [b"done"]
