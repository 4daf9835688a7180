"""pretix's format: import with all faults, and export."""

import copy
from typing import Any

import pytest

from tests.unit.programme.seat_plans.rooms import document, faults_of, labels, room, section
from ticketing.domain.programme.seat_plans.model import Side
from ticketing.domain.programme.seat_plans.pretix import pretix_document
from ticketing.domain.programme.seat_plans.readers import plan_from_document


def seat(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "seat_guid": f"g{number}",
        "uuid": f"u{number}",
        "seat_number": str(number),
        "position": {"x": number * 25, "y": 0},
        "category": "Chair",
    } | fields


PLAN: dict[str, Any] = {
    "name": "Room",
    "categories": [{"name": "Chair", "color": "#abc"}, {"name": "Sofa"}],
    "size": {"width": 100, "height": 50},
    "zones": [
        {
            "name": "Left",
            "position": {"x": 100, "y": 10},
            "areas": [{"shape": "circle"}],
            "rows": [
                {"row_number": "A", "position": {"x": 10, "y": 1.5}, "seats": [seat(1), seat(2)]},
                {"row_number": "A", "seats": [seat(3, category="Sofa")]},
                {"row_number": "C", "seats": []},
            ],
        },
        {"zone_id": "bar", "position": {"x": 0, "y": 0}, "rows": []},
        {
            "zone_id": "box",
            "position": {"x": 500, "y": 0},
            "rows": [{"row_number": "B", "seats": [seat(4)]}],
        },
        {
            "position": {"x": 900, "y": 0},
            "rows": [{"row_number": "D", "seats": [seat(5)]}],
        },
    ],
}


def changed(value: Any, *path: Any) -> dict[str, Any]:
    """Return PLAN with another value at a path."""
    plan = copy.deepcopy(PLAN)
    target: Any = plan
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return plan


def test_positions_are_relative():
    plan = plan_from_document(PLAN).plan
    assert labels(plan) == ["A1", "A2", "A/2-3", "B4", "D5"]
    assert [section.name for section in plan.sections] == ["Left", "box", "Zone 4"]
    assert [(seat.x, seat.y) for seat in plan.seats()] == [
        (135, 11.5), (160, 11.5), (175, 10), (600, 0), (1025, 0),
    ]  # fmt: skip
    assert [seat.category for seat in plan.seats()] == ["Chair", "Chair", "Sofa", "Chair", "Chair"]


def test_a_zone_without_a_name_has_its_id_or_number():
    for zone, name in (({"name": ""}, "Zone 1"), ({"name": "", "zone_id": "box"}, "box")):
        source = copy.deepcopy(PLAN)
        del source["zones"][0]["name"]
        source["zones"] = [source["zones"][0] | zone]
        assert plan_from_document(source).plan.sections[0].name == name


def test_the_stage_may_be_given():
    assert plan_from_document(PLAN, stage=Side.LEFT).plan.stage is Side.LEFT


ROWS = ("zones", 0, "rows")
FIRST = (*ROWS, 0, "seats", 0)


@pytest.mark.parametrize(
    ("source", "place", "fault"),
    [
        (changed([], "zones"), "", "A room has 1 to 20000 seats."),
        (changed({}, "zones"), "/zones", "A list is required."),
        (changed([5], "zones"), "/zones/0", "An object is required."),
        (changed([5], "categories"), "/categories/0", "An object is required."),
        (changed([], "categories"), "/categories", "A room has 1 to 50 categories."),
        (changed(1, "size", "depth") | {"extra": 1}, "/extra", "Unknown field."),
        ({"zones": []}, "/name", "This field is required."),
        (changed(1, "zones", 0, "extra"), "/zones/0/extra", "Unknown field."),
        (changed(1, "zones", 0, "position"), "/zones/0/position", "An object is required."),
        (changed([5], *ROWS), "/zones/0/rows/0", "An object is required."),
        (changed("", *ROWS, 0, "row_number"), "/zones/0/rows/0/row_number", "not be empty"),
        (changed(5, *FIRST), "/zones/0/rows/0/seats/0", "An object is required."),
        (changed("x", *FIRST, "category"), "/zones/0/rows/0/seats/0/category",
         "One of 'Chair', 'Sofa' is required."),
        (changed("g2", *FIRST, "seat_guid"), "/zones/0/rows/0/seats/1/seat_guid",
         "'g2' is used at /zones/0/rows/0/seats/0/seat_guid already. Try identity=uuid."),
        (changed({"x": float("inf"), "y": 0}, *FIRST, "position"),
         "/zones/0/rows/0/seats/0/position/x", "A number from"),
        (changed({"x": 25}, *FIRST, "position"), "/zones/0/rows/0/seats/0/position/y", "required"),
    ],
)  # fmt: skip
def test_faults(source, place, fault):
    assert fault in faults_of(source)[place][0]


def test_the_uuid_may_be_the_identity():
    duplicate = changed("g2", *FIRST, "seat_guid")
    assert plan_from_document(duplicate, identity="uuid").plan.total_seats == 5
    faults = faults_of(changed("u2", *FIRST, "uuid"), identity="uuid")
    assert faults == {
        "/zones/0/rows/0/seats/1/uuid": ["'u2' is used at /zones/0/rows/0/seats/0/uuid already."]
    }
    missing = copy.deepcopy(PLAN)
    del missing["zones"][0]["rows"][0]["seats"][0]["uuid"]
    assert list(faults_of(missing, identity="uuid")) == ["/zones/0/rows/0/seats/0/uuid"]


def test_a_plan_is_exported():
    plan = room(section("A: 1 . 2\nA: 3", name="Left", position=[-10, 5]))
    exported = pretix_document(plan, "Screen 1")
    assert exported == {
        "name": "Screen 1",
        "categories": [{"name": "Standard", "color": "#3874cb"}],
        "zones": [
            {
                "name": "Left",
                "zone_id": "Left",
                "position": {"x": 0, "y": 0},
                "rows": [
                    {
                        "row_number": "A",
                        "row_number_position": "both",
                        "position": {"x": -10, "y": 5},
                        "seats": [exported_seat("A1", "1", 0), exported_seat("A2", "2", 50)],
                    },
                    {
                        "row_number": "A",
                        "row_number_position": "both",
                        "position": {"x": -10, "y": 30},
                        "seats": [exported_seat("A/2-3", "3", 0)],
                    },
                ],
                "areas": [],
            }
        ],
        "size": {"width": 50, "height": 30},
    }


def exported_seat(guid: str, number: str, x: float) -> dict[str, Any]:
    return {
        "seat_guid": guid,
        "seat_number": number,
        "position": {"x": x, "y": 0},
        "category": "Standard",
    }


@pytest.mark.parametrize(
    "source",
    [
        PLAN,
        document("A: 1..3\nA/2: 1..3\nB/2: 1\nB: 2"),
        document("A: 1\nA: 1\nA/x: 2"),
        document("A: 1\nA: 1\nA/2: 1\nA: 1"),
    ],
)
def test_what_was_exported_is_imported_as_the_same_plan(source):
    plan = plan_from_document(source).plan
    exported = pretix_document(plan, "Room")
    again = plan_from_document(exported).plan
    assert again == plan
    assert pretix_document(again, "Room") == exported
