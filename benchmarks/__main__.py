"""python3 dev.py bench"""

import argparse
import json
import platform
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.measuring import Bench, Wanted, version_of_server
from benchmarks.plot import draw
from benchmarks.report import as_json, table
from benchmarks.results import Result
from benchmarks.revision import checked_out
from benchmarks.scenarios import BENCHMARKS, POSTGRESQL, SCENARIOS, SQLITE
from benchmarks.truth import Untrue
from benchmarks.usage import CORES
from tests.integration.postgresql_server import PostgresqlServer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 dev.py bench",
        description="Measure how fast the box office is, beside yardsticks of the same run.",
        epilog=f"Scenarios: {', '.join(SCENARIOS)}. docs/performance.md describes them.",
    )
    add = parser.add_argument
    add("--scenario", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), metavar="NAME",
        help="only these")  # fmt: skip
    add("--runs", type=whole, default=3, help="of each, whose median counts (3)")
    add("--seconds", type=float, default=5.0, help="of each run (5)")
    add("--clients", type=whole, default=64, help="each on a connection that is kept alive (64)")
    add("--database", choices=[POSTGRESQL, SQLITE, "both"], default=POSTGRESQL)
    add("--workers", type=whole, help="server processes, by default as `ticketing serve` has them")
    add("--threads", type=whole, help="threads of each, likewise")
    add("--against", metavar="REVISION", help="also measure the server of that git revision")
    add("--json", type=Path, metavar="FILE", help="write all figures there")
    add("--plot", type=Path, metavar="FILE.svg", help="draw the latency curves there")
    return parser.parse_args()


def whole(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def main() -> int:
    """The exit status: 1 where anything was answered otherwise than it should be."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is removed
    given = arguments()
    wanted = Wanted(given.runs, given.seconds, given.clients, given.workers, given.threads)
    databases = [POSTGRESQL, SQLITE] if given.database == "both" else [given.database]
    results: list[Result] = []
    with ExitStack() as opened:
        earlier = opened.enter_context(checked_out(given.against)) if given.against else None
        postgresql = opened.enter_context(PostgresqlServer(durable=True))
        machine = {
            "cores": CORES,
            "python": platform.python_version(),
            "postgresql": version_of_server(postgresql),
            "system": platform.platform(),
        }
        bench = Bench(wanted, postgresql, earlier)
        try:
            for database, name in product(databases, given.scenario):
                if database == databases[0] or not BENCHMARKS[name].only_on:
                    results.append(bench.measure(SCENARIOS[name], database))
        finally:
            report(results, wanted, machine, given.json, given.plot)
    return int(any(result.errors for result in results))


def report(
    results: Sequence[Result],
    wanted: Wanted,
    machine: dict[str, Any],
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    """All that was measured, also where a later scenario failed."""
    if not results:
        return
    print(table(results))
    print(
        f"\nMedians of {wanted.runs} runs of {wanted.seconds:g} s with {wanted.clients} clients; "
        f"{machine['cores']} cores, Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']}."
    )
    if json_file:
        figures = as_json(results, machine=machine, wanted=asdict(wanted))
        json_file.write_text(json.dumps(figures, indent=2) + "\n")
    if plot_file:
        draw(results, plot_file)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except Untrue as error:
        sys.exit(f"UNTRUE: {error}")
