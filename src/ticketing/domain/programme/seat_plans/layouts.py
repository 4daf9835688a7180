"""Rows that are not listed seat by seat: drawn as text, in a grid, or in an arc."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ticketing.domain.programme.seat_plans.document import MAX_COORDINATE, Node
from ticketing.domain.programme.seat_plans.draft import DraftRow, DraftSeat
from ticketing.domain.programme.seat_plans.model import Feature
from ticketing.domain.programme.seat_plans.names import (
    expanded,
    expanded_words,
    roman,
    row_label,
)
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS

PITCH = 25.0
"""The distance of neighbours."""

WHEELCHAIR_MARK = "+"
_MAX_ROMAN = 399

_Place = Callable[[int, int, int], tuple[float, float]]
"""Returns the coordinates for a row and a seat, from 0, and the number of seats in the row."""


class Layouts:
    """Reads layouts. All together make no more seats than a room has, whatever they ask for."""

    def __init__(self) -> None:
        self._seats_left = MAX_SEATS

    def drawn_rows(self, node: Node, text: str) -> Iterator[DraftRow]:
        """Yield the rows of lines like ``A..H: 1..5 . 6..10``; a blank line is a cross aisle."""
        y = 0.0
        for number, line in enumerate(text.strip("\n").split("\n"), start=1):
            names, colon, drawn = line.partition(":")
            if not line.strip():
                y += PITCH
                continue
            fault = partial(_line_fault, node, number)
            if not colon:
                fault("A row is written as its name, a colon, and its seats.")
                continue
            row_names, places = expanded(names, fault), [*_places(drawn, fault)]
            if not self._has_space(node, len(row_names) * max(len(places), 1)):
                return
            for row_name in row_names:
                row = DraftRow(node.where, row_name)
                for name, x, is_space in places:
                    row.seats.append(DraftSeat(node.where, name, x, y))
                    if is_space:
                        row.seats[-1].features = frozenset({Feature.WHEELCHAIR_SPACE})
                yield row
                y += PITCH

    def grid(self, node: Node) -> Iterator[DraftRow]:
        fields = node.fields(("rows", "seats_per_row"), ("row_names", "seat_names"))
        if fields:
            lengths = [fields["seats_per_row"].integer(1, MAX_SEATS)]
            yield from self._generated(
                node, fields, lengths, lambda r, n, _: (n * PITCH, r * PITCH)
            )

    def arc(self, node: Node) -> Iterator[DraftRow]:
        """Yield rows on circles about the section's position, opening downwards."""
        required = ("rows", "seats_per_row", "radius", "degrees")
        fields = node.fields(required, ("row_spacing", "row_names", "seat_names"))
        if not fields:
            return
        radius = fields["radius"].number(1, MAX_COORDINATE)
        sweep = math.radians(fields["degrees"].number(1, 350))
        spacing = fields["row_spacing"].number(1, 1000) if "row_spacing" in fields else PITCH
        per_row = fields["seats_per_row"]
        items = [*per_row.items()] if isinstance(per_row.value, list) else [per_row]
        lengths = [item.integer(1, MAX_SEATS) for item in items]

        def place(row: int, seat: int, count: int) -> tuple[float, float]:
            angle = sweep * (seat / (count - 1) - 0.5) if count > 1 else 0.0
            distance = radius + row * spacing
            return distance * math.sin(angle), distance * math.cos(angle)

        yield from self._generated(node, fields, lengths, place)

    def _generated(
        self,
        node: Node,
        fields: dict[str, Node],
        lengths: Sequence[int],
        place: _Place,
    ) -> Iterator[DraftRow]:
        """Yield rows of these ``lengths``, of which a single one is that of all rows."""
        count = fields["rows"].integer(1, MAX_SEATS)
        if len(lengths) not in (1, count):
            fields["seats_per_row"].fault("One number, or one for each row, is required.")
            return
        total = sum(lengths) if len(lengths) > 1 else count * lengths[0]
        if not self._has_space(node, total):
            return
        row_names = _row_names(fields.get("row_names"), count)
        seat_names = _names(fields.get("seat_names"), max(lengths, default=0), str)
        for row, name in enumerate(row_names):
            length = lengths[row if len(lengths) > 1 else 0]
            seats = [
                DraftSeat(node.where, seat_names[seat], *place(row, seat, length))
                for seat in range(length)
            ]
            yield DraftRow(node.where, name, seats)

    def _has_space(self, node: Node, seats: int) -> bool:
        """Return whether the room may have so many more seats; else it is a fault."""
        if seats > self._seats_left:
            node.fault(f"A room has at most {MAX_SEATS} seats.")
            return False
        self._seats_left -= seats
        return True


def _line_fault(node: Node, number: int, fault: str) -> None:
    node.fault(f"Line {number}: {fault}")


def _places(drawn: str, fault: Callable[[str], None]) -> Iterator[tuple[str, float, bool]]:
    """Yield the name, x, and whether it is a wheelchair space, of each seat of a drawn row.

    A dot is a place without a seat, a comma half of one.
    """
    words = drawn.split()
    seats = [word for word in words if word.strip(".,")]
    names = iter(expanded_words([word.removesuffix(WHEELCHAIR_MARK) for word in seats], fault))
    x = 0.0
    for word in words:
        if not word.strip(".,"):
            x += PITCH * (word.count(".") + word.count(",") / 2)
            continue
        for name in next(names, ()):
            yield name, x, word.endswith(WHEELCHAIR_MARK)
            x += PITCH


def names_in(node: Node) -> list[str]:
    """Return the names that a text lists; none, and the faults, if there is an invalid one."""
    return expanded(node.text(), node.fault)


def _names(node: Node | None, count: int, usual: Callable[[int], str]) -> Sequence[str]:
    """Return ``count`` names: the first of those given, or the usual ones of 1, 2, 3 …"""
    numbered = [usual(number) for number in range(1, count + 1)]
    if node is None:
        return numbered
    names = names_in(node)
    if len(names) < count:
        node.fault(f"{count} names are required.")
        return numbered
    return names[:count]


def _row_names(node: Node | None, count: int) -> Sequence[str]:
    if node and node.value == "roman":
        if count > _MAX_ROMAN:
            node.fault(f"At most {_MAX_ROMAN} rows have Roman numerals.")
            return []
        return [roman(number) for number in range(1, count + 1)]
    return _names(node, count, lambda number: row_label(number - 1))
