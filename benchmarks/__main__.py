"""The command line of the benchmarks: ``python3 dev.py bench``."""

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

from benchmarks.consistency import InconsistentSales
from benchmarks.cpu_usage import CORES
from benchmarks.report import as_json, draw, table
from benchmarks.results import Result
from benchmarks.runner import Options, Runner, postgresql_version
from benchmarks.scenarios import BENCHMARKS, MISUSE, POSTGRESQL, SCENARIOS, SPEED, SQLITE
from benchmarks.server import check_out
from tests.integration.nginx_proxy import find_nginx
from tests.integration.postgresql_server import PostgresqlServer

SUITES = {"speed": SPEED, "misuse": MISUSE}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 dev.py bench",
        description="Measure the server, and yardsticks to compare it with, in the same run.",
        epilog=f"Scenarios: {', '.join(SCENARIOS)}. docs/performance.md describes them.",
    )
    add = parser.add_argument
    add(
        "suite",
        nargs="?",
        choices=SUITES,
        default="speed",
        help="speed (the default), or misuse: honest customers while one address attacks",
    )
    add("--scenario", nargs="+", choices=SCENARIOS, metavar="NAME",
        help="measure only these scenarios")  # fmt: skip
    add("--runs", type=positive, default=3, help="runs of each benchmark (default: 3)")
    add("--seconds", type=float, default=5.0, help="seconds of each run (default: 5)")
    add("--clients", type=positive, default=64,
        help="clients, each with its own keep-alive connection (default: 64)")  # fmt: skip
    add("--database", choices=[POSTGRESQL, SQLITE, "both"], default=POSTGRESQL)
    add("--setting", action="append", type=setting, default=[], metavar="NAME=VALUE",
        help="a setting of the server, such as THREADS=8; may be repeated")  # fmt: skip
    add("--against", metavar="REVISION", help="also measure the server of this git revision")
    add("--json", type=Path, metavar="FILE", help="write all metrics to this file")
    add("--plot", type=Path, metavar="FILE.svg", help="draw the latency curves to this file")
    arguments = parser.parse_args()
    arguments.scenario = arguments.scenario or list(SUITES[arguments.suite])
    if not MISUSE.keys().isdisjoint(arguments.scenario) and find_nginx() is None:
        parser.error("nginx is not installed (Debian: nginx-light)")
    return arguments


def positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def setting(text: str) -> tuple[str, str]:
    name, is_set, value = text.partition("=")
    if not is_set:
        raise ValueError
    return name.removeprefix("TICKETING_"), value


def main() -> int:
    """Run the benchmarks and return the exit status: 1 after an unexpected response."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # run all clean-up code
    arguments = parse_arguments()
    options = Options(arguments.runs, arguments.seconds, arguments.clients, dict(arguments.setting))
    databases = [POSTGRESQL, SQLITE] if arguments.database == "both" else [arguments.database]
    results: list[Result] = []
    with ExitStack() as stack:
        against = arguments.against
        earlier = stack.enter_context(check_out(against)) if against else None
        postgresql = stack.enter_context(PostgresqlServer(durable=True))
        machine = {
            "cores": CORES,
            "python": platform.python_version(),
            "postgresql": postgresql_version(postgresql),
            "system": platform.platform(),
        }
        runner = Runner(options, postgresql, earlier)
        try:
            for database, name in product(databases, arguments.scenario):
                if database == databases[0] or not BENCHMARKS[name].only_on:
                    results.append(runner.measure(SCENARIOS[name], database))
        finally:
            report(results, options, machine, arguments.json, arguments.plot)
    return int(any(result.errors for result in results))


def report(
    results: Sequence[Result],
    options: Options,
    machine: dict[str, Any],
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    """Report the results so far, even if a later scenario failed."""
    if not results:
        return
    print(table(results))
    print(
        f"\nMedians of {options.runs} runs of {options.seconds:g} s "
        f"with {options.clients} clients; "
        f"{machine['cores']} cores, Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']}."
    )
    if json_file:
        content = as_json(results, machine=machine, options=asdict(options))
        json_file.write_text(json.dumps(content, indent=2) + "\n")
    if plot_file:
        draw(results, plot_file)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except InconsistentSales as error:
        sys.exit(f"INCONSISTENT: {error}")
