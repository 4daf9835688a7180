"""Which seats a customer would like: together, and where everybody wants to sit."""

from collections.abc import Collection
from random import Random

from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.rehearsal.record import Numbers

_TOGETHER, _HOW_OFTEN = (1, 2, 3, 4), (20, 45, 15, 20)
_BEST_ROW, _BEST_COLUMN = 0.6, 0.5  # of the room's depth and width
_SPREAD = 0.12


def pick(plan: SeatPlan, free: Collection[int], chance: Random) -> Numbers:
    """One to four seats side by side that are ``free``, the nearest to the customer's favourite.

    A single seat where there are no more together; and where nothing is free, a favourite
    nevertheless: the map may have been old.
    """
    aim = (
        _aim(plan.rows, _BEST_ROW, chance),
        _aim(plan.seats_per_row, _BEST_COLUMN, chance),
    )
    count = min(chance.choices(_TOGETHER, _HOW_OFTEN)[0], plan.seats_per_row)
    found = _nearest(plan, free, aim, count) or _nearest(plan, free, aim, 1)
    return found or _nearest(plan, plan.numbers, aim, 1)


def _aim(length: int, best: float, chance: Random) -> int:
    place = chance.gauss(best, _SPREAD) * length
    return min(max(int(place), 0), length - 1)


def _nearest(plan: SeatPlan, free: Collection[int], aim: tuple[int, int], count: int) -> Numbers:
    row, column = aim
    width = plan.seats_per_row
    firsts = sorted(range(width - count + 1), key=lambda first: abs(first + count // 2 - column))
    for near in sorted(range(plan.rows), key=lambda other: abs(other - row)):
        for first in firsts:
            block = range(near * width + first + 1, near * width + first + count + 1)
            if all(number in free for number in block):
                return tuple(block)
    return ()
