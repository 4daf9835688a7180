"""The event loop that requests wait on: for their bodies without a thread, then for one.

Granian reads bodies aside and tells an event loop when they are there. An ordinary loop would be
woken up in a thread of its own for each step of each request: a booking cost 1.2 to 1.4 times as
much processor. Here the thread that brings the news takes the step, as far as ``in_pool``; the rest
is for a thread of the pool.
"""

import asyncio
import logging
from asyncio import CancelledError, Handle, SelectorEventLoop
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import coroutine
from typing import Any

Request = Coroutine[Any, None, None]

_POOL = object()

logger = logging.getLogger(__name__)


@coroutine
def in_pool() -> Generator[object, None, None]:
    """What follows is done by a thread of the pool, as soon as one is free."""
    yield _POOL


class RequestLoop(SelectorEventLoop):
    """Its own thread has to do with signals and timers only."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._for_pool: SimpleQueue[Request] = SimpleQueue()
        for _ in range(threads):
            Thread(target=self._work, daemon=True).start()

    def run_until_complete(self, future: Any) -> Any:
        """An ordinary task: not a request, but what the worker's life is bound to."""
        return super().run_until_complete(asyncio.Task(future, loop=self))

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle | None:
        """New requests and what they waited for have arguments. What has none is for the loop."""
        if not args:
            return super().call_soon_threadsafe(callback, context=context)
        callback(*args)
        return None

    def create_task(self, request: Any, **_: Any) -> Any:  # type: ignore[override]
        """Take the first steps of a request, at once."""
        self._go_on(request)
        return request

    def _go_on(self, request: Request, awaited: Any = None) -> None:
        """Until it waits again, for something that is ``awaited`` or for a thread."""
        try:
            if awaited and awaited.cancelled():
                wanted = request.throw(CancelledError())
            else:
                wanted = request.send(None)
        except StopIteration:
            return
        except BaseException:  # whatever it was, the thread is for others now
            logger.exception("A request was lost.")
            return
        if wanted is _POOL:
            self._for_pool.put(request)
        else:
            wanted.add_done_callback(partial(self._go_on, request))

    def _work(self) -> None:
        while True:
            self._go_on(self._for_pool.get())
