"""Measures a scenario and its yardsticks in turn, in several rounds."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2

from benchmarks.environment import Environment, open_environment
from benchmarks.metrics import Run
from benchmarks.results import Result
from benchmarks.scenarios import (
    BENCHMARKS,
    EARLIER,
    POSTGRESQL,
    SQLITE,
    Scenario,
    benchmark_name,
)
from benchmarks.server import Checkout
from tests.integration.databases import new_database
from tests.integration.postgresql_server import PostgresqlServer

MAX_WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """``settings`` are the server's, without their prefix; others have their defaults."""

    runs: int
    seconds: float
    clients: int
    settings: Mapping[str, str]


class Runner:
    """Measures scenarios on a running PostgreSQL server, or on SQLite.

    Each scenario is also measured with the server of an ``earlier`` revision, if given.
    """

    def __init__(
        self, options: Options, postgresql: PostgresqlServer, earlier: Checkout | None = None
    ) -> None:
        self._options = options
        self._postgresql = postgresql
        self._earlier = earlier

    def measure(self, scenario: Scenario, database: str) -> Result:
        """Raises InconsistentSales if the database does not match the confirmed bookings."""
        scenario = scenario.on(database)
        if self._earlier:
            scenario = scenario.with_earlier_revision()
        names = [*scenario.yardsticks, scenario.name]
        runs: dict[str, list[Run]] = {name: [] for name in names}
        with ExitStack() as stack:
            keys = {
                name: (
                    each.only_on or database,
                    name.endswith(EARLIER),
                    each.behind_nginx,
                    each.settings,
                )
                for name, each in ((name, BENCHMARKS[benchmark_name(name)]) for name in names)
            }
            environments = {
                key: stack.enter_context(self._environment(*key)) for key in set(keys.values())
            }
            for round_ in range(self._options.runs + 1):
                for name in names:
                    _log(f"{scenario.name}, round {round_}: {name}")
                    benchmark = BENCHMARKS[benchmark_name(name)]
                    run = benchmark.run(environments[keys[name]], self._seconds(round_))
                    if round_:
                        runs[name].append(run)
        return Result(scenario, database, runs)

    def _seconds(self, round_: int) -> float:
        """Return the seconds of a round. Round 0 only warms up."""
        seconds = self._options.seconds
        return seconds if round_ else min(MAX_WARM_UP_SECONDS, seconds)

    @contextmanager
    def _environment(
        self,
        database: str,
        is_earlier: bool,
        behind_nginx: bool,
        more_settings: tuple[tuple[str, str], ...],
    ) -> Iterator[Environment]:
        checkout = self._earlier if self._earlier and is_earlier else Checkout()
        with ExitStack() as stack:
            home = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
            settings, pid = self._settings(database) | dict(more_settings), None
            url = f"sqlite:///{home}/ticketing.db"
            if database == POSTGRESQL:
                url = stack.enter_context(new_database(self._postgresql))
                pid = postgresql_pid(url)
            clients = self._options.clients
            environment = stack.enter_context(
                open_environment(
                    home, url, pid, clients, checkout, behind_nginx=behind_nginx, **settings
                )
            )
            processes = environment.server.workers()
            _log(f"server on {database}: processes {processes}")  # for profilers
            yield environment

    def _settings(self, database: str) -> dict[str, str]:
        return {**self._options.settings, **({"WORKERS": "1"} if database == SQLITE else {})}


def postgresql_version(postgresql: PostgresqlServer) -> str:
    with closing(psycopg2.connect(postgresql.url("postgres"))) as connection:
        return connection.info.parameter_status("server_version") or "unknown"


def postgresql_pid(url: str) -> int:
    """Return the main process of a PostgreSQL server on this machine."""
    with closing(psycopg2.connect(url)) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def _log(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)
