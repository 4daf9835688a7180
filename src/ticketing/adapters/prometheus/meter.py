"""The metrics and their names; ``docs/observability.md`` explains them."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import Engine, event

from ticketing.adapters.prometheus.exposition import Now, exposition
from ticketing.adapters.prometheus.processes import EachProcess, processes_here
from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.domain.errors import Busy, OutcomeUnknown
from ticketing.domain.programme.queries import ShowAvailability

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
_WATCHED_FAILURES = (Busy.code, OutcomeUnknown.code)
"""Exposed as 0 from the start: a counter that begins with 1 is no increase to Prometheus."""

_COUNTED = "ticketing_counted"


class Meter(Telemetry):
    """The metrics of one application: its store and its requests.

    Labels have few values, whatever clients send.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._processes = processes_here()
        self._requests = self._counter("requests", "Requests answered", "method", "route", "status")
        self._durations = self._histogram(
            "request_duration_seconds", "Time to answer a request", "route"
        )
        self._refusals = self._counter("refusals", "Requests refused, by code", "code")
        self._bookings = self._counter("bookings", "Bookings made")
        self._seats = self._counter("booked_seats", "Seats of the bookings made")
        self._cancellations = self._counter("cancellations", "Bookings cancelled")
        self._waits = self._histogram("lock_wait_seconds", "Time a sale waited for its seats")
        self._retries = self._counter("store_retries", "Repetitions where the store was busy")
        self._failures = self._counter("store_failures", "Requests that the store failed", "code")
        for code in _WATCHED_FAILURES:
            self._failures.labels(code)
        self._in_use = self._gauge("pool_connections", "Connections in use", "pool")
        self._pool_size = self._gauge("pool_size", "Connections that may be used", "pool")

    # --- the store

    def lock_wait(self) -> AbstractContextManager[object]:
        return self._waits.time()

    def sold(self, bookings: int, seats: int) -> None:
        self._bookings.inc(bookings)
        self._seats.inc(seats)

    def cancelled(self, bookings: int) -> None:
        self._cancellations.inc(bookings)

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

    def exposition(self, shows: Sequence[ShowAvailability] | None) -> tuple[bytes, str]:
        """Return all metrics as text, and its media type.

        ``shows`` are included; None if the store does not answer.
        """
        if self._processes is None:
            return exposition(self._registry, EachProcess([os.getpid()]), Now(shows))
        counted = self._processes.collector()
        return exposition(counted, EachProcess(self._processes.living()), Now(shows))

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"ticketing_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(
            f"ticketing_{name}", about, labels, buckets=_BUCKETS, registry=self._registry
        )

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        """Return a gauge that sums over the living processes."""
        return Gauge(
            f"ticketing_{name}",
            about,
            labels,
            registry=self._registry,
            multiprocess_mode="livesum",
        )
