"""A seat plan as a reader found it, and how it becomes a seat plan.

Every reader leaves to this module what does not depend on the format: labels, places, companions,
the order of seats in a row, and who is whose neighbour.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import median

from ticketing.domain.programme.seat_plan import MAX_SEATS, SeatNumber, seats_fault
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import (
    Category,
    Feature,
    Row,
    Seat,
    SeatPlan,
    Section,
    Side,
)
from ticketing.domain.programme.seat_plans.names import joined, label_key

MAX_SECTIONS = 100
MAX_CATEGORIES = 50
MAX_COMPANIONS = 3
"""Of one wheelchair space."""

GAP = 1.5
"""Seats further apart than this times the row's median distance are no neighbours."""

_SHARPEST_TURN = -1e-6
"""A line turns by 90 degrees at most; below 0, since coordinates are rounded."""


@dataclass(slots=True, kw_only=True)
class DraftSeat:
    """A seat, and ``where`` it is in the source. ``companion_of`` are names in the same row."""

    where: str
    name: str
    x: float
    y: float
    category: str
    features: frozenset[Feature] = frozenset()
    companion_of: Sequence[str] = ()
    label: str = ""

    def __post_init__(self) -> None:
        self.x, self.y = round(self.x, 3) + 0.0, round(self.y, 3) + 0.0  # -0.0 is 0.0


@dataclass(slots=True)
class DraftRow:
    """A row, its seats in the order of the source."""

    where: str
    name: str
    seats: list[DraftSeat] = field(default_factory=list)


@dataclass(slots=True)
class DraftSection:
    """A section. Its ``rows`` are not empty when it becomes part of a plan."""

    where: str
    name: str
    level: str
    rows: list[DraftRow] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A plan. Without a focal point it gets the usual one."""

    categories: Sequence[Category]
    sections: list[DraftSection]
    stage: Side = Side.TOP
    focal_point: tuple[float, float] | None = None

    def seats(self) -> Iterator[DraftSeat]:
        for section in self.sections:
            for row in section.rows:
                yield from row.seats


def seat_plan(draft: Draft, findings: Findings) -> SeatPlan:
    """Return the plan. Adds warnings; raises InvalidPlan with all faults, also those before."""
    _check_sizes(draft, findings)
    _rename_repeated_rows(draft)
    _add_labels(draft, findings)
    _check_places(draft, findings)
    for section in draft.sections:
        for row in section.rows:
            _check_companions(row, findings)
    findings.refuse_faults()
    sections = []
    first = 1
    for drafted in draft.sections:
        rows = []
        for row in drafted.rows:
            rows.append(_row(drafted, row, first, findings))
            first += len(row.seats)
        sections.append(Section(drafted.name, drafted.level, rows))
    focal_point = draft.focal_point or _usual_focal_point(draft)
    return SeatPlan(tuple(draft.categories), tuple(sections), draft.stage, focal_point)


def _check_sizes(draft: Draft, findings: Findings) -> None:
    total = sum(1 for _ in draft.seats())
    if (total or not findings.faults) and (fault := seats_fault(total)):
        findings.fault("", fault)
    if len(draft.sections) > MAX_SECTIONS:
        findings.fault("", f"A room has at most {MAX_SECTIONS} sections.")
    if not 1 <= len(draft.categories) <= MAX_CATEGORIES:
        findings.fault("/categories", f"A room has 1 to {MAX_CATEGORIES} categories.")
    names = Counter(label_key(category.name) for category in draft.categories)
    for name, count in names.items():
        if count > 1:
            findings.fault("/categories", f"{count} categories have the name {name!r}.")
    first: dict[str, str] = {}
    for section in draft.sections:
        other = first.setdefault(label_key(section.name), section.where)
        if other != section.where:
            findings.fault(section.where, f"The section at {other} has the same name.")


def _rename_repeated_rows(draft: Draft) -> None:
    """Call further rows of one name in a section A/2, A/3 …"""
    for section in draft.sections:
        taken = {row.name for row in section.rows}
        seen: Counter[str] = Counter()
        for row in section.rows:
            name = row.name
            seen[name] += 1
            if seen[name] > 1:
                while (renamed := f"{name}/{seen[name]}") in taken:
                    seen[name] += 1
                row.name = renamed
                taken.add(renamed)


def _add_labels(draft: Draft, findings: Findings) -> None:
    """Give each seat a label that is unique without regard to case and contains a letter."""
    first: dict[str, DraftSeat] = {}
    for prefixed in (False, True):
        first.clear()
        for section in draft.sections:
            for row in section.rows:
                for seat in row.seats:
                    label = joined(row.name, seat.name)
                    seat.label = f"{section.name} {label}" if prefixed else label
                    first.setdefault(label_key(seat.label), seat)
        has_letters = all(any(map(str.isalpha, key)) for key in first)
        if has_letters and len(first) == sum(1 for _ in draft.seats()):
            return
    for seat in draft.seats():
        other = first[label_key(seat.label)]
        if other is not seat:
            fault = f"The seat at {other.where} has the same label, {seat.label!r}."
            findings.fault(seat.where, fault)
        elif not any(map(str.isalpha, seat.label)):
            fault = f"The label {seat.label!r} has no letter: give the section a name with one."
            findings.fault(seat.where, fault)


def _check_places(draft: Draft, findings: Findings) -> None:
    first: dict[tuple[str, float, float], DraftSeat] = {}
    for section in draft.sections:
        for row in section.rows:
            for seat in row.seats:
                place = section.level, seat.x, seat.y
                if (other := first.setdefault(place, seat)) is not seat:
                    fault = f"{seat.label!r} is at the place of {other.label!r}, at {other.where}."
                    findings.fault(seat.where, fault)


def _check_companions(row: DraftRow, findings: Findings) -> None:
    spaces = {seat.name for seat in row.seats if Feature.WHEELCHAIR_SPACE in seat.features}
    companions: Counter[str] = Counter()
    for seat in row.seats:
        if unknown := [name for name in seat.companion_of if name not in spaces]:
            fault = f"This row has no wheelchair space {', '.join(map(repr, unknown))}."
            findings.fault(seat.where, fault)
        if Feature.COMPANION in seat.features:
            if not seat.companion_of:
                findings.fault(seat.where, "A companion seat names its wheelchair spaces.")
            if seat.name in spaces:
                findings.fault(seat.where, "A wheelchair space cannot be a companion seat.")
        companions.update(set(seat.companion_of))
    for seat in row.seats:
        if seat.name in spaces and companions[seat.name] > MAX_COMPANIONS:
            fault = f"A wheelchair space has at most {MAX_COMPANIONS} companion seats."
            findings.fault(seat.where, fault)


def _row(section: DraftSection, row: DraftRow, first: int, findings: Findings) -> Row:
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
    pitch = median(distances) if distances else 0
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
            features=place.features,
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


def _usual_focal_point(draft: Draft) -> tuple[float, float]:
    """Return the middle of the width, at two thirds of the depth seen from the stage."""
    xs, ys = [seat.x for seat in draft.seats()], [seat.y for seat in draft.seats()]
    across, deep = (0.5, 2 / 3) if draft.stage in (Side.TOP, Side.LEFT) else (0.5, 1 / 3)
    if draft.stage in (Side.LEFT, Side.RIGHT):
        across, deep = deep, across
    x, y = (
        round(min(ends) + (max(ends) - min(ends)) * part, 3)
        for ends, part in ((xs, across), (ys, deep))
    )
    return x, y
