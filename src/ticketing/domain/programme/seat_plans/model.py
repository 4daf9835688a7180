"""A seat plan: the seats of a room, where they are, and the names by which clients book them.

Coordinates have no unit; generators place neighbours 25 apart. y grows downwards.
"""

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, chain, pairwise
from operator import itemgetter, sub
from typing import Any, NewType

from ticketing.domain.programme.errors import SeatNamedTwice, SectionNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.names import label_key
from ticketing.domain.programme.seat_plans.numbers import SeatName, SeatNumber

PlanId = NewType("PlanId", int)

_MAX_DIGITS = 20
_MAX_SHOWN_CHARACTERS = 40


class Feature(StrEnum):
    """What a customer has to know about a seat."""

    WHEELCHAIR_SPACE = "wheelchair_space"
    """A place for a wheelchair: there is no chair."""

    TRANSFER_SEAT = "transfer_seat"
    """A chair whose armrest lifts up."""

    COMPANION = "companion"
    """A chair for those who come with the user of a wheelchair space."""

    RESTRICTED_VIEW = "restricted_view"
    OUT_OF_ORDER = "out_of_order"


class Side(StrEnum):
    """The side of the room where the stage or the screen is."""

    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of seats; ``color`` is ``#rgb`` or ``#rrggbb``."""

    name: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat: ``row`` and ``name`` as painted, ``column`` its place in the row, gaps counted.

    ``companion_of`` are the wheelchair spaces that it goes with.
    """

    number: SeatNumber
    label: str
    section: str
    row: str
    name: str
    column: int
    level: str
    x: float
    y: float
    category: str
    features: frozenset[Feature] = frozenset()
    companion_of: tuple[SeatNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The seats of a row, along its line, and its ``blocks`` of neighbours.

    A block is a range of seat numbers. The seats of a row that is no line are blocks of one.
    """

    name: str
    seats: Sequence[Seat]
    blocks: Sequence[range]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the room, on one level, with its rows from the first one listed."""

    name: str
    level: str
    rows: Sequence[Row]


@dataclass(frozen=True, eq=False)
class SeatPlan:
    """The seats of a room, numbered from 1 in the order of sections, rows and seats.

    Immutable: a room that changes gets another plan. ``id`` is 0 until the store assigns one. Plans
    of equal content are equal, and have one id in a store.
    """

    categories: Sequence[Category]
    sections: Sequence[Section] = field(repr=False)
    stage: Side
    focal_point: tuple[float, float]
    id: PlanId = PlanId(0)

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, SeatPlan):
            return self is other
        if self.id and other.id:
            return self.id == other.id
        return self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    @cached_property
    def _seats(self) -> tuple[Seat, ...]:
        return tuple(chain.from_iterable(row.seats for row in self.rows))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(chain.from_iterable(section.rows for section in self.sections))

    @cached_property
    def blocks(self) -> tuple[range, ...]:
        """All blocks of neighbours, ascending; each seat is in one."""
        return tuple(chain.from_iterable(row.blocks for row in self.rows))

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    @property
    def total_seats(self) -> int:
        return len(self._seats)

    @cached_property
    def longest_row(self) -> int:
        """The number of seats of the longest row."""
        return max(len(row.seats) for row in self.rows)

    @property
    def numbers(self) -> range:
        return range(1, self.total_seats + 1)

    def seat(self, number: int) -> Seat:
        """Return the seat with that number, which must exist."""
        return self._seats[number - 1]

    def seats(self) -> Sequence[Seat]:
        return self._seats

    def section(self, name: str) -> Section:
        """Return the section with that name. Raises SectionNotFound."""
        for section in self.sections:
            if section.name == name:
                return section
        raise SectionNotFound()

    def block_of(self, number: int) -> range:
        """Return the block of neighbours that the seat belongs to."""
        return self.blocks[bisect_right(self._block_starts, number) - 1]

    @cached_property
    def accessible_seats(self) -> tuple[Seat, ...]:
        """The wheelchair spaces and the companion seats."""
        kinds = {Feature.WHEELCHAIR_SPACE, Feature.COMPANION}
        return tuple(seat for seat in self._seats if seat.features & kinds)

    @cached_property
    def out_of_order(self) -> frozenset[SeatNumber]:
        """The seats that are blocked in every show."""
        return frozenset(
            seat.number for seat in self._seats if Feature.OUT_OF_ORDER in seat.features
        )

    @cached_property
    def distances(self) -> Sequence[int]:
        """Each seat's distance to the focal point, in thousandths: sums of integers are exact."""
        x, y = self.focal_point
        return [round(1000 * math.hypot(seat.x - x, seat.y - y)) for seat in self._seats]

    @cached_property
    def distance_sums(self) -> Sequence[int]:
        """At index n, the sum of the distances of the seats 1 to n."""
        return [0, *accumulate(self.distances)]

    def sums_of_neighbours(self, run: range, count: int) -> list[int]:
        """Return the sum of the distances of each ``count`` neighbours in a run."""
        after = self.distance_sums[run.start + count - 1 : run.stop]
        before = self.distance_sums[run.start - 1 : run.stop - count]
        return [*map(sub, after, before)]

    def blocks_by_cost(self, count: int) -> Sequence[tuple[int, range]]:
        """Return the blocks of at least ``count`` seats, those nearest to the focal point first.

        With each comes the least sum of distances of ``count`` neighbours in it.
        """
        if count not in self._blocks_by_cost:
            costs = (
                (min(self.sums_of_neighbours(block, count)), block)
                for block in self.blocks
                if len(block) >= count
            )
            self._blocks_by_cost[count] = sorted(costs, key=itemgetter(0))
        return self._blocks_by_cost[count]

    @cached_property
    def _blocks_by_cost(self) -> dict[int, Sequence[tuple[int, range]]]:
        return {}

    @cached_property
    def content(self) -> str:
        """The plan as canonical JSON, in our own format: equal plans have equal content."""
        return json.dumps(_document(self), ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def content_hash(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    def find(self, names: Sequence[SeatName]) -> list[SeatNumber]:
        """Return the numbers, ascending, of the seats with these ``names``.

        Raises UnknownSeat with all unknown names and the valid range, and SeatNamedTwice with the
        seats that are named more than once.
        """
        found = [(name, self._number(name)) for name in names]
        if unknown := [_shown(name) for name, number in found if number is None]:
            first, last = self._seats[0].label, self._seats[-1].label
            raise UnknownSeat(
                f"No such seat: {', '.join(unknown)}. "
                f"This show has the seats 1 to {self.total_seats}, labelled {first} to {last}.",
                seats=unknown,
                valid_numbers=[1, self.total_seats],
                valid_labels=[first, last],
            )
        numbers = sorted(number for _, number in found if number is not None)
        if twice := sorted({number for number, after in pairwise(numbers) if number == after}):
            labels = [self.seat(number).label for number in twice]
            raise SeatNamedTwice(f"Named more than once: {', '.join(labels)}.", seats=labels)
        return numbers

    def _number(self, name: SeatName) -> SeatNumber | None:
        """Return the number for one name; labels are looked up, never parsed.

        So "A01" is unknown, and cannot be a second ticket for A1.
        """
        if isinstance(name, str) and not (name.isascii() and name.isdigit()):
            return self._numbers_by_label.get(label_key(name.strip()))
        if isinstance(name, str):
            if name.startswith("0") or len(name) > _MAX_DIGITS:
                return None
            name = int(name)
        if isinstance(name, bool) or not isinstance(name, int) or name not in self.numbers:
            return None
        return SeatNumber(name)

    @cached_property
    def _numbers_by_label(self) -> dict[str, SeatNumber]:
        return {label_key(seat.label): seat.number for seat in self._seats}


def _document(plan: SeatPlan) -> dict[str, Any]:
    return {
        "categories": [{"name": kind.name, "color": kind.color} for kind in plan.categories],
        "stage": plan.stage,
        "focal_point": plan.focal_point,
        "sections": [
            {
                "name": section.name,
                **({"level": section.level} if section.level else {}),
                "category": (category := section.rows[0].seats[0].category),
                "rows": [
                    {
                        "name": row.name,
                        "seats": [_seat_document(plan, seat, category) for seat in row.seats],
                    }
                    for row in section.rows
                ],
            }
            for section in plan.sections
        ],
    }


def _seat_document(plan: SeatPlan, seat: Seat, usual_category: str) -> dict[str, Any]:
    document: dict[str, Any] = {"name": seat.name, "x": seat.x, "y": seat.y}
    if seat.category != usual_category:
        document["category"] = seat.category
    if features := seat.features - {Feature.COMPANION}:  # which companion_of implies
        document["features"] = sorted(features)
    if seat.companion_of:
        document["companion_of"] = [plan.seat(number).name for number in seat.companion_of]
    return document


def _shown(name: SeatName) -> str:
    """Return the name as an error message may repeat it: short, in ASCII."""
    if isinstance(name, int) and abs(name) >= 10**_MAX_SHOWN_CHARACTERS:
        return "a number with many digits"
    if not isinstance(name, str | int | float):
        return "neither a number nor a text"
    text = name if isinstance(name, str) else json.dumps(name)
    shown = text.encode("unicode_escape").decode()
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else shown[:_MAX_SHOWN_CHARACTERS] + "…"
