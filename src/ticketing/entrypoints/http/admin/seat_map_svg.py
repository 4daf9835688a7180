"""A show's room as a picture."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan, row_label
from ticketing.domain.sales.booking import BookingId

SEAT = 12
"""The side of a seat with its gap, in units of the picture."""

_TOP = 14
_NARROW = 24
_MOST_LABELS = 200
_PIXELS_NARROW, _PIXELS_WIDE = 30, 16


@dataclass(frozen=True, slots=True)
class Sold:
    """The seats of a booking: ``path`` draws them."""

    booking_id: BookingId
    labels: str
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Room:
    """The free seats are a pattern, and all seats of a booking one path.

    So a room of 20,000 is as large as what is sold of it. ``view_box`` is SVG's, ``width`` and
    ``height`` are pixels, ``is_narrow`` says that a telephone can show it whole.
    """

    view_box: str
    width: int
    height: int
    is_narrow: bool
    free: Sequence[tuple[int, int, int, int]]
    sold: Sequence[Sold]
    labels: Sequence[Label]


def draw(plan: SeatPlan, sold: Mapping[SeatNumber, BookingId]) -> Room:
    columns = min(plan.seats_per_row, plan.total_seats)
    left = 5 * len(row_label(plan.rows - 1)) + 8
    width, height = columns * SEAT + left, plan.rows * SEAT + _TOP
    is_narrow = columns <= _NARROW
    pixels = (_PIXELS_NARROW if is_narrow else _PIXELS_WIDE) / SEAT
    return Room(
        view_box=f"{-left} {-_TOP} {width} {height}",
        width=round(width * pixels),
        height=round(height * pixels),
        is_narrow=is_narrow,
        free=_all_seats(plan),
        sold=_sold(plan, sold),
        labels=[*_column_labels(columns), *_row_labels(plan.rows, -left / 2)],
    )


def _all_seats(plan: SeatPlan) -> list[tuple[int, int, int, int]]:
    """The full rows, and the one that may be shorter: x, y, width, height."""
    full, rest = divmod(plan.total_seats, plan.seats_per_row)
    areas = [
        (0, 0, plan.seats_per_row * SEAT, full * SEAT),
        (0, full * SEAT, rest * SEAT, SEAT),
    ]
    return [area for area in areas if area[2] and area[3]]


def _sold(plan: SeatPlan, sold: Mapping[SeatNumber, BookingId]) -> list[Sold]:
    numbers = defaultdict(list)
    for number, booking_id in sold.items():
        numbers[booking_id].append(number)
    return [
        Sold(
            booking_id,
            ", ".join(plan.seat(number).label for number in theirs),
            "".join(_square(number, plan.seats_per_row) for number in theirs),
        )
        for booking_id, theirs in numbers.items()
    ]


def _square(number: int, seats_per_row: int) -> str:
    row, column = divmod(number - 1, seats_per_row)
    return f"M{column * SEAT + 1} {row * SEAT + 1}h10v10h-10z"


def _column_labels(columns: int) -> list[Label]:
    step = -(-columns // _MOST_LABELS)
    return [Label(str(column + 1), (column + 0.5) * SEAT, -4) for column in range(0, columns, step)]


def _row_labels(rows: int, x: float) -> list[Label]:
    step = -(-rows // _MOST_LABELS)
    return [Label(row_label(row), x, (row + 0.75) * SEAT) for row in range(0, rows, step)]
