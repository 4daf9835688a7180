"""What was measured, and how it compares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import Figures, Run, median_ratio, medians
from benchmarks.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Ratio:
    """``met`` is None where no target is set."""

    of: str
    value: float
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """``runs`` are those of the scenario and its yardsticks by their names, round by round."""

    scenario: Scenario
    database: str
    runs: Mapping[str, Sequence[Run]]

    def figures(self, name: str) -> Figures:
        """The medians of a benchmark's runs."""
        return medians([run.figures for run in self.runs[name]])

    @property
    def errors(self) -> int:
        return sum(run.figures.errors for runs in self.runs.values() for run in runs)

    @property
    def waits(self) -> list[float]:
        """All that customers of the scenario waited, in milliseconds, ascending."""
        return sorted(wait for run in self.runs[self.scenario.name] for wait in run.waits)

    def ratios(self) -> Iterator[Ratio]:
        for each in self.scenario.comparisons:
            value = median_ratio(self._rates(each.one), self._rates(each.other))
            of = f"{each.one} / {each.other}"
            if each.least is None:
                yield Ratio(of, value)
            else:
                yield Ratio(of, value, f">= {each.least:.2f}", value >= each.least)
        if most := self.scenario.spread:
            spread = self.figures(self.scenario.name).spread
            yield Ratio("p99 / p50", spread, f"<= {most:.2f}", spread <= most)

    def _rates(self, name: str) -> list[float]:
        return [run.figures.rate for run in self.runs[name]]
