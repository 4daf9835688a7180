"""A run over HTTP: what is sent, and what is made of the answers."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.figures import NANOSECONDS_A_MILLISECOND, Run, run_of
from benchmarks.load import Played, play
from benchmarks.stage import Stage
from benchmarks.truth import check_sales
from benchmarks.usage import Usage, measured

OK, CREATED, NOT_MODIFIED, CONFLICT = 200, 201, 304, 409


@dataclass(frozen=True, slots=True)
class Act:
    """What each client sends, the statuses that are right answers to it, and what is sold.

    The ``extras``, the last of the clients, are not measured.
    """

    requests: Sequence[Iterable[bytes]]
    right: frozenset[int]
    shows: Sequence[int] = ()
    extras: int = 0


def performed(make_act: Callable[[Stage], Act], stage: Stage, seconds: float) -> Run:
    """One run. Raises Untrue where the database does not hold what was sold."""
    act = make_act(stage)
    with measured(stage.server.process.pid, stage.database_pid) as usage:
        played = play(stage.server.port, act.requests, seconds)
    if act.shows:
        confirmed = played.statuses[CREATED]
        check_sales(stage.engine, act.shows, confirmed=confirmed, lost=played.lost)
    return _judged(act, played, usage)


def _judged(act: Act, played: Played, usage: Usage) -> Run:
    wrong = {status: n for status, n in played.statuses.items() if status not in act.right}
    if wrong or played.lost:
        print(f"Not as expected: {wrong}, and {played.lost} lost", file=sys.stderr)
    waits = [
        nanoseconds / NANOSECONDS_A_MILLISECOND
        for client in played.clients[: len(played.clients) - act.extras]
        for status, nanoseconds in client.answers
        if status in act.right
    ]
    errors = sum(wrong.values()) + played.lost
    return run_of(waits, seconds=played.seconds, errors=errors, usage=usage)
