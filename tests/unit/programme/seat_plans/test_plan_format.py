"""Our own format: rows as text, lists of seats, grids, arcs, exceptions, and their faults."""

import math
from collections import Counter

import pytest

from tests.unit.programme.seat_plans.rooms import document, faults_of, labels, room, row, section
from ticketing.domain.programme.seat_plans import names as names_module
from ticketing.domain.programme.seat_plans.document import MAX_OBJECTS
from ticketing.domain.programme.seat_plans.model import Feature, Side
from ticketing.domain.programme.seat_plans.names import expanded, roman
from ticketing.domain.programme.seat_plans.plan_format import DEFAULT_CATEGORY


def places(plan):
    return [(seat.x, seat.y) for seat in plan.seats()]


def expansion(text):
    """Return the names that a text stands for, and its faults."""
    faults: list[str] = []
    return expanded(text, faults.append), faults


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("5", ["5"]),
        ("1..3", ["1", "2", "3"]),
        ("3..1", ["3", "2", "1"]),
        ("1..6/2", ["1", "3", "5"]),
        ("6..1/2 1..2", ["6", "4", "2", "1", "2"]),
        ("A..C", ["A", "B", "C"]),
        ("Z..AB", ["Z", "AA", "AB"]),
        ("C..A", ["C", "B", "A"]),
        ("0..1", ["0", "1"]),
    ],
)
def test_names_are_written_as_ranges(text, names):
    assert expansion(text) == (names, [])


@pytest.mark.parametrize(
    "text", ["1..", "..1", "01..3", "a..c", "1..A", "A..3", "1..3/0", "\u0661..3"]
)
def test_a_range_that_cannot_be_read_is_refused(text):
    assert expansion(text) == ([], [f"{text!r} is not a range like 1..20, 19..1/2 or A..H."])


@pytest.mark.parametrize("text", ["0..20000", "A..ZZZ A..ZZZ", "1..15000 1..15000"])
def test_ranges_are_bounded(text):
    assert expansion(text) == ([], ["At most 20000 names."])


@pytest.mark.parametrize(
    "line", ["A: 1..19999 1..", "A: 1..19999 <", "A: 1..19999 1..19999", "A..ZZZ <: 1", "A..ZZZ:"]
)
def test_ranges_of_invalid_lines_are_not_expanded(line, monkeypatch):
    made = Counter[str]()

    def name(number):
        made["names"] += 1
        return f"A{number}"

    monkeypatch.setattr(names_module, "row_label", name)
    monkeypatch.setattr(names_module, "str", name, raising=False)
    assert faults_of(document("\n".join([line] * 500)))
    assert made["names"] <= 40_000


def test_roman_numerals():
    assert [roman(n) for n in (1, 4, 9, 14, 40, 90, 399)] == [
        "I", "IV", "IX", "XIV", "XL", "XC", "CCCXCIX",
    ]  # fmt: skip


def test_rows_are_drawn_as_text():
    plan = room("A: . 1..2 . 3\n\nB: , 1+ 2")
    assert labels(plan) == ["A1", "A2", "A3", "B1", "B2"]
    assert places(plan) == [(25, 0), (50, 0), (100, 0), (12.5, 50), (37.5, 50)]
    assert [seat.number for seat in plan.seats() if seat.features] == [4]
    assert plan.seat(4).features == {Feature.WHEELCHAIR_SPACE}
    assert plan.categories == (DEFAULT_CATEGORY,)
    assert plan.sections[0].name == "Stalls"


def test_several_rows_may_be_drawn_at_once():
    assert labels(room("A..B D: 2..1")) == ["A2", "A1", "B2", "B1", "D2", "D1"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("A 1..3", "Line 1: A row is written as its name, a colon, and its seats."),
        ("A: 1\n\nB 1", "Line 3: A row is written as its name, a colon, and its seats."),
        ("A: 1..", "Line 1: '1..' is not a range like 1..20, 19..1/2 or A..H."),
        ("A: <b>", "Line 1: '<b>': A name may not contain <, > or \"."),
        ("A: " + "1" * 21, "Line 1: '111111111111111111111': A name has at most 20 characters."),
        ("A: +", "Line 1: '': A name may not be empty."),
        ("A..C: 1..9999", "A room has at most 20000 seats."),
        ("A: " + "." * 50_000 + " 1", "Coordinates are from -1000000 to 1000000."),
        ("", "A section has at least one seat."),
        ("A: . .", "A section has at least one seat."),
    ],
)
def test_faults_of_drawn_rows(rows, fault):
    assert faults_of(document(rows))["/sections/0/rows"] == [fault]


