"""What stands before the application."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest

from ticketing.entrypoints.http.web.headers import ASKED_AT
from ticketing.entrypoints.server_parts.front import Front
from ticketing.entrypoints.server_parts.loop import RequestLoop
from ticketing.entrypoints.server_parts.unread import UnreadAnswers

A_REQUEST: Any = SimpleNamespace(
    server="127.0.0.1:8000",
    client="127.0.0.1:50000",
    authority=None,
    scheme="http",
    http_version="1.1",
    method="GET",
    path="/films",
    query_string="",
    headers={},
)
PATIENCE = 5.0


def in_a_loop(serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: a browser that is open has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(serve())).result()


def test_on_any_other_loop_a_thread_answers_as_well():
    """Granian's own is there where workers are not forked."""
    threads, answers, loops = [], [], []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        threads.append(threading.current_thread())
        start("200 OK", [("X-Path", environ["PATH_INFO"])])
        return [b"Hello, ", b"world"]

    async def serve() -> None:
        front = Front(app, 10.0, UnreadAnswers(8000, 60.0))
        front.__rsgi_init__(asyncio.get_running_loop())
        loops.append(threading.current_thread())
        protocol: Any = SimpleNamespace(response_bytes=lambda *told: answers.append(told))
        await front(A_REQUEST, protocol)

    in_a_loop(serve)

    assert answers == [(200, [("X-Path", "/films")], b"Hello, world")]
    assert threads != loops


def test_who_is_answered_before_the_body_has_come_is_told_to_hang_up():
    """Granian hangs up by itself, and now and then forgets to say so."""
    answers = []
    headers = {"content-length": str(2**30)}
    too_large: Any = SimpleNamespace(**{**vars(A_REQUEST), "headers": headers})
    protocol: Any = SimpleNamespace(response_bytes=lambda *told: answers.append(told))

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("413 Too Large", [])
        return []

    async def serve() -> None:
        front = Front(app, 10.0, UnreadAnswers(8000, 60.0))
        await front(too_large, protocol)

    in_a_loop(serve)

    assert answers == [(413, [("Connection", "close")], b"")]


class Crowded:
    """An application whose only thread is busy until ``released``; ``calls`` come to it."""

    def __init__(self, loop: RequestLoop) -> None:
        self.calls: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.released = threading.Event()
        self._loop = loop
        self._front = Front(self._app, 10.0, UnreadAnswers(8000, 60.0))
        self._front.__rsgi_init__(loop)
        self.ask("/films")
        assert self.calls.get(timeout=PATIENCE)

    def _app(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.calls.put(environ)
        if environ["PATH_INFO"] == "/films":
            self.released.wait(PATIENCE)
        start("200 OK", [])
        return []

    def ask(self, path: str) -> None:
        request: Any = SimpleNamespace(**{**vars(A_REQUEST), "path": path})
        protocol: Any = SimpleNamespace(response_bytes=lambda *told: None)
        self._loop.create_task(self._front(request, protocol))


@pytest.fixture
def crowded() -> Iterator[Crowded]:
    loop = RequestLoop(threads=1)
    crowded = Crowded(loop)
    yield crowded
    crowded.released.set()
    loop.close()


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_that_we_live_is_told_while_all_threads_are_busy(crowded, path):
    crowded.ask(path)

    assert crowded.calls.get_nowait()["PATH_INFO"] == path


def test_who_waits_for_a_thread_has_asked_before(crowded):
    crowded.ask("/shows")
    assert crowded.calls.empty()

    released_at = perf_counter()
    crowded.released.set()

    assert crowded.calls.get(timeout=PATIENCE)[ASKED_AT] < released_at
