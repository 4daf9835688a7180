"""Measuring a scenario: it and its yardsticks in turn, as often as wanted."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2

from benchmarks.figures import Run
from benchmarks.results import Result
from benchmarks.revision import Checkout
from benchmarks.scenarios import (
    BENCHMARKS,
    EARLIER,
    POSTGRESQL,
    SQLITE,
    Scenario,
    benchmark,
)
from benchmarks.stage import Stage, on_stage
from tests.integration.databases import new_database
from tests.integration.postgresql_server import PostgresqlServer

WARM_UP = 1.0  # seconds at most


@dataclass(frozen=True, slots=True)
class Wanted:
    """``workers`` and ``threads`` are the server's; its own defaults where they are None."""

    runs: int
    seconds: float
    clients: int
    workers: int | None = None
    threads: int | None = None


class Bench:
    """``postgresql`` has to run while scenarios are measured.

    Each scenario is also measured with the server of an ``earlier`` revision, if there is one.
    """

    def __init__(
        self, wanted: Wanted, postgresql: PostgresqlServer, earlier: Checkout | None = None
    ) -> None:
        self._wanted = wanted
        self._postgresql = postgresql
        self._earlier = earlier

    def measure(self, scenario: Scenario, database: str) -> Result:
        """Raises Untrue where what was sold and what is stored differ."""
        scenario = scenario.on(database)
        if self._earlier:
            scenario = scenario.beside_earlier()
        names = [*scenario.yardsticks, scenario.name]
        runs: dict[str, list[Run]] = {name: [] for name in names}
        with ExitStack() as opened:
            needed = {
                name: (BENCHMARKS[benchmark(name)].only_on or database, name.endswith(EARLIER))
                for name in names
            }
            stages = {
                kind: opened.enter_context(self._stage(*kind)) for kind in set(needed.values())
            }
            for round_ in range(self._wanted.runs + 1):
                for name in names:
                    _say(f"{scenario.name}, round {round_}: {name}")
                    stage, seconds = stages[needed[name]], self._seconds(round_)
                    run = BENCHMARKS[benchmark(name)].run(stage, seconds)
                    if round_:
                        runs[name].append(run)
        return Result(scenario, database, runs)

    def _seconds(self, round_: int) -> float:
        """Round 0 only warms up."""
        return self._wanted.seconds if round_ else min(WARM_UP, self._wanted.seconds)

    @contextmanager
    def _stage(self, database: str, is_earlier: bool) -> Iterator[Stage]:
        checkout = self._earlier if self._earlier and is_earlier else Checkout()
        with ExitStack() as opened:
            home = Path(opened.enter_context(TemporaryDirectory(prefix="bench-")))
            settings, pid = self._settings(database), None
            url = f"sqlite:///{home}/ticketing.db"
            if database == POSTGRESQL:
                url = opened.enter_context(new_database(self._postgresql))
                pid = pid_of_server(url)
            clients = self._wanted.clients
            stage = opened.enter_context(on_stage(home, url, pid, clients, checkout, **settings))
            _say(f"server on {database}: processes {stage.server.workers()}")  # for profilers
            yield stage

    def _settings(self, database: str) -> dict[str, str]:
        workers = 1 if database == SQLITE else self._wanted.workers
        given = {"WORKERS": workers, "THREADS": self._wanted.threads}
        return {name: str(value) for name, value in given.items() if value is not None}


def version_of_server(postgresql: PostgresqlServer) -> str:
    with closing(psycopg2.connect(postgresql.url("postgres"))) as connection:
        return connection.info.parameter_status("server_version") or "unknown"


def pid_of_server(url: str) -> int:
    """The process of a PostgreSQL server on this machine, from which its others stem."""
    with closing(psycopg2.connect(url)) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def _say(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)