def test_all_lines_with_faults_are_found():
    assert len(faults_of(document("A\nB: 1\nC"))["/sections/0/rows"]) == 2
    assert len(faults_of(document("A: 1 < 2 >\n<: 1"))["/sections/0/rows"]) == 3


def test_rows_are_listed_seat_by_seat():
    seat = {"name": "7", "x": 1.5, "y": -2, "category": "Sofa", "features": ["restricted_view"]}
    space = {"name": "8", "x": 26.5, "y": -2, "features": ["wheelchair_space"]}
    companion = {"name": "9", "x": 51.5, "y": -2, "companion_of": ["8"]}
    plan = room(
        section([{"name": "C", "seats": [seat, space, companion]}], position=[10, 20]),
        categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#def"}],
    )
    assert labels(plan) == ["C7", "C8", "C9"]
    assert places(plan) == [(11.5, 18), (36.5, 18), (61.5, 18)]
    assert [seat.category for seat in plan.seats()] == ["Sofa", "Chair", "Chair"]
    assert plan.seat(1).features == {Feature.RESTRICTED_VIEW}
    assert plan.seat(3).companion_of == (2,)


def test_a_grid():
    plan = room({"grid": {"rows": 2, "seats_per_row": 2}, "position": [100, 50]})
    assert labels(plan) == ["A1", "A2", "B1", "B2"]
    assert places(plan) == [(100, 50), (125, 50), (100, 75), (125, 75)]


def test_a_grid_with_names_of_its_own():
    grid = {"rows": 2, "seats_per_row": 3, "row_names": "H J", "seat_names": "5..1/2"}
    assert labels(room({"grid": grid})) == ["H5", "H3", "H1", "J5", "J3", "J1"]


def test_an_arc():
    arc = {"rows": 2, "seats_per_row": [3, 1], "radius": 100, "degrees": 180, "row_spacing": 30}
    plan = room({"arc": arc | {"row_names": "roman"}})
    assert labels(plan) == ["I1", "I2", "I3", "II1"]
    assert places(plan) == [(-100, 0), (0, 100), (100, 0), (0, 130)]


def test_an_arc_is_one_block_a_row():
    arc = {"rows": 3, "seats_per_row": 20, "radius": 200, "degrees": 120}
    plan = room({"arc": arc})
    assert [len(block) for block in plan.blocks] == [20, 20, 20]
    assert math.hypot(*places(plan)[-1]) == pytest.approx(250, abs=0.001)


