"""Our own format of seat plans, which people write as TOML and programs as JSON.

docs/seat-plans.md describes it. A plan's canonical content is in this format too.
"""

import math
from collections.abc import Callable, Iterator, Sequence

from ticketing.domain.programme.seat_plan import MAX_SEATS, row_label
from ticketing.domain.programme.seat_plans.document import MAX_COORDINATE, Node
from ticketing.domain.programme.seat_plans.draft import Draft, DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import Category, Feature, Side
from ticketing.domain.programme.seat_plans.names import (
    MAX_NAME,
    MAX_SHORT_NAME,
    expanded,
    expanded_word,
    name_fault,
    roman,
)

PITCH = 25.0
"""The distance of neighbours where rows are written as text or generated."""

DEFAULT_SECTION = "Stalls"
DEFAULT_CATEGORY = Category("Standard", "#3874cb")
WHEELCHAIR_MARK = "+"
MAX_CHANGES = 5 * MAX_SEATS
"""By exceptions."""

_MAX_ROMAN = 399
_LAYOUTS = ("rows", "grid", "arc")
_PLACE = (0.0, 0.0)

Place = Callable[[int, int, int], tuple[float, float]]
"""Returns the coordinates of seat ``n`` of ``count`` in row ``r``; all but ``count`` from 0."""


def read_plan(document: Node) -> Draft:
    """Return the draft of a plan in our format."""
    fields = document.fields(("sections",), ("categories", "stage", "focal_point")) or {}
    reader = _Reader(document.findings)
    if "categories" in fields:
        reader.read_categories(fields["categories"])
    stage = Side(fields["stage"].one_of(list(Side))) if "stage" in fields else Side.TOP
    focal_point = fields["focal_point"].point() if "focal_point" in fields else None
    sections = [*reader.sections(fields["sections"])] if "sections" in fields else []
    return Draft(reader.categories, sections, stage, focal_point)


def grid_plan(total_seats: int, seats_per_row: int) -> Draft:
    """Return full rows, but for the last one, lettered A…Z, AA …: a plan of two numbers."""
    section = DraftSection("", DEFAULT_SECTION, "")
    for row, start in enumerate(range(0, total_seats, seats_per_row)):
        columns = range(min(seats_per_row, total_seats - start))
        seats = [_seat("", str(c + 1), (c * PITCH, row * PITCH)) for c in columns]
        section.rows.append(DraftRow("", row_label(row), seats))
    return Draft([DEFAULT_CATEGORY], [section])


def _seat(
    where: str, name: str, place: tuple[float, float], category: str = DEFAULT_CATEGORY.name
) -> DraftSeat:
    return DraftSeat(where=where, name=name, x=place[0], y=place[1], category=category)


