"""The loop that requests wait on."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import current_thread
from typing import Any

import pytest

from ticketing.entrypoints.server_parts.loop import RequestLoop, in_pool

PATIENCE = 5.0


@pytest.fixture
def loop() -> Iterator[RequestLoop]:
    loop = RequestLoop(threads=1)
    yield loop
    loop.close()


def test_a_request_begins_at_once_and_goes_on_in_the_pool(loop):
    told: SimpleQueue[Any] = SimpleQueue()

    async def request():
        told.put(current_thread())
        await in_pool()
        told.put(current_thread())

    loop.create_task(request())

    assert told.get(timeout=PATIENCE) is current_thread()
    assert told.get(timeout=PATIENCE) is not current_thread()


@pytest.mark.parametrize("fault", [ValueError("broken"), SystemExit(1)])
def test_a_request_that_breaks_takes_no_thread_with_it(loop, caplog, fault):
    told: SimpleQueue[str] = SimpleQueue()

    async def breaks():
        await in_pool()
        raise fault

    async def works():
        await in_pool()
        told.put("done")

    loop.create_task(breaks())
    loop.create_task(works())

    assert told.get(timeout=PATIENCE) == "done"
    assert "A request was lost" in caplog.text


def test_nor_one_that_breaks_at_once(loop, caplog):
    async def breaks():
        raise ValueError("broken")

    loop.create_task(breaks())

    assert "A request was lost" in caplog.text
