"""The metrics of a run, and their medians over several runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from statistics import median

from benchmarks.cpu_usage import CpuUsage

NANOSECONDS_PER_MILLISECOND = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """``rate`` is expected responses per second; ``p50`` to ``p99`` are latencies in milliseconds.

    ``errors`` counts unexpected responses and requests without a response. ``server``,
    ``database`` and ``load`` are their shares (0 to 1) of the processor time of all cores.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    errors: int
    server: float
    database: float
    load: float

    @property
    def spread(self) -> float:
        """The 99th percentile of the latency divided by its median."""
        return self.p99 / self.p50 if self.p50 else 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """``latencies`` are in milliseconds, in ascending order."""

    metrics: Metrics
    latencies: Sequence[float]


def run_of(latencies: Sequence[float], *, seconds: float, errors: int, usage: CpuUsage) -> Run:
    """Return the run that had these latencies (in milliseconds) within ``seconds``."""
    ordered = sorted(latencies)
    metrics = Metrics(
        rate=len(ordered) / seconds,
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        errors=errors,
        server=usage.server,
        database=usage.database,
        load=usage.load,
    )
    return Run(metrics, ordered)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of all do not exceed; 0 if empty."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def medians(runs: Sequence[Metrics]) -> Metrics:
    """Return the median of each metric, but the sum of the errors."""
    by_name = {field.name: median(map(attrgetter(field.name), runs)) for field in fields(Metrics)}
    return Metrics(**{**by_name, "errors": sum(run.errors for run in runs)})


def median_ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """Return the median of the ratios of each round, because lasting noise affects both."""
    return median(one / other if other else 0.0 for one, other in zip(of, to, strict=True))
