"""The processes of a server, and which of them are alive."""

import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from prometheus_client import Metric, ProcessCollector
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable of the metrics' directory, as Prometheus's library names it."""


class Processes:
    """All processes that share a directory. Each holds a file lock there until it ends.

    Counters of a dead process are kept, its gauges are not.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._mine = self._lock(os.getpid())
        self._mine.acquire()

    def _lock(self, pid: int) -> FileLock:
        return FileLock(self._directory / f"{pid}.alive", thread_local=False, is_singleton=False)

    def collector(self) -> MultiProcessCollector:
        """Return a collector that sums the metrics of all processes."""
        for pid in self._others():
            if not self._lives(pid):
                mark_process_dead(pid, str(self._directory))  # type: ignore[no-untyped-call]
        return MultiProcessCollector(None, str(self._directory))  # type: ignore[no-untyped-call]

    def living(self) -> list[int]:
        return [os.getpid(), *filter(self._lives, self._others())]

    def _others(self) -> Iterator[int]:
        for file in self._directory.glob("*.alive"):
            if file.stem != str(os.getpid()):
                yield int(file.stem)

    def _lives(self, pid: int) -> bool:
        try:
            with self._lock(pid).acquire(blocking=False):
                return False
        except Timeout:
            return True


def processes_here() -> Processes | None:
    """Return the processes; None if this process keeps its metrics in memory."""
    directory = os.environ.get(DIRECTORY)
    return Processes(Path(directory)) if directory else None


class EachProcess(Collector):
    """Collects the memory, processor time and files of each process, labelled by its id."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for pid in self._pids:
            for metric in _metrics_of(pid):
                family = families.setdefault(metric.name, _like(metric))
                for sample in metric.samples:
                    family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        yield from families.values()


def _metrics_of(pid: int) -> list[Metric]:
    return list(ProcessCollector(pid=lambda: pid, registry=None).collect())


def _like(metric: Metric) -> Metric:
    return Metric(metric.name, metric.documentation, metric.type)
