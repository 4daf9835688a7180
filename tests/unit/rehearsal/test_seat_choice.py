"""Which seats the customers of a rehearsal would like."""

from random import Random

import pytest

from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.entrypoints.cli.rehearse.customer import choose_seats

ROOM = SeatPlan(400, 20)


def picks(plan, free, turns=200):
    return [choose_seats(plan, free, Random(turn)) for turn in range(turns)]


@pytest.mark.parametrize("plan", [ROOM, SeatPlan(1), SeatPlan(23, 8), SeatPlan(3, 50)])
def test_seats_are_side_by_side_in_a_row_of_the_room(plan):
    for seats in picks(plan, plan.numbers):
        assert 1 <= len(seats) <= 4
        assert set(seats) <= set(plan.numbers)
        assert seats == tuple(range(seats[0], seats[-1] + 1))
        assert len({plan.seat(number).row for number in seats}) == 1


def test_favourites_are_in_the_middle_and_wanted_by_many():
    wanted = picks(ROOM, ROOM.numbers)
    assert len(set(wanted)) < len(wanted)
    columns = [ROOM.seat(seats[0]).column for seats in wanted]
    assert sum(5 <= column <= 15 for column in columns) > 0.8 * len(columns)


def test_only_free_seats_are_picked_while_there_are_some():
    free = {1, 2, 77, 400}
    assert all(set(seats) <= free for seats in picks(ROOM, free))
    assert {len(seats) for seats in picks(ROOM, {77})} == {1}


def test_where_nothing_is_free_a_favourite_is_tried_nevertheless():
    assert all(len(seats) == 1 for seats in picks(ROOM, set()))


def test_the_same_lots_pick_the_same_seats():
    assert choose_seats(ROOM, ROOM.numbers, Random(3)) == choose_seats(
        ROOM, ROOM.numbers, Random(3)
    )