class _Reader:
    """Reads sections. No more seats are made than a room has, whatever a generator asks for."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._seats_left = MAX_SEATS
        self._changes_left = MAX_CHANGES
        self.categories: list[Category] = [DEFAULT_CATEGORY]

    def read_categories(self, node: Node) -> None:
        self.categories = [
            Category(fields["name"].name(), fields["color"].color())
            for item in node.items()
            if (fields := item.fields(("name", "color")))
        ]

    def sections(self, node: Node) -> Iterator[DraftSection]:
        for item in node.items():
            optional = ("name", "level", "category", "position", *_LAYOUTS, "exceptions")
            fields = item.fields((), optional)
            if fields is None:
                continue
            layouts = [layout for layout in _LAYOUTS if layout in fields]
            if len(layouts) != 1:
                item.fault(f"A section has one of {', '.join(_LAYOUTS)}.")
                continue
            name = fields["name"].name() if "name" in fields else DEFAULT_SECTION
            level = fields["level"].name() if "level" in fields else ""
            usual = self.categories[0].name if self.categories else ""
            category = self._category(fields.get("category"), usual)
            x, y = fields["position"].point() if "position" in fields else _PLACE
            section = DraftSection(item.where, name, level)
            layout = fields[layouts[0]]
            read = {"rows": self._rows, "grid": self._grid, "arc": self._arc}[layouts[0]]
            for row in read(layout, category):
                section.rows.append(row)
                for seat in row.seats:
                    seat.x, seat.y = round(seat.x + x, 3), round(seat.y + y, 3)
            if "exceptions" in fields:
                for exception in fields["exceptions"].items():
                    self._make_exception(exception, section)
            section.rows = [row for row in section.rows if row.seats]
            if section.rows:
                yield section
            elif not self._findings.faults:
                layout.fault("A section has at least one seat.")

    def _category(self, node: Node | None, usual: str) -> str:
        return node.one_of([kind.name for kind in self.categories]) if node else usual

    def _has_space(self, node: Node, seats: int) -> bool:
        """Return whether the room may have so many more seats; else it is a fault."""
        if seats > self._seats_left:
            node.fault(f"A room has at most {MAX_SEATS} seats.")
            return False
        self._seats_left -= seats
        return True

    def _rows(self, node: Node, category: str) -> Iterator[DraftRow]:
        """Yield rows that are drawn as text, or listed seat by seat."""
        if isinstance(node.value, str):
            yield from self._drawn_rows(node, node.value, category)
            return
        for item in node.items():
            if fields := item.fields(("name", "seats")):
                row = DraftRow(item.where, fields["name"].name(MAX_SHORT_NAME))
                for seat in fields["seats"].items():
                    if read := self._listed_seat(seat, category):
                        row.seats.append(read)
                yield row

    def _listed_seat(self, node: Node, category: str) -> DraftSeat | None:
        fields = node.fields(("name", "x", "y"), ("category", "features", "companion_of"))
        if fields is None:
            return None
        seat = DraftSeat(
            where=node.where,
            name=fields["name"].name(MAX_SHORT_NAME),
            x=fields["x"].number(),
            y=fields["y"].number(),
            category=category,
        )
        if len(fields) > 3:  # most seats have the section's category and nothing else
            companion_of = fields.get("companion_of")
            spaces = [item.text() for item in companion_of.items()] if companion_of else None
            self._change(seat, fields, spaces)
        return seat

    def _change(
        self, seat: DraftSeat, fields: dict[str, Node], spaces: Sequence[str] | None
    ) -> None:
        """Give the seat the category, the features and the wheelchair spaces that are named."""
        seat.category = self._category(fields.get("category"), seat.category)
        if "features" in fields:
            features = [item.one_of(list(Feature)) for item in fields["features"].items()]
            seat.features = frozenset(map(Feature, features))
        if spaces is not None:
            seat.companion_of = spaces
            seat.features |= {Feature.COMPANION}

    def _drawn_rows(self, node: Node, text: str, category: str) -> Iterator[DraftRow]:
        """Yield the rows of lines like ``A..H: 1..5 . 6..10``; a blank line is a cross aisle."""
        y = 0.0
        for number, line in enumerate(text.strip("\n").split("\n"), start=1):
            names, colon, drawn = line.partition(":")
            if not line.strip():
                y += PITCH
                continue
            try:
                if not colon:
                    raise ValueError("A row is written as its name, a colon, and its seats.")
                row_names, places = [*expanded(names)], [*_places(drawn)]
                _require_names([*row_names, *(name for name, _, _ in places)])
            except ValueError as error:
                node.fault(f"Line {number}: {error}")
                continue
            if not self._has_space(node, len(row_names) * len(places)):
                return
            for row_name in row_names:
                row = DraftRow(node.where, row_name)
                for name, x, is_space in places:
                    row.seats.append(_seat(node.where, name, (x, y), category))
                    if is_space:
                        row.seats[-1].features = frozenset({Feature.WHEELCHAIR_SPACE})
                yield row
                y += PITCH

    def _grid(self, node: Node, category: str) -> Iterator[DraftRow]:
        fields = node.fields(("rows", "seats_per_row"), ("row_names", "seat_names"))
        if fields:
            lengths = [fields["seats_per_row"].integer(1, MAX_SEATS)]
            yield from self._generated(
                node, fields, lengths, category, lambda r, n, _: (n * PITCH, r * PITCH)
            )

    def _arc(self, node: Node, category: str) -> Iterator[DraftRow]:
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

        yield from self._generated(node, fields, lengths, category, place)

    def _generated(
        self,
        node: Node,
        fields: dict[str, Node],
        lengths: Sequence[int],
        category: str,
        place: Place,
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
                _seat(node.where, seat_names[seat], place(row, seat, length), category)
                for seat in range(length)
            ]
            yield DraftRow(node.where, name, seats)

    def _make_exception(self, node: Node, section: DraftSection) -> None:
        """Change or remove the seats that an exception selects by row, and by name if given."""
        optional = ("seats", "category", "features", "companion_of", "remove")
        fields = node.fields(("rows",), optional)
        if fields is None:
            return
        row_names = _words(fields["rows"])
        seat_names = _words(fields["seats"]) if "seats" in fields else None
        spaces = _words(fields["companion_of"]) if "companion_of" in fields else None
        remove = "remove" in fields and fields["remove"].value is True
        if "remove" in fields and not remove:
            fields["remove"].fault("The only value is true.")
        rows = {row.name: row for row in section.rows}
        for row_name in row_names:
            row = rows.get(row_name)
            if row is None:
                fields["rows"].fault(f"The section has no row {row_name!r}.")
                continue
            seats = {seat.name: seat for seat in row.seats}
            chosen = [*seats] if seat_names is None else seat_names
            self._changes_left -= len(chosen)
            if self._changes_left < 0:
                node.fault(f"At most {MAX_CHANGES} seats can be changed by exceptions.")
                return
            for name in chosen:
                seat = seats.get(name)
                if seat is None:
                    fields["seats"].fault(f"Row {row_name!r} has no seat {name!r}.")
                elif remove:
                    del seats[name]
                else:
                    self._change(seat, fields, spaces)
            row.seats = [*seats.values()]


def _places(drawn: str) -> Iterator[tuple[str, float, bool]]:
    """Yield the name, x, and whether it is a wheelchair space, of each seat of a drawn row.

    A dot is a place without a seat, a comma half of one.
    """
    x = 0.0
    for word in drawn.split():
        if not word.strip(".,"):
            x += PITCH * (word.count(".") + word.count(",") / 2)
            continue
        for name in expanded_word(word.removesuffix(WHEELCHAIR_MARK)):
            yield name, x, word.endswith(WHEELCHAIR_MARK)
            x += PITCH
            if x > MAX_COORDINATE:
                raise ValueError("The row is too long.")


def _require_names(names: Sequence[str]) -> None:
    """Raise ValueError for the first invalid name of a row or a seat."""
    for name in names:
        if fault := name_fault(name, MAX_SHORT_NAME):
            raise ValueError(f"{name[:MAX_NAME]!r}: {fault}")


def _words(node: Node) -> list[str]:
    """Return the names that a text lists; none, and a fault, if there is an invalid one."""
    try:
        names = [*expanded(node.text())]
        _require_names(names)
    except ValueError as error:
        node.fault(str(error))
        return []
    return names


def _names(node: Node | None, count: int, usual: Callable[[int], str]) -> Sequence[str]:
    """Return ``count`` names: the first of those given, or the usual ones of 1, 2, 3 …"""
    numbered = [usual(number) for number in range(1, count + 1)]
    if node is None:
        return numbered
    names = _words(node)
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
