"""The results as a table, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.figures import Figures
from benchmarks.results import Ratio, Result
from benchmarks.scenarios import BENCHMARKS, POSTGRESQL

HEAD = (
    "", "a second", "p50 ms", "p95 ms", "p99 ms", "errors", "server", "database", "load",
    "ratio", "", "target", "",
)  # fmt: skip
LEFT = (0, 9, 11, 12)  # columns of words

Row = tuple[str, ...]


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(row for result in results for row in _rows(result))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = (
        cell.ljust(width) if column in LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def called(result: Result) -> str:
    """The scenario's name, and the database where there is a choice and it is the other one."""
    name = result.scenario.name
    is_usual = result.database == POSTGRESQL or BENCHMARKS[name].only_on
    return name if is_usual else f"{name} ({result.database})"


def _rows(result: Result) -> Iterator[Row]:
    """The scenario with its first ratio, the other ratios, then the yardsticks."""
    name = result.scenario.name
    ratios = [_ratio(ratio) for ratio in result.ratios()] or [_ratio(None)]
    yield (called(result), *_cells(result.figures(name)), *ratios[0])
    for ratio in ratios[1:]:
        yield (*[""] * 9, *ratio)
    for yardstick in result.scenario.yardsticks:
        yield (f"  {yardstick}", *_cells(result.figures(yardstick)), *_ratio(None))


def _cells(figures: Figures) -> Row:
    waits = (f"{wait:,.1f}" for wait in (figures.p50, figures.p95, figures.p99))
    shares = (f"{share:.0%}" for share in (figures.server, figures.database, figures.load))
    return f"{figures.rate:,.0f}", *waits, str(figures.errors), *shares


def _ratio(ratio: Ratio | None) -> Row:
    if ratio is None:
        return "", "", "", ""
    verdict = {True: "met", False: "MISSED", None: ""}[ratio.met]
    return ratio.of, f"{ratio.value:.2f}", ratio.target, verdict


def as_json(results: Sequence[Result], **about: Any) -> dict[str, Any]:
    return {**about, "scenarios": [_described(result) for result in results]}


def _described(result: Result) -> dict[str, Any]:
    return {
        "name": result.scenario.name,
        "database": result.database,
        "ratios": [asdict(ratio) for ratio in result.ratios()],
        "benchmarks": {
            name: {
                "median": asdict(result.figures(name)),
                "runs": [asdict(run.figures) for run in runs],
            }
            for name, runs in result.runs.items()
        },
    }
