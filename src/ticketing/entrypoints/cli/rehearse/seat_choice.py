"""Which seats a customer chooses: neighbours, near the popular ones."""

from collections.abc import Collection
from random import Random

from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.rehearsal.record import Numbers

PARTY_SIZES, PARTY_WEIGHTS = (1, 2, 3, 4), (20, 45, 15, 20)
BEST_ROW, BEST_COLUMN = 0.6, 0.5  # fractions of the rows and columns
STANDARD_DEVIATION = 0.12


def choose_seats(plan: SeatPlan, free: Collection[int], chance: Random) -> Numbers:
    """Return one to four ``free`` neighbours, the nearest to the customer's favourite seat.

    A single seat if there are no neighbours left. If no seat is free, a favourite all the same:
    the seat map may be stale.
    """
    favourite = (
        _draw(plan.rows, BEST_ROW, chance),
        _draw(plan.seats_per_row, BEST_COLUMN, chance),
    )
    count = min(chance.choices(PARTY_SIZES, PARTY_WEIGHTS)[0], plan.seats_per_row)
    found = _nearest(plan, free, favourite, count) or _nearest(plan, free, favourite, 1)
    return found or _nearest(plan, plan.numbers, favourite, 1)


def _draw(length: int, best: float, chance: Random) -> int:
    place = chance.gauss(best, STANDARD_DEVIATION) * length
    return min(max(int(place), 0), length - 1)


def _nearest(
    plan: SeatPlan, free: Collection[int], favourite: tuple[int, int], count: int
) -> Numbers:
    row, column = favourite
    width = plan.seats_per_row
    firsts = sorted(range(width - count + 1), key=lambda first: abs(first + count // 2 - column))
    for near in sorted(range(plan.rows), key=lambda other: abs(other - row)):
        for first in firsts:
            block = range(near * width + first + 1, near * width + first + count + 1)
            if all(number in free for number in block):
                return tuple(block)
    return ()
