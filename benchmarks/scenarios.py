"""The scenarios, the yardsticks that each is compared with, and the targets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from benchmarks import attacks, booking_workloads, read_workloads
from benchmarks.attacks import attacking, locked_show
from benchmarks.environment import Environment
from benchmarks.live_streams import open_pages
from benchmarks.metrics import Run
from benchmarks.workload import Disturbance, Workload, run_workload, undisturbed
from benchmarks.yardsticks import argon2, pgbench

POSTGRESQL, SQLITE = "postgresql", "sqlite"
EARLIER = " (earlier)"
"""The suffix of a benchmark's name if the server of an earlier revision runs it."""


def benchmark_name(name: str) -> str:
    """Return the name of the benchmark without the suffix of an earlier revision."""
    return name.removesuffix(EARLIER)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``run`` runs it in an environment for some seconds.

    ``only_on`` is the database that it requires; None means any. ``behind_nginx`` measures through
    the shipped nginx, with limits for each address. ``settings`` are the server's, without their
    prefix.
    """

    run: Callable[[Environment, float], Run]
    only_on: str | None = None
    behind_nginx: bool = False
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ratio of the rates of two benchmarks, and its target if there is one."""

    one: str
    other: str
    min_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Slowdown:
    """The ratio of a benchmark's p99 to the p99 of another one, and its target.

    A p99 of at most ``always_met_ms`` milliseconds meets the target too.
    """

    to: str
    max_ratio: float = 2.0
    always_met_ms: float = 100.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A benchmark, and how it compares with others that are measured in turn with it.

    ``max_spread`` is the target of the ratio of its p99 to its p50.
    """

    name: str
    comparisons: tuple[Comparison, ...] = ()
    max_spread: float | None = None
    slowdown: Slowdown | None = None

    @property
    def yardsticks(self) -> list[str]:
        """The benchmarks that it is compared with."""
        compared = [name for each in self.comparisons for name in (each.one, each.other)]
        compared += [self.slowdown.to] if self.slowdown else []
        return [name for name in dict.fromkeys(compared) if name != self.name]

    def with_earlier_revision(self) -> "Scenario":
        """Return the scenario compared with itself on an earlier revision's server."""
        earlier = Comparison(self.name, self.name + EARLIER)
        return replace(self, comparisons=(*self.comparisons, earlier))

    def on(self, database: str) -> "Scenario":
        """Return the scenario for a database. The targets and some yardsticks need PostgreSQL."""
        if database == POSTGRESQL or BENCHMARKS[self.name].only_on:
            return self
        possible = {name for name in self.yardsticks if BENCHMARKS[name].only_on is None}
        kept = (
            each for each in self.comparisons if {each.one, each.other} - {self.name} <= possible
        )
        return Scenario(self.name, tuple(replace(each, min_ratio=None) for each in kept))


def _over_http(
    make_workload: Callable[[Environment], Workload], only_on: str | None = None
) -> Benchmark:
    return Benchmark(partial(run_workload, make_workload, undisturbed), only_on)


def _during(disturbance: Disturbance) -> Benchmark:
    """Measure honest customers, through nginx."""
    run = partial(run_workload, booking_workloads.honest_customers, disturbance)
    return Benchmark(run, POSTGRESQL, behind_nginx=True)


@contextmanager
def _waiting_for_a_locked_show(environment: Environment) -> Iterator[None]:
    with locked_show(environment), attacking(attacks.waiting_customers, environment):
        yield


BENCHMARKS = {
    "echo": _over_http(read_workloads.echo),
    "constant": _over_http(read_workloads.constant),
    "pgbench": Benchmark(pgbench, POSTGRESQL),
    "argon2": Benchmark(argon2),
    "hot": _over_http(booking_workloads.hot),
    "hot-postgresql": _over_http(booking_workloads.hot, POSTGRESQL),
    "hot-keys": _over_http(booking_workloads.hot_with_keys),
    "many": _over_http(booking_workloads.many),
    "live": Benchmark(partial(run_workload, booking_workloads.many, open_pages)),
    "fight": _over_http(booking_workloads.fight),
    "sold-out": _over_http(booking_workloads.sold_out),
    "hold-book": _over_http(booking_workloads.hold_then_book),
    "best-available": _over_http(booking_workloads.best_available),
    "expiring": replace(
        _over_http(booking_workloads.expiring_holds), settings=(("HOLD_SECONDS", "1"),)
    ),
    "movies": _over_http(read_workloads.movie_list),
    "shows": _over_http(read_workloads.show_list),
    "map": _over_http(read_workloads.seat_map),
    "map-304": _over_http(read_workloads.unchanged_seat_map),
    "map-quiet": _over_http(booking_workloads.seat_maps_while_idle),
    "map-selling": _over_http(booking_workloads.seat_maps_while_selling),
    "login": _over_http(read_workloads.log_in),
    "sqlite": _over_http(booking_workloads.hot, SQLITE),
    "quiet": _during(undisturbed),
    "odd-bodies": _during(partial(attacking, attacks.odd_bodies)),
    "log-ins": _during(partial(attacking, attacks.log_ins)),
    "locked-show": _during(_waiting_for_a_locked_show),
    "long-addresses": _during(partial(attacking, attacks.long_addresses)),
    "slow-clients": _during(partial(attacking, attacks.slow_clients)),
}

SPEED = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "hot",
            (Comparison("hot", "echo", 0.20), Comparison("hot", "pgbench", 0.40)),
            max_spread=2,
        ),
        Scenario("hot-keys", (Comparison("hot-keys", "hot"),)),
        Scenario("many", (Comparison("hot", "many", 0.95),)),
        Scenario("live", (Comparison("live", "many", 0.90),)),
        Scenario("fight", (Comparison("fight", "echo", 0.26),)),
        Scenario("sold-out", (Comparison("sold-out", "echo", 0.28),)),
        Scenario("hold-book", (Comparison("hold-book", "hot"),)),
        Scenario("best-available", (Comparison("best-available", "hot"),)),
        Scenario("expiring", (Comparison("expiring", "hold-book"),)),
        Scenario("movies", (Comparison("movies", "constant", 0.25),)),
        Scenario("shows", (Comparison("shows", "constant", 0.20),)),
        Scenario("map", (Comparison("map", "constant", 0.12),)),
        Scenario("map-304", (Comparison("map-304", "constant", 0.25),)),
        Scenario("map-selling", (Comparison("map-selling", "map-quiet"),)),
        Scenario("login", (Comparison("login", "argon2", 0.85),)),
        Scenario("sqlite", (Comparison("sqlite", "hot-postgresql"),), max_spread=10),
    )
}

MISUSE = {
    name: Scenario(name, slowdown=Slowdown(to="quiet"))
    for name in ("odd-bodies", "log-ins", "locked-show", "long-addresses", "slow-clients")
}

SCENARIOS = SPEED | MISUSE
