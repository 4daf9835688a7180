"""Plans of two numbers: rows of one length, lettered A…Z, AA…, the last one possibly shorter."""

from functools import lru_cache

from ticketing.domain.programme.seat_plans.assembly import seat_plan
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.plan_format import grid_plan

DEFAULT_SEATS_PER_ROW = 10
_SMALL = 1_000


def plain_grid(total_seats: int, seats_per_row: int = DEFAULT_SEATS_PER_ROW) -> SeatPlan:
    """Return the plan with that many seats in rows of that length. Its id is 0."""
    made = _small if total_seats <= _SMALL else _large
    return made(total_seats, min(total_seats, seats_per_row))


def grid_sides(plan: SeatPlan) -> tuple[int, int] | None:
    """Return the number of rows and of seats per row of a plain grid; None for another plan."""
    seats_per_row = plan.longest_row
    rows = -(-plan.total_seats // seats_per_row)
    is_grid = len(plan.rows) == rows and plan == plain_grid(plan.total_seats, seats_per_row)
    return (rows, seats_per_row) if is_grid else None


def _made(total_seats: int, seats_per_row: int) -> SeatPlan:
    return seat_plan(grid_plan(total_seats, seats_per_row), Findings())


# A seat takes about a kilobyte, and a thousand of them 7 ms.
_small = lru_cache(maxsize=32)(_made)
_large = lru_cache(maxsize=2)(_made)
