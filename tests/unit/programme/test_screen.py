"""Screens."""

import pytest

from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid


def test_a_screen_has_full_rows():
    screen = Screen.new(" Studio ", 4, 12)
    assert (screen.name, screen.plan) == ("Studio", plain_grid(48, 12))


@pytest.mark.parametrize(
    ("name", "rows", "seats_per_row", "faulty"),
    [
        ("", 0, -1, ["name", "rows", "seats_per_row"]),
        ("x" * 101, 1, 1, ["name"]),
        ("Studio", MAX_SEATS + 1, 1, ["rows"]),
        ("Studio", 1, MAX_SEATS + 1, ["seats_per_row"]),
        ("Studio", 201, 100, ["rows"]),
    ],
)
def test_every_invalid_field_of_a_screen_is_reported(name, rows, seats_per_row, faulty):
    with pytest.raises(InvalidFields) as refusal:
        Screen.new(name, rows, seats_per_row)
    assert sorted(refusal.value.facts["errors"]) == faulty


def test_the_largest_screen_is_valid():
    assert Screen.new("Arena", 200, 100).plan.total_seats == MAX_SEATS


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (1, MAX_SEATS), (MAX_SEATS, 1)])
def test_a_screen_may_have_one_row_or_one_column(rows, width):
    assert Screen.new("S", rows, width).plan == plain_grid(rows * width, width)
