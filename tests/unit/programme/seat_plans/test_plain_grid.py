"""Plans of two numbers: numbers, labels, and the names that clients may use for a seat."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.programme.errors import SeatNamedTwice, UnknownSeat
from ticketing.domain.programme.seat_plans.names import row_label
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS, seats_fault
from ticketing.domain.programme.seat_plans.plain_grid import grid_sides, plain_grid

PLAN = plain_grid(23)

grid = cache(plain_grid)  # the largest take long
plans = st.builds(grid, st.sampled_from([1, 600, MAX_SEATS]), st.sampled_from([1, 30, MAX_SEATS]))
small_plans = st.builds(grid, st.integers(1, 400), st.integers(1, 50))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@pytest.mark.parametrize(
    ("index", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")],
)
def test_rows_are_labelled_like_spreadsheet_columns(index, letters):
    assert row_label(index) == letters


def test_the_last_row_has_the_remaining_seats():
    assert len(PLAN.rows) == 3
    assert [seat.label for seat in PLAN.seats()][-4:] == ["B10", "C1", "C2", "C3"]


def test_a_seat_knows_its_row_and_column():
    seat = PLAN.seat(20)
    assert (seat.number, seat.label, seat.row, seat.column) == (20, "B10", "B", 10)


@given(small_plans)
def test_seats_are_numbered_from_one_and_labelled_uniquely(plan):
    seats = list(plan.seats())
    assert [seat.number for seat in seats] == list(range(1, plan.total_seats + 1))
    assert len({seat.label for seat in seats}) == plan.total_seats
    assert len({seat.row for seat in seats}) == len(plan.rows)


@given(plans, st.data())
def test_a_seat_is_found_by_number_and_by_label(plan, data):
    number = data.draw(st.sampled_from(plan.numbers))
    label = plan.seat(number).label
    for name in (number, str(number), label, f" {label.lower()}\t"):
        assert plan.find([name]) == [number]


@pytest.mark.parametrize("name", [5, "5", "A5", "a5", " a5 "])
def test_one_seat_has_many_names(name):
    assert PLAN.find([name]) == [5]


NO_NUMBERS = [0, -1, 24, 10**30, 5.0, 5.5, float("nan"), True, False, None, [], [5], {"seat": 5}]
NO_DIGITS = ["0", "-1", "+5", "05", "24", "5.0", " 5 ", "1e1", "9" * 5000, "\u0665", "\uff15", "²"]
NO_LABELS = ["", " ", "A", "A0", "A01", "A11", "C4", "D1", "AA1", "5A", "A 5", "A-5", "A5\x00"]
NO_ASCII = ["\uff215", "Ä5", "\ud800"]


@pytest.mark.parametrize("name", [*NO_NUMBERS, *NO_DIGITS, *NO_LABELS, *NO_ASCII])
def test_any_other_name_is_an_unknown_seat(name):
    with pytest.raises(UnknownSeat) as refusal:
        PLAN.find([1, name])
    assert refusal.value.facts["valid_numbers"] == [1, 23]
    assert refusal.value.facts["valid_labels"] == ["A1", "C3"]
    assert "1 to 23" in refusal.value.detail
    assert "A1 to C3" in refusal.value.detail


def test_a_huge_number_is_an_unknown_seat():
    with pytest.raises(UnknownSeat):
        PLAN.find([10**5000])


def test_every_unknown_seat_is_reported():
    with pytest.raises(UnknownSeat) as refusal:
        PLAN.find(["A1", 99, "Z9"])
    assert len(refusal.value.facts["seats"]) == 2
    assert "99" in refusal.value.detail
    assert "Z9" in refusal.value.detail


@given(small_plans, st.lists(anything, max_size=5))
def test_find_returns_the_seats_or_refuses(plan, names):
    try:
        numbers = plan.find(names)
    except (UnknownSeat, SeatNamedTwice) as refusal:
        assert refusal.detail.isprintable()
        assert len(refusal.detail) < 1000
    else:
        assert numbers == sorted(set(numbers))
        assert len(numbers) == len(names)


def test_found_seats_ascend():
    assert PLAN.find(["C1", 3, "a2", "10"]) == [2, 3, 10, 21]


@pytest.mark.parametrize("names", [[5, 5], [5, "5"], ["A5", 1, " a5 "], ["5", 7, "A5"]])
def test_a_seat_that_is_named_twice_is_refused(names):
    with pytest.raises(SeatNamedTwice) as refusal:
        PLAN.find(names)
    assert refusal.value.facts == {"seats": ["A5"]}


@pytest.mark.parametrize(
    ("total", "good"), [(1, True), (MAX_SEATS, True), (0, False), (-5, False), (20_001, False)]
)
def test_a_plan_has_1_to_20000_seats(total, good):
    assert (seats_fault(total) is None) is good


@pytest.mark.parametrize("label", ["\xdf1", "\u01311", "\ufb001"])
def test_letters_whose_capitals_are_ascii_are_unknown_rows(label):
    """In capitals these are SS1, I1 and FF1."""
    narrow = plain_grid(600, 1)
    assert narrow.find([label.upper()])
    with pytest.raises(UnknownSeat):
        narrow.find([label])


def test_a_plan_is_made_once():
    assert plain_grid(23) is plain_grid(23, 10)
    assert plain_grid(3, 50) is plain_grid(3, 3)


@given(small_plans)
def test_a_plain_grid_knows_its_sides(plan):
    assert grid_sides(plan) == (len(plan.rows), len(plan.rows[0].seats))


@pytest.mark.parametrize(
    "sections",
    [
        [section("A: 1..3\nB: 1..2\nC: 1..3")],
        [section("A: 1..3\nC: 1..3")],
        [section("A: 1..3", name="Circle")],
    ],
)
def test_another_plan_has_no_sides(sections):
    assert grid_sides(room(*sections)) is None
