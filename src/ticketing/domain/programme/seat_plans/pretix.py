"""pretix's seating plans as JSON: import and export.

Theirs have no levels, features, stage or focal point; ours no decoration. So a plan of theirs
comes back as it was but for decoration, ids and the position of its parts to each other.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from ticketing.domain.programme.seat_plans.checks import MAX_CATEGORIES
from ticketing.domain.programme.seat_plans.document import Node
from ticketing.domain.programme.seat_plans.draft import Draft, DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.model import Category, Row, SeatPlan
from ticketing.domain.programme.seat_plans.names import MAX_SHORT_NAME, told_apart
from ticketing.domain.programme.seat_plans.plan_format import DEFAULT_CATEGORY

Identity = Literal["guid", "uuid"]
"""The field that is unique for each seat. In genuine files, guids may not be."""

_REPEATED = re.compile(r"(?<=.)/\d+\Z", re.ASCII)
_Point = tuple[float, float]


def read_pretix(document: Node, identity: Identity) -> Draft:
    """Return the draft of a plan in pretix's format, older versions included."""
    fields = document.fields(("name", "zones", "categories"), ("size",))
    if fields is None:
        return Draft([DEFAULT_CATEGORY], [])
    categories = []
    for item in fields["categories"].items():
        if category := item.fields(("name",), ("color",)):
            color = category["color"].color() if "color" in category else DEFAULT_CATEGORY.color
            categories.append(Category(category["name"].name(), color))
    reader = _Reader([category.name for category in categories[:MAX_CATEGORIES]], identity)
    return Draft(categories, [*reader.sections(fields["zones"])])


class _Reader:
    """Reads zones; positions are relative to those of the zone and the row."""

    def __init__(self, categories: list[str], identity: Identity) -> None:
        self._categories = categories
        self._identity = "seat_guid" if identity == "guid" else "uuid"
        self._places: dict[str, str] = {}

    def sections(self, node: Node) -> Iterator[DraftSection]:
        optional = ("name", "zone_id", "uuid", "areas", "displayed")
        for number, item in enumerate(node.items(), start=1):
            zone = item.fields(("position", "rows"), optional)
            if zone is None:
                continue
            named = [zone[key] for key in ("name", "zone_id") if key in zone and zone[key].value]
            section = DraftSection(item.where, named[0].name() if named else f"Zone {number}", "")
            section.rows.extend(self._rows(zone["rows"], _position(zone["position"])))
            if section.rows:
                yield section

    def _rows(self, node: Node, zone: _Point) -> Iterator[DraftRow]:
        labels = ("row_label", "seat_label", "row_number_position")
        optional = ("position", *labels, "uuid", "number_of_seats", "seats_spacing")
        for item in node.items():
            if fields := item.fields(("row_number", "seats"), optional):
                row = DraftRow(item.where, fields["row_number"].name(MAX_SHORT_NAME))
                start = _position(fields["position"]) if "position" in fields else (0.0, 0.0)
                origin = zone[0] + start[0], zone[1] + start[1]
                for seat in fields["seats"].items():
                    if read := self._seat(seat, origin):
                        row.seats.append(read)
                if row.seats:
                    yield row

    def _seat(self, node: Node, origin: _Point) -> DraftSeat | None:
        required = {"seat_guid", "seat_number", "position", "category", self._identity}
        fields = node.fields(sorted(required), ("uuid", "radius", "start_direction"))
        if fields is None:
            return None
        x, y = _position(fields["position"])
        self._require_unique(fields[self._identity])
        return DraftSeat(
            node.where,
            fields["seat_number"].name(MAX_SHORT_NAME),
            origin[0] + x,
            origin[1] + y,
            fields["category"].one_of(self._categories),
        )

    def _require_unique(self, node: Node) -> None:
        identity = node.text()
        first = self._places.setdefault(identity, node.where)
        if first != node.where:
            hint = "" if self._identity == "uuid" else " Try identity=uuid."
            node.fault(f"{identity[:100]!r} is used at {first} already.{hint}")


def _position(node: Node) -> _Point:
    fields = node.fields(("x", "y"))
    return (fields["x"].number(), fields["y"].number()) if fields else (0.0, 0.0)


def pretix_document(plan: SeatPlan, name: str) -> dict[str, Any]:
    """Return a plan in pretix's format; labels are the guids."""
    xs, ys = [seat.x for seat in plan.seats()], [seat.y for seat in plan.seats()]
    return {
        "name": name,
        "categories": [{"name": kind.name, "color": kind.color} for kind in plan.categories],
        "zones": [
            {
                "name": section.name,
                "zone_id": section.name,
                "position": {"x": 0, "y": 0},
                "rows": [*_exported(section.rows)],
                "areas": [],
            }
            for section in plan.sections
        ],
        "size": {
            "width": math.ceil(max(xs) - min(0, *xs)),
            "height": math.ceil(max(ys) - min(0, *ys)),
        },
    }


def _exported(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    names = [row.name for row in rows]
    painted = [_REPEATED.sub("", name) for name in names]
    for row, name in zip(rows, painted if told_apart(painted) == names else names, strict=True):
        x, y = row.seats[0].x, row.seats[0].y
        yield {
            "row_number": name,
            "row_number_position": "both",
            "position": {"x": x, "y": y},
            "seats": [
                {
                    "seat_number": seat.name,
                    "seat_guid": seat.label,
                    "position": {"x": round(seat.x - x, 3), "y": round(seat.y - y, 3)},
                    "category": seat.category,
                }
                for seat in row.seats
            ],
        }
