"""What seats have of their own: category, features, wheelchair spaces; and lists of exceptions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ticketing.domain.programme.seat_plans.document import Node
from ticketing.domain.programme.seat_plans.draft import DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.layouts import names_in
from ticketing.domain.programme.seat_plans.model import Feature
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS

MAX_SELECTED = 10 * MAX_SEATS
"""Seats that the exceptions of a plan may look at and name, each as often as it is."""

SEAT_FIELDS = ("category", "features", "companion_of")


@dataclass(frozen=True, slots=True)
class SeatChanges:
    """What to change of seats; None means nothing."""

    category: str | None
    features: frozenset[Feature] | None
    companion_of: Sequence[str] | None

    @classmethod
    def read(
        cls, fields: dict[str, Node], categories: Sequence[str], companion_of: Sequence[str] | None
    ) -> "SeatChanges":
        category = features = None
        if "category" in fields:
            category = fields["category"].one_of(categories)
        if "features" in fields:
            named = [item.one_of(list(Feature)) for item in fields["features"].items()]
            features = frozenset(map(Feature, named))
        return cls(category, features, companion_of)

    def apply(self, seat: DraftSeat) -> None:
        if self.category is not None:
            seat.category = self.category
        if self.features is not None:
            seat.features |= self.features
        if self.companion_of is not None:
            seat.companion_of = self.companion_of


class Exceptions:
    """Applies exceptions. How many seats all of them select together is limited."""

    def __init__(self, categories: Sequence[str]) -> None:
        self._categories = categories
        self._left = MAX_SELECTED

    def apply(self, node: Node, section: DraftSection) -> None:
        """Change or remove the seats that an exception selects by row, and by name if given."""
        fields = node.fields(("rows",), ("seats", *SEAT_FIELDS, "remove"))
        if fields is None or self._left < 0:
            return
        row_names = names_in(fields["rows"])
        names = names_in(fields["seats"]) if "seats" in fields else None
        spaces = names_in(fields["companion_of"]) if "companion_of" in fields else None
        changes = SeatChanges.read(fields, self._categories, spaces)
        is_removal = "remove" in fields
        if is_removal and fields["remove"].value is not True:
            fields["remove"].fault("The only value is true.")
        rows = defaultdict(list)
        for row in section.rows:
            rows[row.name].append(row)
        named = len(row_names) + len(names or ()) + len(spaces or ())
        if not self._may_select(node, len(section.rows) + named):
            return
        for row_name in row_names:
            if row_name not in rows:
                fields["rows"].fault(f"The section has no row {row_name!r}.")
            for row in rows[row_name]:
                if not self._may_select(node, len(row.seats) + len(names or ())):
                    return
                selected = _selected(row, names, fields.get("seats"))
                for seat in selected:
                    changes.apply(seat)
                if is_removal:
                    gone = {id(seat) for seat in selected}
                    row.seats = [seat for seat in row.seats if id(seat) not in gone]

    def _may_select(self, node: Node, seats: int) -> bool:
        """Return whether so many more seats may be selected; else it is a fault."""
        self._left -= seats
        if self._left < 0:
            node.fault(f"All exceptions together select at most {MAX_SELECTED} seats.")
        return self._left >= 0


def _selected(row: DraftRow, names: Sequence[str] | None, node: Node | None) -> list[DraftSeat]:
    """Return the seats of a row with these names, or all; unknown names are faults of ``node``."""
    if names is None or node is None:
        return row.seats
    seats = {seat.name: seat for seat in row.seats}
    for name in names:
        if name not in seats:
            node.fault(f"Row {row.name!r} has no seat {name!r}.")
    return [seats[name] for name in names if name in seats]
