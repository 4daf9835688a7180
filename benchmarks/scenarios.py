"""The scenarios, what each is measured against, and what it shall reach."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from benchmarks import looking, selling
from benchmarks.acts import Act, performed
from benchmarks.figures import Run
from benchmarks.hashing import argon2
from benchmarks.pgbench import pgbench
from benchmarks.stage import Stage

POSTGRESQL, SQLITE = "postgresql", "sqlite"
EARLIER = " (earlier)"
"""Follows the name of a benchmark that an earlier revision of the application runs."""


def benchmark(name: str) -> str:
    """Return the name of the benchmark, whichever revision runs it."""
    return name.removesuffix(EARLIER)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Something to measure: ``run`` plays it on a stage for some seconds.

    ``only_on`` is the database that it needs, where not any will do.
    """

    run: Callable[[Stage, float], Run]
    only_on: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rate of ``one`` benchmark beside that of an ``other``, of which it shall be at least
    the ``least``, where anything is asked of it."""

    one: str
    other: str
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A benchmark, and how it compares with others that are measured in turn with it.

    ``spread`` is the most that its p99 may be of its p50.
    """

    name: str
    comparisons: tuple[Comparison, ...] = ()
    spread: float | None = None

    @property
    def yardsticks(self) -> list[str]:
        """The benchmarks that it is compared with."""
        compared = [name for each in self.comparisons for name in (each.one, each.other)]
        return [name for name in dict.fromkeys(compared) if name != self.name]

    def beside_earlier(self) -> "Scenario":
        """As it is measured beside an earlier revision of the application."""
        earlier = Comparison(self.name, self.name + EARLIER)
        return replace(self, comparisons=(*self.comparisons, earlier))

    def on(self, database: str) -> "Scenario":
        """As it is measured there. The targets are PostgreSQL's."""
        if database == POSTGRESQL or BENCHMARKS[self.name].only_on:
            return self
        possible = {name for name in self.yardsticks if BENCHMARKS[name].only_on is None}
        kept = (
            each for each in self.comparisons if {each.one, each.other} - {self.name} <= possible
        )
        return Scenario(self.name, tuple(replace(each, least=None) for each in kept))


def _over_http(make_act: Callable[[Stage], Act], only_on: str | None = None) -> Benchmark:
    return Benchmark(partial(performed, make_act), only_on)


BENCHMARKS = {
    "echo": _over_http(looking.echo),
    "constant": _over_http(looking.constant),
    "pgbench": Benchmark(pgbench, POSTGRESQL),
    "argon2": Benchmark(argon2),
    "hot": _over_http(selling.hot),
    "hot-postgresql": _over_http(selling.hot, POSTGRESQL),
    "hot-keys": _over_http(selling.hot_with_keys),
    "many": _over_http(selling.many),
    "fight": _over_http(selling.fight),
    "sold-out": _over_http(selling.sold_out),
    "movies": _over_http(looking.movie_list),
    "shows": _over_http(looking.show_list),
    "map": _over_http(looking.seat_map),
    "map-304": _over_http(looking.seat_map_unchanged),
    "map-quiet": _over_http(selling.maps_while_quiet),
    "map-selling": _over_http(selling.maps_while_selling),
    "login": _over_http(looking.log_in),
    "sqlite": _over_http(selling.hot, SQLITE),
}

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "hot",
            (Comparison("hot", "echo", 0.20), Comparison("hot", "pgbench", 0.40)),
            spread=2,
        ),
        Scenario("hot-keys", (Comparison("hot-keys", "hot"),)),
        Scenario("many", (Comparison("hot", "many", 0.95),)),
        Scenario("fight", (Comparison("fight", "echo", 0.26),)),
        Scenario("sold-out", (Comparison("sold-out", "echo", 0.28),)),
        Scenario("movies", (Comparison("movies", "constant", 0.25),)),
        Scenario("shows", (Comparison("shows", "constant", 0.20),)),
        Scenario("map", (Comparison("map", "constant", 0.12),)),
        Scenario("map-304", (Comparison("map-304", "constant", 0.25),)),
        Scenario("map-selling", (Comparison("map-selling", "map-quiet"),)),
        Scenario("login", (Comparison("login", "argon2", 0.85),)),
        Scenario("sqlite", (Comparison("sqlite", "hot-postgresql"),), spread=10),
    )
}
