"""The result of a scenario, and the ratios to its yardsticks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.metrics import Metrics, Run, median_ratio, medians
from benchmarks.scenarios import Scenario, Slowdown


@dataclass(frozen=True, slots=True)
class Ratio:
    """``met`` is None if there is no target."""

    of: str
    value: float
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """``runs`` are the runs of the scenario and of its yardsticks, by name, in order of rounds."""

    scenario: Scenario
    database: str
    runs: Mapping[str, Sequence[Run]]

    def metrics(self, name: str) -> Metrics:
        """Return the medians of a benchmark's runs."""
        return medians([run.metrics for run in self.runs[name]])

    @property
    def errors(self) -> int:
        return sum(run.metrics.errors for runs in self.runs.values() for run in runs)

    @property
    def latencies(self) -> list[float]:
        """All latencies of the scenario in milliseconds, in ascending order."""
        runs = self.runs[self.scenario.name]
        return sorted(latency for run in runs for latency in run.latencies)

    def ratios(self) -> Iterator[Ratio]:
        for each in self.scenario.comparisons:
            value = median_ratio(self._rates(each.one), self._rates(each.other))
            of = f"{each.one} / {each.other}"
            if each.min_ratio is None:
                yield Ratio(of, value)
            else:
                yield Ratio(of, value, f">= {each.min_ratio:.2f}", value >= each.min_ratio)
        if most := self.scenario.max_spread:
            spread = self.metrics(self.scenario.name).spread
            yield Ratio("p99 / p50", spread, f"<= {most:.2f}", spread <= most)
        if slowdown := self.scenario.slowdown:
            yield self._slowdown(slowdown)

    def _slowdown(self, slowdown: Slowdown) -> Ratio:
        p99, usual = self.metrics(self.scenario.name).p99, self.metrics(slowdown.to).p99
        value = p99 / usual if usual else 0.0
        is_met = p99 <= slowdown.always_met_ms or value <= slowdown.max_ratio
        target = f"<= {slowdown.max_ratio:.2f}, or {slowdown.always_met_ms:.0f} ms"
        return Ratio(f"p99 / {slowdown.to} p99", value, target, is_met)

    def _rates(self, name: str) -> list[float]:
        return [run.metrics.rate for run in self.runs[name]]
