"""The geometry of a show's seat map as SVG."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ticketing.domain.programme.seat_plans.layouts import PITCH
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import grid_sides
from ticketing.domain.sales.booking import BookingId

SEAT = 12
"""The side of a seat including its gap, in SVG units."""

_TOP = 14
_MAX_NARROW_COLUMNS = 24
_MAX_LABELS = 200
_PIXELS_NARROW, _PIXELS_WIDE = 30, 16

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SoldSeats:
    """The seats of a booking; ``path`` is an SVG path of them."""

    booking_id: BookingId
    labels: str
    path: str


@dataclass(frozen=True, slots=True)
class SeatMap:
    """The free seats of a plain grid are drawn by a pattern, the seats of a booking by one path.

    So the page's size depends on the sold seats only, even with 20,000 seats; in other rooms one
    ``free_path`` draws every seat. ``view_box`` is
    the SVG attribute, ``width`` and ``height`` are in pixels, and ``is_narrow`` means that the map
    fits a phone's screen. Areas of ``free`` seats are x, y, width, height; ``labels`` text, x, y.
    """

    view_box: str
    width: int
    height: int
    is_narrow: bool
    free: Sequence[tuple[int, int, int, int]]
    free_path: str
    sold: Sequence[SoldSeats]
    labels: Sequence[tuple[str, float, float]]


def seat_map_svg(plan: SeatPlan, sold: Mapping[SeatNumber, BookingId]) -> SeatMap:
    seats = _placed(plan)
    columns = 1 + max(x for x, _ in seats) // SEAT
    left = 5 * max(len(row.name) for row in plan.rows) + 8
    width, height = columns * SEAT + left, max(y for _, y in seats) + SEAT + _TOP
    is_narrow = columns <= _MAX_NARROW_COLUMNS
    pixels = (_PIXELS_NARROW if is_narrow else _PIXELS_WIDE) / SEAT
    is_grid = grid_sides(plan) is not None
    return SeatMap(
        view_box=f"{-left} {-_TOP} {width} {height}",
        width=round(width * pixels),
        height=round(height * pixels),
        is_narrow=is_narrow,
        free=_areas(plan) if is_grid else [],
        free_path="" if is_grid else "".join(map(_square, seats)),
        sold=list(_sold(plan, seats, sold)),
        labels=[
            *((str(n + 1), (n + 0.5) * SEAT, -4) for n in _labelled(columns) if is_grid),
            *_row_labels(plan, seats, left),
        ],
    )


def _placed(plan: SeatPlan) -> list[Place]:
    """Return where the seats are drawn, by number; neighbours of a plain grid touch."""
    left, top = min(seat.x for seat in plan.seats()), min(seat.y for seat in plan.seats())
    scale = SEAT / PITCH
    return [
        (round((seat.x - left) * scale), round((seat.y - top) * scale)) for seat in plan.seats()
    ]


def _areas(plan: SeatPlan) -> list[tuple[int, int, int, int]]:
    """Return the areas of a plain grid's seats: the last row may be shorter."""
    full, rest = divmod(plan.total_seats, plan.longest_row)
    areas = (0, 0, plan.longest_row * SEAT, full * SEAT), (0, full * SEAT, rest * SEAT, SEAT)
    return [area for area in areas if area[2] and area[3]]


def _sold(
    plan: SeatPlan, places: Sequence[Place], sold: Mapping[SeatNumber, BookingId]
) -> Iterator[SoldSeats]:
    numbers = defaultdict(list)
    for number, booking_id in sold.items():
        numbers[booking_id].append(number)
    for booking_id, seats in numbers.items():
        labels = ", ".join(plan.seat(number).label for number in seats)
        path = "".join(_square(places[number - 1]) for number in seats)
        yield SoldSeats(booking_id, labels, path)


def _square(place: Place) -> str:
    return f"M{place[0] + 1} {place[1] + 1}h10v10h-10z"


def _row_labels(
    plan: SeatPlan, places: Sequence[Place], left: int
) -> Iterator[tuple[str, float, float]]:
    """Yield the rows' names, each beside the row's first seat."""
    for n in _labelled(len(plan.rows)):
        x, y = places[plan.rows[n].seats[0].number - 1]
        yield plan.rows[n].name, x - left / 2, y + 0.75 * SEAT


def _labelled(length: int) -> range:
    """The rows or columns that have a label."""
    return range(0, length, -(-length // _MAX_LABELS))
