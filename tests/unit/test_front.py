"""What stands before the application, where its loop is not ours."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from ticketing.entrypoints.http.front import Front
from ticketing.entrypoints.http.unread import UnreadAnswers

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
