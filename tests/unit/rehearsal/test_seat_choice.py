"""Which seats the customers of a rehearsal choose."""

from random import Random

import pytest

from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.entrypoints.cli.rehearse.customer import choose_seats

PLAN = plain_grid(400, 20)


def picks(plan, free, turns=200):
    return [choose_seats(plan, free, Random(turn)) for turn in range(turns)]


@pytest.mark.parametrize("plan", [PLAN, plain_grid(1), plain_grid(23, 8), plain_grid(3, 50)])
def test_chosen_seats_are_neighbours_in_a_row(plan):
    for seats in picks(plan, plan.numbers):
        assert 1 <= len(seats) <= 4
        assert set(seats) <= set(plan.numbers)
        assert seats == tuple(range(seats[0], seats[-1] + 1))
        assert len({plan.seat(number).row for number in seats}) == 1


def test_favourites_are_in_the_middle_and_chosen_often():
    chosen = picks(PLAN, PLAN.numbers)
    assert len(set(chosen)) < len(chosen)
    columns = [PLAN.seat(seats[0]).column for seats in chosen]
    assert sum(5 <= column <= 15 for column in columns) > 0.8 * len(columns)


def test_only_free_seats_are_chosen_while_seats_are_free():
    free = {1, 2, 77, 400}
    assert all(set(seats) <= free for seats in picks(PLAN, free))
    assert {len(seats) for seats in picks(PLAN, {77})} == {1}


def test_a_favourite_is_chosen_if_no_seat_is_free():
    assert all(len(seats) == 1 for seats in picks(PLAN, set()))


def test_the_same_random_numbers_choose_the_same_seats():
    assert choose_seats(PLAN, PLAN.numbers, Random(3)) == choose_seats(
        PLAN, PLAN.numbers, Random(3)
    )