@pytest.mark.parametrize(
    ("layout", "place", "fault"),
    [
        ({"grid": {"rows": 10**9, "seats_per_row": 1}}, "rows", "from 1 to 20000"),
        ({"grid": {"rows": 20_000, "seats_per_row": 20_000}}, "", "at most 20000 seats"),
        ({"grid": {"rows": 0, "seats_per_row": 1}}, "rows", "from 1 to 20000"),
        ({"grid": {"rows": True, "seats_per_row": 1}}, "rows", "from 1 to 20000"),
        ({"grid": {"rows": 2.0, "seats_per_row": 1}}, "rows", "from 1 to 20000"),
        ({"grid": {"rows": "2", "seats_per_row": 1}}, "rows", "from 1 to 20000"),
        ({"grid": {"rows": 2}}, "seats_per_row", "required"),
        ({"grid": 5}, "", "An object is required."),
        ({"grid": {"rows": 2, "seats_per_row": 1, "row_names": "A"}}, "row_names", "2 names"),
        ({"grid": {"rows": 2, "seats_per_row": 1, "row_names": 5}}, "row_names", "string"),
        ({"grid": {"rows": 1, "seats_per_row": 2, "seat_names": "1.."}}, "seat_names", "range"),
        ({"grid": {"rows": 400, "seats_per_row": 1, "row_names": "roman"}}, "row_names", "399"),
        ({"arc": {"rows": 2, "seats_per_row": 1, "degrees": 90, "radius": 0}}, "radius", "from 1"),
        ({"arc": {"rows": 2, "seats_per_row": 1, "degrees": 0, "radius": 9}}, "degrees", "from 1"),
        ({"arc": {"rows": 2, "seats_per_row": 1, "degrees": 90}}, "radius", "required"),
        ({"arc": {"rows": 2, "seats_per_row": [], "degrees": 9, "radius": 9}}, "seats_per_row",
         "One number, or one for each row"),
        ({"arc": {"rows": 2, "seats_per_row": [1, 1, 1], "degrees": 9, "radius": 9}},
         "seats_per_row", "One number, or one for each row"),
    ],
)  # fmt: skip
def test_faults_of_generators(layout, place, fault):
    (kind,) = layout
    where = f"/sections/0/{kind}" + (f"/{place}" if place else "")
    assert fault in faults_of(document(layout))[where][0]


def test_generators_of_all_sections_are_bounded_together():
    parts = [{"name": f"S{n}", "grid": {"rows": 150, "seats_per_row": 100}} for n in range(3)]
    assert faults_of(document(*parts)) == {
        "/sections/1/grid": ["A room has at most 20000 seats."],
        "/sections/2/grid": ["A room has at most 20000 seats."],
    }


def test_only_as_many_sections_are_read_as_a_room_may_have():
    grid = {"rows": 1, "seats_per_row": 1, "seat_names": ".."}
    faults = faults_of(document(*({"name": f"S{n}", "grid": grid} for n in range(10_000))))
    assert faults[""] == ["A room has at most 100 sections."]
    assert sum(where.endswith("/seat_names") for where in faults) == 101


def test_exceptions_change_and_remove_seats():
    plan = room(
        section(
            "A..C: 1..4",
            exceptions=[
                {"rows": "A..B", "seats": "1 4", "remove": True},
                {"rows": "C", "category": "Sofa", "features": ["transfer_seat"]},
                {"rows": "B", "remove": True},
            ],
        ),
        categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#def"}],
    )
    assert labels(plan) == ["A2", "A3", "C1", "C2", "C3", "C4"]
    assert [seat.category for seat in plan.seats()] == ["Chair"] * 2 + ["Sofa"] * 4
    assert plan.seat(3).features == {Feature.TRANSFER_SEAT}


def test_an_exception_adds_features():
    exceptions = [{"rows": "A", "features": ["restricted_view"]}]
    plan = room(section("A: 1+ 2", exceptions=exceptions))
    assert plan.seat(1).features == {Feature.WHEELCHAIR_SPACE, Feature.RESTRICTED_VIEW}
    assert plan.seat(2).features == {Feature.RESTRICTED_VIEW}


def test_an_exception_is_for_all_rows_of_a_name():
    exceptions = [{"rows": "A", "seats": "2", "remove": True}]
    plan = room(section("A: 1..2\nA: 1..2\nB: 1..2", exceptions=exceptions))
    assert labels(plan) == ["A1", "A/2-1", "B1", "B2"]


def test_an_exception_hides_no_fault():
    faults = faults_of(document(section("A: 1 1", exceptions=[{"rows": "A", "seats": "1"}])))
    assert "the same label" in faults["/sections/0/rows"][0]


