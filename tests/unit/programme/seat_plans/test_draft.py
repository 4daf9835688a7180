"""What holds for every format: labels, neighbours, columns, places, companions."""

import math

import pytest

from tests.unit.programme.seat_plans.rooms import document, faults_of, labels, room, row, section
from ticketing.domain.programme.seat_plans.readers import plan_from_document


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([section("C: 5")], ["C5"]),
        ([section("7A: 12")], ["7A12"]),
        ([section("A7: 12")], ["A7-12"]),
        ([section("7: 12", name="left")], ["left 7-12"]),
        ([section("C: 5", name="Stalls"), section("C: 5", name="Circle", position=[0, 99])],
         ["Stalls C5", "Circle C5"]),
        ([section("C: 5", name="Stalls"), section("D: 5", name="Circle", position=[0, 99])],
         ["C5", "D5"]),
        ([section("A: 1\nA: 1\nA: 1")], ["A1", "A/2-1", "A/3-1"]),
        ([section("A: 1\nA: 1\nA/2: 1")], ["A1", "A/3-1", "A/2-1"]),
        ([section("1: A B")], ["1A", "1B"]),
    ],
)  # fmt: skip
def test_labels(sections, expected):
    assert labels(room(*sections)) == expected


@pytest.mark.parametrize(
    ("row", "other"), [("A", "a"), ("ẞ", "ß"), ("É", "e\u0301"), ("Ϊ\u0301", "ΐ"), ("İ", "i̇")]
)
def test_labels_are_unique_without_regard_to_case(row, other):
    faults = faults_of(document(f"{row}: 1\n{other}: 1"))
    assert faults == {
        "/sections/0/rows": [f"The seat at /sections/0/rows has the same label, 'Stalls {other}1'."]
    }


def test_a_row_that_is_told_apart_has_a_short_name_too():
    assert labels(room("A23456789012345678: 1\nA23456789012345678: x"))[1].endswith("/2x")
    faults = faults_of(document("A234567890123456789: 1\nA234567890123456789: 2"))
    assert "would be too long" in faults["/sections/0/rows"][0]


def test_a_label_has_a_letter():
    faults = faults_of(document(section("7: 12", name="100")))
    assert "has no letter" in faults["/sections/0/rows"][0]


def test_sections_have_different_names():
    faults = faults_of(document(section("A: 1", name="Left"), section("B: 1", name="LEFT")))
    assert "The section at /sections/0 has the same name." in faults["/sections/1"]


def test_two_seats_are_not_in_one_place():
    faults = faults_of(document([row((0, 0), (25, 0), (25.0001, -0.0))]))
    assert faults == {
        "/sections/0/rows/0/seats/2": [
            "'A3' is at the place of 'A2', at /sections/0/rows/0/seats/1."
        ]
    }


@pytest.mark.parametrize("fields", [{"position": [1e6, 0]}, {"position": [0, -1e6]}])
def test_coordinates_are_bounded_wherever_a_section_is(fields):
    faults = faults_of(document(section([row((5, -5), (30, -5))], **fields)))
    fault = ["Coordinates are from -1000000 to 1000000."]
    assert faults == {f"/sections/0/rows/0/seats/{n}": fault for n in (0, 1)}
    arc = {"rows": 2, "seats_per_row": 9, "radius": 1_000_000, "degrees": 90}
    assert faults_of(document({"arc": arc})) == {"/sections/0/arc": fault}


def test_a_level_may_lie_above_another():
    assert room(section("A: 1"), section("B: 1", name="Circle", level="1")).total_seats == 2


def aisle(width: float) -> list[dict[str, object]]:
    return [row((0, 0), (20, 0), (20 + width, 0), (40 + width, 0))]


@pytest.mark.parametrize(("width", "blocks"), [(20, 1), (30, 1), (30.001, 2), (40, 2)])
def test_an_aisle_breaks_a_row(width, blocks):
    assert len(room(section(aisle(width))).blocks) == blocks


def test_an_aisle_breaks_a_short_row():
    plan = room("A: 1..2 . 3\nB: 1 . 2..3")
    assert [len(block) for block in plan.blocks] == [2, 1, 1, 2]
    assert [seat.column for seat in plan.seats()] == [1, 2, 4, 1, 3, 4]


