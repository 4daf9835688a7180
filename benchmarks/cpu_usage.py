"""The processor time that the server, the database and the load generator use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import perf_counter

import psutil

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True)
class CpuUsage:
    """Shares of the processor time of all cores, from 0 to 1."""

    server: float = 0.0
    database: float = 0.0
    load: float = 0.0


@contextmanager
def measure_cpu(server_pid: int, database_pid: int | None) -> Iterator[CpuUsage]:
    """Measure a block, and set the values at its end. Our own child processes count as load."""
    usage = CpuUsage()
    started = perf_counter()
    before = _seconds(server_pid), _seconds(database_pid), _own_seconds()
    yield usage
    after = _seconds(server_pid), _seconds(database_pid), _own_seconds()
    capacity = (perf_counter() - started) * CORES
    usage.server, usage.database, usage.load = (
        (end - start) / capacity for start, end in zip(before, after, strict=True)
    )


def _seconds(pid: int | None) -> float:
    """Return the processor seconds of a process and all its descendants, ended ones included."""
    if pid is None:
        return 0.0
    total = 0.0
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # an ended process counts in its parent's times
            total += sum(process.cpu_times()[:4])
    return total


def _own_seconds() -> float:
    return sum(os.times()[:4])
