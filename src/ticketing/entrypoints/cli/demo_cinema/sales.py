"""Seats that are sold in the demo already: the same ones in every demo with the same shows."""

from collections.abc import Iterator
from hashlib import shake_128

from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan


def parties(plan: SeatPlan, name: str, kept_rows: int = 0) -> Iterator[list[SeatNumber]]:
    """Groups of 1 to 5 neighbours that take 10 to 70 % of the room; ``name`` tells shows apart.

    Nobody sits in the first ``kept_rows`` rows.
    """
    chance = iter(shake_128(name.encode()).digest(2 * plan.total_seats + 1))
    wanted = plan.total_seats * (15 + next(chance) % 51) // 100
    groups = list(_groups(plan, kept_rows, chance))
    groups.sort(key=lambda group: group[0])
    for _, group in groups:
        if len(group) <= wanted:
            wanted -= len(group)
            yield group


def _groups(
    plan: SeatPlan, kept_rows: int, chance: Iterator[int]
) -> Iterator[tuple[int, list[SeatNumber]]]:
    """The room divided into neighbours, each group with the number of its turn."""
    for first in range(
        kept_rows * plan.seats_per_row + 1, plan.total_seats + 1, plan.seats_per_row
    ):
        row = [
            SeatNumber(n)
            for n in range(first, min(first + plan.seats_per_row, plan.total_seats + 1))
        ]
        while row:
            size = 1 + next(chance) % 5
            yield next(chance), row[:size]
            row = row[size:]
