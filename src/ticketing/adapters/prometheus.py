"""Metrics for Prometheus, summed over the processes of a server.

``docs/observability.md`` explains each. Prometheus's library decides on import whether it keeps
metrics in memory or, for several processes, in the directory PROMETHEUS_MULTIPROC_DIR. So import
this only when metrics are enabled.
"""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event

from ticketing import __version__
from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.domain.errors import Busy, OutcomeUnknown
from ticketing.domain.programme.queries import ShowAvailability

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
_WATCHED_FAILURES = (Busy.code, OutcomeUnknown.code)
"""Exposed as 0 from the start: a counter that begins with 1 is no increase to Prometheus."""

_NUMBERS = {
    "live_holds": "Holds now",
    "waiting_entries": "Entries of waiting lists that wait for an offer",
    "waiting_messages": "Messages to customers that wait to be sent",
    "failed_messages": "Messages that could not be sent for a day",
}

_COUNTED = "ticketing_counted"


class Meter(Telemetry):
    """The metrics of one application: its store and its requests.

    Labels have few values, whatever clients send.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        directory = os.environ.get(DIRECTORY)
        self._processes = Processes(Path(directory)) if directory else None
        self._requests = self._counter("requests", "Requests answered", "method", "route", "status")
        answering = "Time to answer a request"
        self._durations = self._histogram("request_duration_seconds", answering, "route")
        self._refusals = self._counter("refusals", "Requests refused, by code", "code")
        self._bookings = self._counter("bookings", "Bookings made")
        self._seats = self._counter("booked_seats", "Seats of the bookings made")
        self._cancellations = self._counter("cancellations", "Bookings cancelled")
        self._holds = self._counter("holds", "Holds made")
        self._ended_holds = self._counter("ended_holds", "Holds booked or released", "outcome")
        self._messages = self._counter("messages", "Attempts to send them", "kind", "outcome")
        self._offers = self._counter("offers", "Offers made to customers on waiting lists")
        self._waits = self._histogram("lock_wait_seconds", "Time a sale waited for its seats")
        self._batches = Histogram(
            "ticketing_sale_batch_size",
            "Sales that shared a transaction",
            buckets=(1, 2, 4, 8, 16, 32),
            registry=self._registry,
        )
        self._retries = self._counter("store_retries", "Repetitions where the store was busy")
        self._failures = self._counter("store_failures", "Requests that the store failed", "code")
        for code in _WATCHED_FAILURES:
            self._failures.labels(code)
        self._in_use = self._gauge("pool_connections", "Connections in use", "pool")
        self._pool_size = self._gauge("pool_size", "Connections that may be used", "pool")

    # --- the store

    def lock_wait(self) -> AbstractContextManager[object]:
        return self._waits.time()

    def batch(self, sales: int) -> None:
        self._batches.observe(sales)

    def sold(self, bookings: int, seats: int) -> None:
        self._bookings.inc(bookings)
        self._seats.inc(seats)

    def cancelled(self, bookings: int) -> None:
        self._cancellations.inc(bookings)

    def held(self, holds: int) -> None:
        self._holds.inc(holds)

    def hold_ended(self, outcome: str, holds: int) -> None:
        self._ended_holds.labels(outcome).inc(holds)

    def message(self, kind: str, outcome: str) -> None:
        self._messages.labels(kind, outcome).inc()

    def offered(self, offers: int) -> None:
        self._offers.inc(offers)

    def retried(self) -> None:
        self._retries.inc()

    def failed(self, code: str) -> None:
        self._failures.labels(code).inc()

    def watch_pool(self, name: str, engine: Engine, size: int) -> None:
        """Measure how many of the engine's ``size`` connections are in use."""
        self._pool_size.labels(name).set(size)
        in_use = self._in_use.labels(name)
        in_use.set(0)

        def taken(_connection: Any, record: Any, _fairy: Any) -> None:
            record.record_info[_COUNTED] = True
            in_use.inc()

        def given_back(_connection: Any, record: Any) -> None:
            if record.record_info.pop(_COUNTED, False):  # not set if it could not connect
                in_use.dec()

        event.listen(engine, "checkout", taken)
        event.listen(engine, "checkin", given_back)

    # --- requests

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, status).inc()
        self._durations.labels(route).observe(seconds)

    def refused(self, code: str) -> None:
        self._refusals.labels(code).inc()

    def exposition(
        self, shows: Sequence[ShowAvailability] | None, numbers: Mapping[str, int]
    ) -> tuple[bytes, str]:
        """Return all metrics as text, and its media type.

        ``shows`` and the other ``numbers`` of the store, by their names in ``_NUMBERS``, are
        included; ``shows`` is None if the store does not answer.
        """
        registry = CollectorRegistry(auto_describe=False)
        if self._processes:
            registry.register(self._processes.collector())
            pids = self._processes.living()
        else:
            registry.register(self._registry)
            pids = [os.getpid()]
        registry.register(Now(shows, numbers, pids))
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"ticketing_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        name, registry = f"ticketing_{name}", self._registry
        return Histogram(name, about, labels, buckets=_BUCKETS, registry=registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        """Return a gauge that sums over the living processes."""
        name, registry = f"ticketing_{name}", self._registry
        return Gauge(name, about, labels, registry=registry, multiprocess_mode="livesum")


class Now(Collector):
    """Metrics that are read when Prometheus scrapes: of the store and of each process.

    ``shows`` is None if the store does not answer.
    """

    def __init__(
        self,
        shows: Sequence[ShowAvailability] | None,
        numbers: Mapping[str, int],
        pids: Sequence[int],
    ) -> None:
        self._shows = shows
        self._numbers = numbers
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("ticketing_build_info", "What runs", labels=["version", "python"])
        build.add_metric([__version__, platform.python_version()], 1)
        up = self._shows is not None
        yield build
        yield GaugeMetricFamily("ticketing_store_up", "Whether the store answers", value=up)
        for name, number in self._numbers.items():
            yield GaugeMetricFamily(f"ticketing_{name}", _NUMBERS[name], value=number)
        yield from _seats(self._shows or ())
        yield from _usage(self._pids)


def _seats(shows: Sequence[ShowAvailability]) -> Iterator[Metric]:
    names = ["show", "movie", "starts_at"]
    total = GaugeMetricFamily("ticketing_show_seats", "Seats of a show to come", labels=names)
    sold = GaugeMetricFamily("ticketing_show_seats_sold", "Those that are sold", labels=names)
    held = GaugeMetricFamily("ticketing_show_seats_held", "Those that are held", labels=names)
    for offer in shows:
        show = offer.show
        labels = [str(show.id), show.movie.title, f"{show.starts_at:%Y-%m-%dT%H:%MZ}"]
        total.add_metric(labels, show.plan.total_seats)
        sold.add_metric(labels, offer.sold_seats)
        held.add_metric(labels, offer.held_seats)
    yield total
    yield sold
    yield held


def _usage(pids: Sequence[int]) -> Iterator[Metric]:
    """Yield the memory, processor time and open files of each process, labelled by its id."""
    families: dict[str, Metric] = {}
    for pid in pids:
        for metric in _usage_of(pid):
            empty = Metric(metric.name, metric.documentation, metric.type)
            family = families.setdefault(metric.name, empty)
            for sample in metric.samples:
                family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    yield from families.values()


def _usage_of(pid: int) -> Iterable[Metric]:
    return ProcessCollector(pid=lambda: pid, registry=None).collect()


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
