"""A workload: the requests of one run over HTTP, and how their responses are evaluated."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from benchmarks.consistency import check_sales
from benchmarks.cpu_usage import CpuUsage, measure_cpu
from benchmarks.environment import Environment
from benchmarks.load_generator import LoadResult, Request, generate_load
from benchmarks.metrics import NANOSECONDS_PER_MILLISECOND, Run, run_of

OK, CREATED, NOT_MODIFIED, CONFLICT = 200, 201, 304, 409


@dataclass(frozen=True, slots=True)
class Workload:
    """The requests of each client, the expected statuses, and the shows whose seats are sold.

    The last ``unmeasured`` clients send requests, but do not count in the metrics. Each client
    waits for ``pause_seconds`` before its next request.
    """

    requests: Sequence[Iterable[Request]]
    expected: frozenset[int]
    shows: Sequence[int] = ()
    unmeasured: int = 0
    pause_seconds: float = 0.0


Disturbance = Callable[[Environment], AbstractContextManager[None]]
"""What goes on in the environment while a workload is measured."""


def undisturbed(environment: Environment) -> AbstractContextManager[None]:
    return nullcontext()


def run_workload(
    make_workload: Callable[[Environment], Workload],
    disturbance: Disturbance,
    environment: Environment,
    seconds: float,
) -> Run:
    """Run a workload once.

    Raises InconsistentSales if the database does not match the confirmed bookings.
    """
    workload = make_workload(environment)
    with (
        disturbance(environment),
        measure_cpu(environment.server.process.pid, environment.database_pid) as usage,
    ):
        load = generate_load(environment.port, workload.requests, seconds, workload.pause_seconds)
    if workload.shows:
        confirmed = load.statuses[CREATED]
        check_sales(environment.engine, workload.shows, confirmed=confirmed, lost=load.lost)
    return _evaluate(workload, load, usage)


def _evaluate(workload: Workload, load: LoadResult, usage: CpuUsage) -> Run:
    expected = workload.expected
    wrong = {status: count for status, count in load.statuses.items() if status not in expected}
    if wrong or load.lost:
        print(f"Unexpected responses: {wrong}; lost responses: {load.lost}", file=sys.stderr)
    latencies = [
        nanoseconds / NANOSECONDS_PER_MILLISECOND
        for client in load.clients[: len(load.clients) - workload.unmeasured]
        for status, nanoseconds in client.responses
        if status in expected
    ]
    errors = sum(wrong.values()) + load.lost
    return run_of(latencies, seconds=load.seconds, errors=errors, usage=usage)
