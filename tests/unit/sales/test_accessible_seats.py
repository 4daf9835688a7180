"""Wheelchair spaces and companion seats are kept, and sold together."""

import pytest

from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.sales.accessible_seats import kept_seats, require_wheelchair_spaces
from ticketing.domain.sales.errors import CompanionSeat

PLAN = room(
    section(
        "A: 1+ 2 3+ 4\nB: 1+ 2 3",
        exceptions=[
            {"rows": "A", "seats": "2", "companion_of": "1 3"},
            {"rows": "B", "category": "Sofa"},
            {"rows": "B", "seats": "2", "companion_of": "1"},
        ],
    ),
    categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#def"}],
)


def seats(names):
    return frozenset(PLAN.find(names.split()))


@pytest.mark.parametrize(
    ("free", "held", "kept"),
    [
        ("A1 A2 A3 A4 B1 B2 B3", "", "A1 A2 A3 B1 B2"),
        ("A1 A2 A3 B1 B2 B3", "", "B1 B2"),
        ("A1 A2 A3 B1 B2 B3", "A4", "A1 A2 A3 B1 B2"),
        ("A1 A2", "", ""),
    ],
)
def test_they_are_kept_while_other_seats_of_the_category_are_left(free, held, kept):
    assert kept_seats(PLAN, seats(free), seats(held)) == seats(kept)


def test_most_rooms_keep_none():
    plan = room("A: 1..3")
    assert kept_seats(plan, frozenset(plan.find([1, 2, 3])), frozenset()) == frozenset()


KEPT = seats("A1 A2 A3 B1 B2")


@pytest.mark.parametrize(
    ("chosen", "owned", "alone"),
    [
        ("A2", "", "A2"),
        ("A2 A4", "", "A2"),
        ("A2 B2", "A1", "B2"),
        ("A2 B1", "", "A2"),
        ("A1 A2", "", ""),
        ("A2 A3", "", ""),
        ("A2", "A3", ""),
        ("A1", "", ""),
        ("A4", "", ""),
    ],
)
def test_a_companion_seat_goes_with_one_of_its_spaces(chosen, owned, alone):
    call = (PLAN, sorted(seats(chosen)), seats(owned), KEPT)
    if alone:
        with pytest.raises(CompanionSeat) as refusal:
            require_wheelchair_spaces(*call)
        assert refusal.value.facts == {"seats": alone.split()}
    else:
        require_wheelchair_spaces(*call)


def test_a_released_companion_seat_is_a_seat_like_others():
    require_wheelchair_spaces(PLAN, sorted(seats("A2")), frozenset(), seats("B1 B2"))
