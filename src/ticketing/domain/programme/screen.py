"""A screen of the cinema."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from ticketing.domain.errors import refuse_faults
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS, seats_fault
from ticketing.domain.programme.seat_plans.plain_grid import grid_sides, plain_grid
from ticketing.domain.text import text_fault

ScreenId = NewType("ScreenId", int)


def screen_name_fault(name: str) -> str | None:
    return text_fault(name, min_length=1, max_length=100)


def side_fault(length: int) -> str | None:
    """Return what is wrong with ``length`` as a number of rows or of seats in a row, or None."""
    return None if 1 <= length <= MAX_SEATS else f"A whole number from 1 to {MAX_SEATS}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen with a unique name. New shows on it get its seat plan; a retired one gets none."""

    id: ScreenId = ScreenId(0)
    name: str
    plan: SeatPlan
    retired_at: datetime | None = None

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def rows(self) -> int | None:
        """The number of rows of a plain grid; None for another plan."""
        sides = grid_sides(self.plan)
        return sides and sides[0]

    @property
    def seats_per_row(self) -> int | None:
        """The length of the rows of a plain grid; None for another plan."""
        sides = grid_sides(self.plan)
        return sides and sides[1]

    @classmethod
    def new(cls, name: str, rows: int, seats_per_row: int) -> "Screen":
        """Return a screen with full rows. Raises InvalidFields for all invalid fields."""
        refuse_faults(
            name=screen_name_fault(name),
            rows=side_fault(rows),
            seats_per_row=side_fault(seats_per_row),
        )
        refuse_faults(rows=seats_fault(rows * seats_per_row))
        return cls(name=name.strip(), plan=plain_grid(rows * seats_per_row, seats_per_row))
