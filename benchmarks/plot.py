"""The latency curves: of a hundred customers, how many waited how long?"""

from collections.abc import Sequence
from pathlib import Path

import pygal

from benchmarks.figures import percentile
from benchmarks.report import called
from benchmarks.results import Result

PERCENTILES = range(1, 100)
NAMED = (1, 10, 25, 50, 75, 90, 95, 99)


def draw(results: Sequence[Result], file: Path) -> None:
    """Write an SVG. The scale is logarithmic: lists and log-ins differ a thousandfold."""
    chart = pygal.Line(
        js=[],  # its default is fetched from the library's site
        logarithmic=True,
        show_dots=False,
        title="Milliseconds until the answer",
        x_title="percentile",
        x_labels=[str(each) for each in PERCENTILES],
        x_labels_major=[str(each) for each in NAMED],
        show_minor_x_labels=False,
        truncate_label=-1,
        truncate_legend=-1,
    )
    for result in results:
        waits = result.waits
        chart.add(called(result), [percentile(waits, each / 100) for each in PERCENTILES])
    file.write_bytes(chart.render())
