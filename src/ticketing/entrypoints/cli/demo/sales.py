"""Which seats of the demo are sold: always the same ones for the same show."""

from collections.abc import Iterator
from hashlib import shake_128

from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan


def parties(plan: SeatPlan, name: str, free_rows: int = 0) -> Iterator[list[SeatNumber]]:
    """Yield parties of 1 to 5 neighbours that fill 10 to 70 % of the seats.

    ``name`` is what varies between shows. The first ``free_rows`` rows stay free.
    """
    chance = iter(shake_128(name.encode()).digest(2 * plan.total_seats + 1))
    remaining = plan.total_seats * (15 + next(chance) % 51) // 100
    groups = list(_groups(plan, free_rows, chance))
    groups.sort(key=lambda group: group[0])
    for _, group in groups:
        if len(group) <= remaining:
            remaining -= len(group)
            yield group


def _groups(
    plan: SeatPlan, free_rows: int, chance: Iterator[int]
) -> Iterator[tuple[int, list[SeatNumber]]]:
    """Divide the seats into groups of neighbours, each with a number to sort by."""
    for first in range(
        free_rows * plan.seats_per_row + 1, plan.total_seats + 1, plan.seats_per_row
    ):
        row = [
            SeatNumber(n)
            for n in range(first, min(first + plan.seats_per_row, plan.total_seats + 1))
        ]
        while row:
            size = 1 + next(chance) % 5
            yield next(chance), row[:size]
            row = row[size:]
