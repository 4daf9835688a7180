"""The order of the seats of a row, and which of them are neighbours."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from statistics import median_low

from ticketing.domain.programme.seat_plans.draft import DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import Feature, Row, Seat
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS, SeatNumber

GAP = 1.5
"""Seats further apart than this times the row's median distance are no neighbours."""

_COMPANION = frozenset({Feature.COMPANION})
_SHARPEST_TURN = -1e-6
"""A line turns by 90 degrees at most; below 0, since coordinates are rounded."""


def ordered_row(section: DraftSection, row: DraftRow, first: int, findings: Findings) -> Row:
    """Return a row whose seats are numbered from ``first`` along its line."""
    places = row.seats
    if not (is_line := _is_line(places)):
        along = _along_main_axis(places)
        if is_line := _is_line(along):
            places = along
            findings.warn(row.where, "The seats were listed out of order: sorted along the row.")
        else:
            warning = "The seats do not lie on a line: none of them has a neighbour."
            findings.warn(row.where, warning)
    distances = [math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairwise(places)]
    pitch = median_low(distances) if distances else 0  # the mean of two may be no distance
    starts = [n for n, gap in enumerate(distances, first + 1) if not is_line or gap > GAP * pitch]
    blocks = [range(*ends) for ends in pairwise([first, *starts, first + len(places)])]
    numbers = {place.name: SeatNumber(number) for number, place in enumerate(places, first)}
    columns = _columns([round(along / pitch) for along in accumulate(distances)] if is_line else [])
    seats = [
        Seat(
            number=numbers[place.name],
            label=place.label,
            section=section.name,
            row=row.name,
            name=place.name,
            column=next(columns),
            level=section.level,
            x=place.x,
            y=place.y,
            category=place.category,
            features=place.features | (_COMPANION if place.companion_of else frozenset()),
            companion_of=tuple(sorted({numbers[name] for name in place.companion_of})),
        )
        for place in places
    ]
    return Row(row.name, tuple(seats), tuple(blocks))


def _columns(steps: Sequence[int]) -> Iterator[int]:
    """Yield the columns of a row, from 1: each after the one before, and 1 after the last step."""
    column = 1
    yield column
    for step in steps:
        column = max(column + 1, step + 1)
        yield column
    yield from range(column + 1, MAX_SEATS + 1)


def _is_line(places: Sequence[DraftSeat]) -> bool:
    """Return whether the way from seat to seat never turns sharply; it may be curved."""
    steps = [(b.x - a.x, b.y - a.y) for a, b in pairwise(places)]
    return all(
        ax * bx + ay * by >= _SHARPEST_TURN * math.hypot(ax, ay) * math.hypot(bx, by)
        for (ax, ay), (bx, by) in pairwise(steps)
    )


def _along_main_axis(places: Sequence[DraftSeat]) -> list[DraftSeat]:
    """Return the seats sorted along the direction in which they spread most.

    Of its two ends, the one nearer to the seat listed first comes first.
    """
    x = sum(place.x for place in places) / len(places)
    y = sum(place.y for place in places) / len(places)
    xx = sum((place.x - x) ** 2 for place in places)
    yy = sum((place.y - y) ** 2 for place in places)
    xy = sum((place.x - x) * (place.y - y) for place in places)
    angle = math.atan2(2 * xy, xx - yy) / 2
    cos, sin = math.cos(angle), math.sin(angle)
    if (places[0].x - x) * cos + (places[0].y - y) * sin > 0:
        cos, sin = -cos, -sin
    return sorted(places, key=lambda place: place.x * cos + place.y * sin)
