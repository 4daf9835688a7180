"""Waiting for what other processes do."""

import time
from collections.abc import Callable

AT_MOST = 30.0
"""The maximum wait, in seconds."""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + AT_MOST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
