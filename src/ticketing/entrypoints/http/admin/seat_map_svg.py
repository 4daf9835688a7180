"""The geometry of a show's seat map as SVG."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan, row_label
from ticketing.domain.sales.booking import BookingId

SEAT = 12
"""The side of a seat including its gap, in SVG units."""

_TOP = 14
_MAX_NARROW_COLUMNS = 24
_MAX_LABELS = 200
_PIXELS_NARROW, _PIXELS_WIDE = 30, 16


@dataclass(frozen=True, slots=True)
class SoldSeats:
    """The seats of a booking; ``path`` is an SVG path of them."""

    booking_id: BookingId
    labels: str
    path: str


@dataclass(frozen=True, slots=True)
class SeatMap:
    """Free seats are drawn by a pattern, the seats of a booking by one path.

    So the size of the page depends on the sold seats only, even with 20,000 seats. ``view_box`` is
    the SVG attribute, ``width`` and ``height`` are in pixels, and ``is_narrow`` means that the map
    fits a phone's screen. Areas of ``free`` seats are x, y, width, height; ``labels`` text, x, y.
    """

    view_box: str
    width: int
    height: int
    is_narrow: bool
    free: Sequence[tuple[int, int, int, int]]
    sold: Sequence[SoldSeats]
    labels: Sequence[tuple[str, float, float]]


def seat_map_svg(plan: SeatPlan, sold: Mapping[SeatNumber, BookingId]) -> SeatMap:
    columns = min(plan.seats_per_row, plan.total_seats)
    left = 5 * len(row_label(plan.rows - 1)) + 8
    width, height = columns * SEAT + left, plan.rows * SEAT + _TOP
    is_narrow = columns <= _MAX_NARROW_COLUMNS
    pixels = (_PIXELS_NARROW if is_narrow else _PIXELS_WIDE) / SEAT
    full, rest = divmod(plan.total_seats, plan.seats_per_row)  # the last row may be shorter
    areas = (0, 0, columns * SEAT, full * SEAT), (0, full * SEAT, rest * SEAT, SEAT)
    return SeatMap(
        view_box=f"{-left} {-_TOP} {width} {height}",
        width=round(width * pixels),
        height=round(height * pixels),
        is_narrow=is_narrow,
        free=[area for area in areas if area[2] and area[3]],
        sold=list(_sold(plan, sold)),
        labels=[
            *((str(n + 1), (n + 0.5) * SEAT, -4) for n in _labelled(columns)),
            *((row_label(n), -left / 2, (n + 0.75) * SEAT) for n in _labelled(plan.rows)),
        ],
    )


def _sold(plan: SeatPlan, sold: Mapping[SeatNumber, BookingId]) -> Iterator[SoldSeats]:
    numbers = defaultdict(list)
    for number, booking_id in sold.items():
        numbers[booking_id].append(number)
    for booking_id, seats in numbers.items():
        labels = ", ".join(plan.seat(number).label for number in seats)
        yield SoldSeats(booking_id, labels, "".join(_square(plan, number) for number in seats))


def _square(plan: SeatPlan, number: int) -> str:
    row, column = divmod(number - 1, plan.seats_per_row)
    return f"M{column * SEAT + 1} {row * SEAT + 1}h10v10h-10z"


def _labelled(length: int) -> range:
    """The rows or columns that have a label."""
    return range(0, length, -(-length // _MAX_LABELS))
