"""Best available: the seats that a party gets when it leaves the choice to us.

In this order: side by side without leaving an orphan; side by side; in one section; anywhere. A
party that is split gets the fewest pieces, then the fewest pieces of one seat, then the rows
nearest to each other. Among equals, a wheelchair user's companion seats first, then the seats
nearest to the focal point, then the first ones.

The result is exact and depends on nothing but the arguments.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import chain
from math import inf

from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.best_available.offered_seats import OfferedSeats, Party
from ticketing.domain.sales.best_available.party_splitter import PartySplitter
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.orphans import orphan_seats

_Choice = tuple[bool, float, int]
"""Neighbours: whether they leave an orphan, their cost, and the first of them."""

_NOTHING: _Choice = (True, inf, 0)


def best_available(
    plan: SeatPlan,
    party: Party,
    free: Set[SeatNumber],
    held: Set[SeatNumber] = frozenset(),
) -> list[SeatNumber]:
    """Return the seats for the party, ascending, of those that are ``free``.

    ``held`` are those that may become free again. Wheelchair spaces are given only to parties that
    ask for them, exactly as many, and companion seats only side by side with a space of theirs;
    to others when they are released. Raises InvalidFields, and NoSeats.
    """
    party.check(plan)
    offered = OfferedSeats(plan, party, free, held)
    find = _with_spaces if party.wheelchair_spaces else _without_spaces
    _, _, start = find(offered)
    numbers: Sequence[int] | None = range(start, start + party.count) if start else None
    if numbers is None and not party.together:
        splitter = PartySplitter(offered)
        numbers = splitter.in_one_section() or splitter.anywhere()
    if numbers is None:
        runs = [len(run) for run in offered.runs(plan.blocks)]
        raise NoSeats(
            available=sum(runs),
            held=sum(party.selects(plan.seat(number)) for number in held),
            largest_block=max(runs, default=0),
        )
    return [SeatNumber(number) for number in numbers]


def _without_spaces(offered: OfferedSeats) -> _Choice:
    """Return the best neighbours. Blocks that have none as good as those found are not searched."""
    best = _NOTHING
    for least, block in offered.plan.blocks_by_cost(offered.count):
        if (False, least, 0) > best:
            break
        best = min(chain([best], _neighbours_in(block, offered)))
    return best


def _neighbours_in(block: range, offered: OfferedSeats) -> Iterator[_Choice]:
    """Yield the best neighbours of each run."""
    count = offered.count
    for run, free in offered.long_runs(block):
        costs: list[float] = [*offered.distances(run, count)]
        yield True, min(costs), run.start + costs.index(min(costs))
        for start in (free.start + 1, free.stop - count - 1):
            if 0 <= start - run.start < len(costs):
                costs[start - run.start] = inf  # a single seat would be left beside it
        if (least := min(costs)) < inf:
            yield False, least, run.start + costs.index(least)


def _with_spaces(offered: OfferedSeats) -> _Choice:
    """Return the best neighbours with the wheelchair spaces asked for, likewise."""
    ordinary = offered.ordinary_free_seats()
    return min(
        (
            (bool(orphan_seats(offered.plan, ordinary, {*piece})), offered.cost(piece), piece.start)
            for piece in offered.pieces_with_spaces()
        ),
        default=_NOTHING,
    )
