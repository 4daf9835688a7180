"""Our own format of seat plans, which people write as TOML and programs as JSON.

docs/seat-plans.md describes it. A plan's canonical content is in this format too.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from ticketing.domain.programme.seat_plans.checks import MAX_CATEGORIES, MAX_SECTIONS
from ticketing.domain.programme.seat_plans.document import Node
from ticketing.domain.programme.seat_plans.draft import Draft, DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.layouts import PITCH, Layouts
from ticketing.domain.programme.seat_plans.model import Category, Side
from ticketing.domain.programme.seat_plans.names import MAX_SHORT_NAME, row_label
from ticketing.domain.programme.seat_plans.seat_exceptions import (
    SEAT_FIELDS,
    Exceptions,
    SeatChanges,
)

DEFAULT_SECTION = "Stalls"
DEFAULT_CATEGORY = Category("Standard", "#3874cb")
_LAYOUTS = ("rows", "grid", "arc")


def read_plan(document: Node) -> Draft:
    """Return the draft of a plan in our format."""
    fields = document.fields(("sections",), ("categories", "stage", "focal_point")) or {}
    categories = [DEFAULT_CATEGORY]
    if "categories" in fields:
        categories = [*_categories(fields["categories"])]
    stage = Side(fields["stage"].one_of(list(Side))) if "stage" in fields else Side.TOP
    focal_point = fields["focal_point"].point() if "focal_point" in fields else None
    draft = Draft(categories, [], stage, focal_point)
    if "sections" in fields:
        reader = _Reader([category.name for category in categories[:MAX_CATEGORIES]])
        draft.sections.extend(reader.sections(fields["sections"]))
    return draft


def grid_plan(total_seats: int, seats_per_row: int) -> Draft:
    """Return full rows, but for the last one, lettered A…Z, AA …: a plan of two numbers."""
    section = DraftSection("", DEFAULT_SECTION, "")
    for row, start in enumerate(range(0, total_seats, seats_per_row)):
        names = range(1, min(seats_per_row, total_seats - start) + 1)
        seats = [DraftSeat("", str(name), (name - 1) * PITCH, row * PITCH) for name in names]
        section.rows.append(DraftRow("", row_label(row), seats))
        for seat in seats:
            seat.category = DEFAULT_CATEGORY.name
    return Draft([DEFAULT_CATEGORY], [section])


def _categories(node: Node) -> Iterator[Category]:
    for item in node.items():
        if fields := item.fields(("name", "color")):
            yield Category(fields["name"].name(), fields["color"].color())


class _Reader:
    """Reads sections."""

    def __init__(self, categories: Sequence[str]) -> None:
        self._categories = categories
        self._layouts = Layouts()
        self._exceptions = Exceptions(categories)

    def sections(self, node: Node) -> Iterator[DraftSection]:
        for item in islice(node.items(), MAX_SECTIONS + 1):  # one more is a fault
            optional = ("name", "level", "category", "position", *_LAYOUTS, "exceptions")
            fields = item.fields((), optional)
            if fields is None:
                continue
            layouts = [fields[name] for name in _LAYOUTS if name in fields]
            if len(layouts) == 1:
                yield self._section(item, fields, layouts[0])
            else:
                item.fault(f"A section has one of {', '.join(_LAYOUTS)}.")

    def _section(self, node: Node, fields: dict[str, Node], layout: Node) -> DraftSection:
        section = DraftSection(
            node.where,
            fields["name"].name() if "name" in fields else DEFAULT_SECTION,
            fields["level"].name() if "level" in fields else "",
        )
        section.rows.extend(self._rows(fields, layout))
        if "exceptions" in fields:
            for exception in fields["exceptions"].items():
                self._exceptions.apply(exception, section)
        section.rows = [row for row in section.rows if row.seats]
        if not section.rows and not node.findings.faults:
            layout.fault("A section has at least one seat.")
        category = self._categories[0] if self._categories else ""
        if "category" in fields:
            category = fields["category"].one_of(self._categories)
        x, y = fields["position"].point() if "position" in fields else (0.0, 0.0)
        for row in section.rows:
            for seat in row.seats:
                seat.category = seat.category or category
                seat.x += x
                seat.y += y
        return section

    def _rows(self, fields: dict[str, Node], layout: Node) -> Iterator[DraftRow]:
        if "grid" in fields:
            return self._layouts.grid(layout)
        if "arc" in fields:
            return self._layouts.arc(layout)
        if isinstance(layout.value, str):
            return self._layouts.drawn_rows(layout, layout.value)
        return self._listed_rows(layout)

    def _listed_rows(self, node: Node) -> Iterator[DraftRow]:
        for item in node.items():
            if fields := item.fields(("name", "seats")):
                row = DraftRow(item.where, fields["name"].name(MAX_SHORT_NAME))
                for seat in fields["seats"].items():
                    row.seats.extend(self._listed_seat(seat))
                yield row

    def _listed_seat(self, node: Node) -> Iterator[DraftSeat]:
        fields = node.fields(("name", "x", "y"), SEAT_FIELDS)
        if fields:
            name = fields["name"].name(MAX_SHORT_NAME)
            seat = DraftSeat(node.where, name, fields["x"].number(), fields["y"].number())
            if len(fields) > 3:  # most seats have nothing of their own
                named = fields.get("companion_of")
                spaces = [item.text() for item in named.items()] if named else None
                SeatChanges.read(fields, self._categories, spaces).apply(seat)
            yield seat
