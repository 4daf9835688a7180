"""How much of the machine's processors server, database and load used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import perf_counter

import psutil

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True)
class Usage:
    """Shares of all cores, from 0 to 1."""

    server: float = 0.0
    database: float = 0.0
    load: float = 0.0


@contextmanager
def measured(server_pid: int, database_pid: int | None) -> Iterator[Usage]:
    """Filled in when the block ends. What the load's own children use counts as load."""
    usage = Usage()
    begun = perf_counter()
    before = _seconds(server_pid), _seconds(database_pid), _own_seconds()
    yield usage
    after = _seconds(server_pid), _seconds(database_pid), _own_seconds()
    capacity = (perf_counter() - begun) * CORES
    usage.server, usage.database, usage.load = (
        (late - early) / capacity for early, late in zip(before, after, strict=True)
    )


def _seconds(pid: int | None) -> float:
    """What a process and all that it started have used, those that have ended included."""
    if pid is None:
        return 0.0
    total = 0.0
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # its time is its parent's children's now
            total += sum(process.cpu_times()[:4])
    return total


def _own_seconds() -> float:
    return sum(os.times()[:4])