@pytest.mark.parametrize(
    ("exception", "place", "fault"),
    [
        ({}, "/rows", "This field is required."),
        ({"rows": "D"}, "/rows", "The section has no row 'D'."),
        ({"rows": "A", "seats": "9"}, "/seats", "Row 'A' has no seat '9'."),
        ({"rows": "A", "remove": False}, "/remove", "The only value is true."),
        ({"rows": "A", "remove": 1}, "/remove", "The only value is true."),
        ({"rows": "A", "category": "Sofa"}, "/category", "One of 'Standard' is required."),
        ({"rows": "A", "features": ["red"]}, "/features/0", "One of 'wheelchair_space',"),
        ({"rows": "A", "features": "red"}, "/features", "A list is required."),
        ({"rows": "A", "color": "red"}, "/color", "Unknown field."),
        ({"rows": "A..\u200b"}, "/rows", "is not a range"),
        ({"rows": "\u200b"}, "/rows", "invisible characters"),
    ],
)
def test_faults_of_exceptions(exception, place, fault):
    faults = faults_of(document(section("A: 1..3", exceptions=[exception])))
    assert fault in faults[f"/sections/0/exceptions/0{place}"][0]


@pytest.mark.parametrize(
    ("exception", "first"),
    [({"rows": "A"}, 9), ({"rows": "A", "seats": "x"}, 9), ({"rows": "1..9999"}, 19)],
)
def test_exceptions_are_bounded(exception, first):
    grid = {"grid": {"rows": 1, "seats_per_row": 20_000}}
    faults = faults_of(document(grid | {"exceptions": [exception] * 30 + [{"rows": "A"}] * 2}))
    where, limit = next(item for item in faults.items() if "200000 seats" in str(item))
    assert limit == ["All exceptions together select at most 200000 seats."]
    assert int(where.removeprefix("/sections/0/exceptions/")) >= first
    assert "/sections/0/exceptions/31" not in faults


def test_a_fault_of_an_exception_is_found_once():
    exception = {"rows": "A..B", "category": "Sofa", "features": ["red"]}
    faults = faults_of(document(section("A..B: 1..3", exceptions=[exception])))
    assert [len(found) for found in faults.values()] == [1, 1]


def test_the_stage_and_the_focal_point():
    plan = room("A: 1..3", stage="left", focal_point=[3, 4.5])
    assert (plan.stage, plan.focal_point) == (Side.LEFT, (3, 4.5))


SEAT = {"name": "1", "x": 0, "y": 0}


def listed(**fields):
    return document([{"name": "A", "seats": [SEAT | fields]}])


@pytest.mark.parametrize(
    ("source", "place", "fault"),
    [
        (None, "", "An object is required."),
        ([], "", "An object is required."),
        ({}, "/sections", "This field is required."),
        ({"sections": {}}, "/sections", "A list is required."),
        ({"sections": []}, "", "A room has 1 to 20000 seats."),
        ({"sections": [5]}, "/sections/0", "An object is required."),
        ({"sections": [{}]}, "/sections/0", "A section has one of rows, grid, arc."),
        (document(section(grid={})), "/sections/0", "A section has one of rows, grid, arc."),
        (document("A: 1", stage="front"), "/stage", "One of 'top', 'bottom', 'left', 'right'"),
        (document("A: 1", stage=[]), "/stage", "One of 'top', 'bottom', 'left', 'right'"),
        (document("A: 1", focal_point=5), "/focal_point", "A list of two numbers"),
        (document("A: 1", focal_point=[1, True]), "/focal_point/1", "A number from"),
        (document("A: 1", **{"a/b~\u200b": 1}), "/a~1b~0\\u200b", "Unknown field. Known are"),
        (document(5), "/sections/0/rows", "A list is required."),
        (document([5]), "/sections/0/rows/0", "An object is required."),
        (document([{"name": "A", "seats": [5]}]), "/sections/0/rows/0/seats/0", "An object"),
        (document([row(name="A")]), "/sections/0/rows", "A section has at least one seat."),
        (document("A: 1", categories=[]), "/categories", "A room has 1 to 50 categories."),
        (document("A: 1", categories=[{"name": f"{n}", "color": "#abc"} for n in range(51)]),
         "/categories", "A room has 1 to 50 categories."),
        (document("A: 1", categories=[{"name": "X", "color": "#abc"}] * 2), "/categories",
         "2 categories have the name 'x'."),
        (document("A: 1", categories=[5]), "/categories/0", "An object is required."),
        (document(section(category="Sofa")), "/sections/0/category", "One of 'Standard'"),
        (listed(x=float("nan")), "/sections/0/rows/0/seats/0/x", "A number from -1000000 to"),
        (listed(x=1e308), "/sections/0/rows/0/seats/0/x", "A number from -1000000 to 1000000"),
        (listed(y=10**400), "/sections/0/rows/0/seats/0/y", "A number from -1000000 to 1000000"),
        (listed(y="1"), "/sections/0/rows/0/seats/0/y", "A number from -1000000 to 1000000"),
        (listed(y=False), "/sections/0/rows/0/seats/0/y", "A number from -1000000 to 1000000"),
        (listed(name=1), "/sections/0/rows/0/seats/0/name", "A string is required."),
        (listed(companion_of=[1]), "/sections/0/rows/0/seats/0/companion_of/0", "A string"),
    ],
)  # fmt: skip
def test_faults_of_documents(source, place, fault):
    assert fault in faults_of(source)[place][0]


