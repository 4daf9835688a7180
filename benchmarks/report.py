"""The results as a table, as JSON, and as a chart of the latencies."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pygal

from benchmarks.metrics import Metrics, percentile
from benchmarks.results import Ratio, Result
from benchmarks.scenarios import BENCHMARKS, POSTGRESQL

HEAD = (
    "", "a second", "p50 ms", "p95 ms", "p99 ms", "errors", "server", "database", "load",
    "ratio", "", "target", "",
)  # fmt: skip
LEFT_ALIGNED = (0, 9, 11, 12)
PERCENTILES = range(1, 100)
LABELLED_PERCENTILES = (1, 10, 25, 50, 75, 90, 95, 99)

Row = tuple[str, ...]


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(row for result in results for row in _rows(result))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = (
        cell.ljust(width) if column in LEFT_ALIGNED else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def _title(result: Result) -> str:
    """Return the scenario's name, with the database if it is not the usual one."""
    name = result.scenario.name
    is_usual = result.database == POSTGRESQL or BENCHMARKS[name].only_on
    return name if is_usual else f"{name} ({result.database})"


def _rows(result: Result) -> Iterator[Row]:
    """Yield the scenario with its first ratio, the other ratios, then the yardsticks."""
    name = result.scenario.name
    ratios = [_ratio_cells(ratio) for ratio in result.ratios()] or [_ratio_cells(None)]
    yield (_title(result), *_metrics_cells(result.metrics(name)), *ratios[0])
    for ratio in ratios[1:]:
        yield (*[""] * 9, *ratio)
    for yardstick in result.scenario.yardsticks:
        yield (f"  {yardstick}", *_metrics_cells(result.metrics(yardstick)), *_ratio_cells(None))


def _metrics_cells(metrics: Metrics) -> Row:
    latencies = (f"{latency:,.1f}" for latency in (metrics.p50, metrics.p95, metrics.p99))
    shares = (f"{share:.0%}" for share in (metrics.server, metrics.database, metrics.load))
    return f"{metrics.rate:,.0f}", *latencies, str(metrics.errors), *shares


def _ratio_cells(ratio: Ratio | None) -> Row:
    if ratio is None:
        return "", "", "", ""
    verdict = {True: "met", False: "MISSED", None: ""}[ratio.met]
    return ratio.of, f"{ratio.value:.2f}", ratio.target, verdict


def as_json(results: Sequence[Result], **about: Any) -> dict[str, Any]:
    return {**about, "scenarios": [_result_as_json(result) for result in results]}


def _result_as_json(result: Result) -> dict[str, Any]:
    return {
        "name": result.scenario.name,
        "database": result.database,
        "ratios": [asdict(ratio) for ratio in result.ratios()],
        "benchmarks": {
            name: {
                "median": asdict(result.metrics(name)),
                "runs": [asdict(run.metrics) for run in runs],
            }
            for name, runs in result.runs.items()
        },
    }


def draw(results: Sequence[Result], file: Path) -> None:
    """Draw the latency at each percentile as SVG.

    The scale is logarithmic, because the latencies of lists and log-ins differ a thousandfold.
    """
    chart = pygal.Line(
        js=[],  # by default it loads a script from the library's site
        logarithmic=True,
        show_dots=False,
        title="Latency in milliseconds",
        x_title="percentile",
        x_labels=[str(each) for each in PERCENTILES],
        x_labels_major=[str(each) for each in LABELLED_PERCENTILES],
        show_minor_x_labels=False,
        truncate_label=-1,
        truncate_legend=-1,
    )
    for result in results:
        latencies = result.latencies
        chart.add(_title(result), [percentile(latencies, each / 100) for each in PERCENTILES])
    file.write_bytes(chart.render())
