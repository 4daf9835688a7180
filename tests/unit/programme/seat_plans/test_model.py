"""What a seat plan offers: seats, names, blocks, distances, content."""

import json
from dataclasses import replace

import pytest

from tests.unit.programme.seat_plans.rooms import document, labels, room, section
from ticketing.domain.programme.errors import SeatNamedTwice, SectionNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.model import Feature, PlanId
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document


def test_plans_with_ids_are_compared_by_them():
    plan, other = room("A: 1..3"), room("A: 1..4")
    stored = replace(plan, id=PlanId(1))
    assert stored == replace(other, id=PlanId(1))
    assert stored != replace(plan, id=PlanId(2))
    assert stored == plan
    assert stored != other
    assert plan != "plan"


def test_names_are_found_without_regard_to_case():
    plan = room("É: 1..3")
    assert plan.find(["é2", "E\N{COMBINING ACUTE ACCENT}1", 3]) == [1, 2, 3]


@pytest.mark.parametrize("name", ["é01", "É", "\ud800", "9" * 30, 10**50, "05", True, None])
def test_other_names_are_unknown(name):
    with pytest.raises(UnknownSeat) as refusal:
        room("É: 1..3").find([name, 1])
    assert refusal.value.facts["valid_labels"] == ["É1", "É3"]
    assert refusal.value.facts["valid_numbers"] == [1, 3]


def test_a_seat_named_twice_is_refused():
    with pytest.raises(SeatNamedTwice) as refusal:
        room("A: 1..3").find(["a1", 1])
    assert refusal.value.facts == {"seats": ["A1"]}


def test_a_seat_knows_where_it_is():
    plan = room(
        section(
            "A: 1 2+ 3",
            name="Stalls",
            level="Ground floor",
            category="Sofa",
            exceptions=[
                {"rows": "A", "seats": "1 3", "companion_of": "2", "features": ["transfer_seat"]},
            ],
        ),
        categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#aabbcc"}],
    )
    seat = plan.seat(3)
    assert (seat.section, seat.row, seat.name, seat.label) == ("Stalls", "A", "3", "A3")
    assert (seat.level, seat.category, seat.column, seat.x, seat.y) == (
        "Ground floor",
        "Sofa",
        3,
        50,
        0,
    )
    assert seat.features == {Feature.COMPANION, Feature.TRANSFER_SEAT}
    assert seat.companion_of == (2,)
    assert [seat.number for seat in plan.accessible_seats] == [1, 2, 3]


def test_sections_are_found_by_name():
    plan = room(section(name="Left"), section(name="Right", position=[0, 100]))
    assert plan.section("Right") is plan.sections[1]
    with pytest.raises(SectionNotFound):
        plan.section("left")


def test_each_seat_is_in_one_block():
    plan = room("A: 1..2 . 3..4\nB: 1")
    assert plan.blocks == (range(1, 3), range(3, 5), range(5, 6))
    assert [plan.block_of(number).start for number in plan.numbers] == [1, 1, 3, 3, 5]


def test_distances_are_to_the_focal_point():
    plan = room("A: 1..3", focal_point=[25, 10])
    assert plan.distances == [26926, 10000, 26926]
    assert plan.distance_sums == [0, 26926, 36926, 63852]


@pytest.mark.parametrize(
    ("stage", "point"),
    [("top", (25, 50)), ("bottom", (25, 25)), ("left", (33.333, 37.5)), ("right", (16.667, 37.5))],
)
def test_the_usual_focal_point_is_two_thirds_from_the_stage(stage, point):
    assert room("A..D: 1..3", stage=stage).focal_point == point


PLANS = [
    document("A: 1..3"),
    document(section("1: 1..3", name="Left"), section("1: 1 2+ . 3", name="Right", level="Up")),
    document(
        section(
            "A..B: 1+ 2 3",
            category="Sofa",
            exceptions=[
                {"rows": "A", "seats": "2..3", "companion_of": "1", "category": "Chair"},
                {"rows": "B", "seats": "2", "features": ["out_of_order", "restricted_view"]},
            ],
        ),
        categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#aabbcc"}],
        stage="left",
        focal_point=[1.5, -3],
    ),
    document(
        "A: 1..3\nA: 1..3",
    ),
]


@pytest.mark.parametrize("source", PLANS)
def test_the_content_gives_the_same_plan(source):
    plan = plan_from_document(source).plan
    again = plan_from_document(json.loads(plan.content)).plan
    assert again == plan
    assert hash(again) == hash(plan)
    assert again.content == plan.content
    assert list(again.seats()) == list(plan.seats())
    assert again.blocks == plan.blocks


def test_plans_of_other_content_differ():
    plans = [plan_from_document(source).plan for source in PLANS]
    assert len({plan.content_hash for plan in plans}) == len(PLANS)
    assert plans[0] != plans[1]
    assert plans[0] != "A: 1..3"


def test_one_room_written_in_two_ways_is_one_plan():
    assert room({"grid": {"rows": 2, "seats_per_row": 3}}) == room("A..B: 1..3") == plain_grid(6, 3)
    assert labels(plain_grid(5, 3)) == ["A1", "A2", "A3", "B1", "B2"]
