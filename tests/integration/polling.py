"""Waiting for what other processes do."""

import time
from collections.abc import Callable

TIMEOUT_SECONDS = 60.0
"""The maximum wait, in seconds."""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
