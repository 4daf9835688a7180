"""The numbers of seats, and how many a room may have."""

from typing import Any, NewType

SeatNumber = NewType("SeatNumber", int)
"""1…N, in the order of a plan's sections, rows and seats."""

SeatName = Any
"""A client's name for a seat: 5, "5", "A5" and " a5 " may be the same one. It may be any JSON."""

MAX_SEATS = 20_000


def seats_fault(total: int) -> str | None:
    """Return what is wrong with ``total`` as a number of seats, or None."""
    return None if 1 <= total <= MAX_SEATS else f"A room has 1 to {MAX_SEATS} seats."