def test_every_fault_is_found_in_one_pass():
    source = document(
        section("A: 1..3\nB", exceptions=[{"rows": "Z"}]),
        section([{"name": "", "seats": [SEAT, SEAT | {"name": "2"}]}], position=[0, 99]),
        stage="front",
        categories=[{"name": "Chair", "color": "red"}],
        colour="red",
    )
    assert sorted(faults_of(source)) == [
        "/categories/0/color",
        "/colour",
        "/sections/0/exceptions/0/rows",
        "/sections/0/rows",
        "/sections/1",
        "/sections/1/rows/0/name",
        "/sections/1/rows/0/seats/1",
        "/stage",
    ]


HOSTILE = [
    "</script>", '" onload="alert(1)', "<", "", " ", " A", "A ", "A  B", "\u200b", "A\u200b",
    "\u2800", "\u3164", "A\ufe0f", "\u202eA", "A\x00", "\ud800", "A\nB", "A\u00a0B", "x" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused(name):
    source = {
        "categories": [{"name": name, "color": "#abc"}],
        "sections": [
            {
                "name": name,
                "level": name,
                "rows": [{"name": name, "seats": [SEAT | {"name": name}]}],
            }
        ],
    }
    assert set(faults_of(source)) >= {
        "/categories/0/name",
        "/sections/0/name",
        "/sections/0/level",
        "/sections/0/rows/0/name",
        "/sections/0/rows/0/seats/0/name",
    }


@pytest.mark.parametrize(
    "color", ["red", "#ab", "#abcd", "#abcdeg", "#abcdef\n", '#abc" onload="', "url(#a)", 7, None]
)
def test_hostile_colors_are_refused(color):
    faults = faults_of(document("A: 1", categories=[{"name": "Chair", "color": color}]))
    assert faults == {"/categories/0/color": ["A color is #rgb or #rrggbb."]}


@pytest.mark.parametrize("name", ["Ñ", "舞台", "Loge №1", "1º", "O'Neill & Sons", "A/2", "🎭"])
def test_names_of_any_language_are_valid(name):
    assert room(section(name=name)).sections[0].name == name


@pytest.mark.parametrize(("seats", "good"), [(20_000, True), (20_001, False)])
def test_a_room_has_at_most_20000_seats(seats, good):
    rows = [{"name": "A", "seats": [{"name": str(n), "x": n, "y": 0} for n in range(seats)]}]
    if good:
        assert room(rows).total_seats == seats
    else:
        assert faults_of(document(rows)) == {"": ["A room has 1 to 20000 seats."]}


def test_a_document_that_is_much_too_large_is_not_read_to_its_end():
    seats = [SEAT] * (MAX_OBJECTS + 10)
    faults = faults_of(document([{"name": "A", "seats": [*seats, 5]}]))
    last = f"/sections/0/rows/0/seats/{MAX_OBJECTS - 3}"
    assert faults == {last: [f"A plan has at most {MAX_OBJECTS} objects."]}


def test_a_fault_lists_ten_choices_at_most():
    categories = [{"name": f"C{n}", "color": "#abc"} for n in range(12)]
    faults = faults_of(document(section(category="X"), categories=categories))
    (fault,) = faults["/sections/0/category"]
    assert "'C9' is required" in fault
