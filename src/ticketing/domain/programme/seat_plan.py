"""Seat plans: the numbers and labels of seats, and the names by which clients book them.

A seat has a number (1…N, row by row) and a label ("A1"). Rows are lettered A…Z, AA, AB…; all
have the same width, but the last may be shorter.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any, NewType

from ticketing.domain.programme.errors import SeatNamedTwice, UnknownSeat

SeatNumber = NewType("SeatNumber", int)

SeatName = Any
"""A client's name for a seat: 5, "5", "A5" and " a5 " may be the same one. It may be any JSON."""

MAX_SEATS = 20_000
MAX_CACHED_SEATS = 50_000
"""The seats of all plans whose seats a cache keeps: 5 to 10 MB."""

DEFAULT_SEATS_PER_ROW = 10
_MAX_DIGITS = 20
_MAX_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat: its number, and the label on the chair."""

    number: SeatNumber
    label: str
    row: str
    column: int


def seats_fault(total: int) -> str | None:
    """Return what is wrong with ``total`` as a number of seats, or None."""
    return None if 1 <= total <= MAX_SEATS else f"A room has 1 to {MAX_SEATS} seats."


def row_label(index: int) -> str:
    """Return the letters of row ``index`` (from 0): A…Z, then AA, AB … as in spreadsheets."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """``total_seats`` in rows of ``seats_per_row``; the last row may be shorter.

    Immutable: a show keeps the plan it was created with. Equal plans are the same plan.
    """

    total_seats: int
    seats_per_row: int = DEFAULT_SEATS_PER_ROW

    @property
    def rows(self) -> int:
        return -(-self.total_seats // self.seats_per_row)

    @property
    def numbers(self) -> range:
        return range(1, self.total_seats + 1)

    def seat(self, number: int) -> Seat:
        """Return the seat with that number, which must exist."""
        row, column = divmod(number - 1, self.seats_per_row)
        letters = row_label(row)
        return Seat(SeatNumber(number), f"{letters}{column + 1}", letters, column + 1)

    def seats(self) -> Iterator[Seat]:
        return map(self.seat, self.numbers)

    def find(self, names: Sequence[SeatName]) -> list[SeatNumber]:
        """Return the numbers, ascending, of the seats with these ``names``.

        Raises UnknownSeat with all unknown names and the valid range, and SeatNamedTwice with the
        seats that are named more than once.
        """
        found = [(name, self._number(name)) for name in names]
        if unknown := [_shown(name) for name, number in found if number is None]:
            last = self.seat(self.total_seats).label
            raise UnknownSeat(
                f"No such seat: {', '.join(unknown)}. "
                f"This show has the seats 1 to {self.total_seats}, labelled A1 to {last}.",
                seats=unknown,
                valid_numbers=[1, self.total_seats],
                valid_labels=["A1", last],
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
            label = name.strip()
            return _numbers_by_label(self).get(label.upper()) if label.isascii() else None
        if isinstance(name, str):
            if name.startswith("0") or len(name) > _MAX_DIGITS:
                return None
            name = int(name)
        if isinstance(name, bool) or not isinstance(name, int) or name not in self.numbers:
            return None
        return SeatNumber(name)


class LabelTables:
    """The number of each label of the plans that were used last, with ``max_seats`` in total."""

    def __init__(self, max_seats: int) -> None:
        self._max_seats = max_seats
        self._lock = Lock()
        self._tables: OrderedDict[SeatPlan, Mapping[str, SeatNumber]] = OrderedDict()

    @property
    def seats(self) -> int:
        return sum(map(len, self._tables.values()))

    def __call__(self, plan: SeatPlan) -> Mapping[str, SeatNumber]:
        with self._lock:
            if plan in self._tables:
                self._tables.move_to_end(plan)
                return self._tables[plan]
        table = {seat.label: seat.number for seat in plan.seats()}
        with self._lock:
            self._tables[plan] = table
            while self.seats > self._max_seats:
                self._tables.popitem(last=False)
        return table


_numbers_by_label = LabelTables(MAX_CACHED_SEATS)


def _shown(name: SeatName) -> str:
    """Return the name as an error message may repeat it: short, in ASCII."""
    if isinstance(name, int) and abs(name) >= 10**_MAX_SHOWN_CHARACTERS:
        return "a number with many digits"
    if not isinstance(name, str | int | float):
        return "neither a number nor a text"
    text = name if isinstance(name, str) else json.dumps(name)
    shown = text.encode("unicode_escape").decode()
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else shown[:_MAX_SHOWN_CHARACTERS] + "…"
