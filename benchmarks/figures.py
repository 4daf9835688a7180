"""What a run comes to, and several runs together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from statistics import median

from benchmarks.usage import Usage

NANOSECONDS_A_MILLISECOND = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """``rate`` is answers a second; ``p50`` to ``p99`` are milliseconds until an answer.

    ``errors`` counts the answers that were not to be expected and the requests that got none;
    ``server``, ``database`` and ``load`` are shares, up to 1, of all cores.
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
        """How much longer than half of the customers the unluckiest hundredth waits."""
        return self.p99 / self.p50 if self.p50 else 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """``waits`` are milliseconds, ascending."""

    figures: Figures
    waits: Sequence[float]


def run_of(waits: Sequence[float], *, seconds: float, errors: int, usage: Usage) -> Run:
    """The run that answered well after each of ``waits`` (milliseconds) within ``seconds``."""
    ordered = sorted(waits)
    figures = Figures(
        rate=len(ordered) / seconds,
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        errors=errors,
        server=usage.server,
        database=usage.database,
        load=usage.load,
    )
    return Run(figures, ordered)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The least of the values that at least ``share`` of all do not exceed; 0 of none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def medians(runs: Sequence[Figures]) -> Figures:
    """Each figure's median; but every error counts."""
    middle = {field.name: median(map(attrgetter(field.name), runs)) for field in fields(Figures)}
    return Figures(**{**middle, "errors": sum(run.errors for run in runs)})


def median_ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of what ``of`` is of ``to``, round by round: noise that lasts hits both."""
    return median(one / other if other else 0.0 for one, other in zip(of, to, strict=True))