@pytest.mark.parametrize(
    ("width", "columns"),
    [(20, [1, 2, 3, 4]), (40, [1, 2, 4, 5]), (65, [1, 2, 5, 6]), (5, [1, 2, 3, 4])],
)
def test_columns_count_gaps(width, columns):
    assert [seat.column for seat in room(section(aisle(width))).seats()] == columns


def test_a_row_may_be_curved():
    places = [(300 * math.sin(n / 5), 300 * math.cos(n / 5)) for n in range(25)]
    read = plan_from_document(document([row(*places)]))
    assert (len(read.plan.blocks), read.warnings) == (1, {})


def test_a_row_listed_out_of_order_is_sorted():
    read = plan_from_document(document([row((50, 5), (0, 0), (75, 7.5), (25, 2.5))]))
    assert [seat.name for seat in read.plan.seats()] == ["3", "1", "4", "2"]
    assert [seat.number for seat in read.plan.seats()] == [1, 2, 3, 4]
    assert len(read.plan.blocks) == 1
    assert "sorted" in read.warnings["/sections/0/rows/0"][0]


def test_a_sorted_row_begins_near_the_seat_listed_first():
    read = plan_from_document(document([row((0, 25), (0, 75), (0, 0), (0, 50))]))
    assert [seat.name for seat in read.plan.seats()] == ["3", "1", "4", "2"]


def test_seats_all_over_the_room_have_no_neighbours():
    places = [(0, 0), (100, 100), (100, 0), (0, 100), (50, 170), (40, 20)]
    read = plan_from_document(document([row(*places)]))
    assert [len(block) for block in read.plan.blocks] == [1] * 6
    assert [seat.column for seat in read.plan.seats()] == [1, 2, 3, 4, 5, 6]
    assert [seat.name for seat in read.plan.seats()] == ["1", "2", "3", "4", "5", "6"]
    assert "do not lie on a line" in read.warnings["/sections/0/rows/0"][0]


def companions(*exceptions: dict[str, object], rows: str = "A: 1 2+ 3 4 5 6\nB: 1..6"):
    return document(section(rows, exceptions=[*exceptions]))


def exception(seats: str, **fields: object) -> dict[str, object]:
    return {"rows": "A", "seats": seats, **fields}


@pytest.mark.parametrize(
    ("exceptions", "fault"),
    [
        ([exception("1", companion_of="9")], "This row has no wheelchair space '9'."),
        ([exception("1", companion_of="3")], "This row has no wheelchair space '3'."),
        ([{"rows": "B", "seats": "1", "companion_of": "2"}], "no wheelchair space '2'."),
        ([exception("1", features=["companion"])], "A companion seat names its wheelchair spaces."),
        ([exception("1 3..5", companion_of="2")], "at most 3 companion seats."),
        ([exception("1", companion_of="1..11")], "at most 10 wheelchair spaces."),
        ([exception("2", companion_of="2")], "A wheelchair space cannot be a companion seat."),
    ],
)
def test_companion_seats_belong_to_wheelchair_spaces(exceptions, fault):
    faults = faults_of(companions(*exceptions))
    assert fault in str(faults["/sections/0/rows"])


def test_a_seat_without_spaces_is_no_companion_seat():
    plan = plan_from_document(companions(exception("1", companion_of=""))).plan
    assert plan.seat(1).features == frozenset()


def test_a_wheelchair_space_has_up_to_three_companion_seats():
    plan = plan_from_document(companions(exception("1 3 4", companion_of="2"))).plan
    assert [plan.seat(number).companion_of for number in (1, 2, 3, 4, 5)] == [
        (2,), (), (2,), (2,), (),
    ]  # fmt: skip


@pytest.mark.parametrize(("sections", "good"), [(100, True), (101, False)])
def test_a_room_has_at_most_100_sections(sections, good):
    parts = [section("A: 1", name=f"S{n}", position=[n, n]) for n in range(sections)]
    if good:
        assert len(room(*parts).sections) == sections
    else:
        assert faults_of(document(*parts)) == {"": ["A room has at most 100 sections."]}
