"""The seats of shows."""

from dataclasses import replace

import pytest

from tests.builders import a_show, put_on
from tests.contracts.fixtures import Fixtures, booked, check_busy
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.errors import SeatTaken


class SeatsContract(Fixtures):
    def test_the_seats_of_a_new_show_are_free(self, transactions, queries, show, clock):
        def work(uow):
            return uow.seats.lock(show.id, show.plan.numbers, show.plan)

        locked, seats, _ = transactions(work)
        assert locked == show
        assert [held.seat for held in seats] == list(show.plan.seats())
        assert all(held.is_free(clock()) for held in seats)
        assert booked(queries, show.id) == []

    def test_locked_seats_are_sorted_and_have_their_bookings(
        self, transactions, sales, customer, show
    ):
        booking = sales.book(show.id, [7], customer)
        _, seats, _ = transactions(lambda uow: uow.seats.lock(show.id, [8, 7, 2], show.plan))
        assert [(held.seat.label, held.booking_id) for held in seats] == [
            ("A2", None),
            ("A7", booking.id),
            ("A8", None),
        ]

    def test_another_seat_plan_replaces_the_seats(self, transactions, queries, show):
        wider = replace(show, plan=plain_grid(60, 20))

        def work(uow):
            uow.shows.lock(show.id)
            uow.shows.save(wider)
            return uow.seats.lock(show.id, wider.plan.find([20, 60]), wider.plan)

        locked, seats, _ = transactions(work)
        assert (locked, [held.seat.label for held in seats]) == (wider, ["A20", "C20"])
        assert transactions(lambda uow: uow.seats.plan(show.id)) == wider.plan
        assert queries.programme.show(show.id).available_seats == 60

    @pytest.mark.parametrize("plan", [plain_grid(50, 5), plain_grid(49), plain_grid(70)])
    def test_seats_of_an_outdated_seat_plan_are_not_locked(self, transactions, show, plan):
        check_busy(transactions, lambda uow: uow.seats.lock(show.id, plan.find([1, 2]), plan))

    def test_each_show_of_a_screen_has_its_own_seats(
        self, transactions, queries, sales, customer, show
    ):
        other = put_on(transactions, show)
        sales.book(show.id, [1], customer)
        assert booked(queries, show.id) == [1]
        assert booked(queries, other.id) == []

    @pytest.mark.parametrize(("sold", "full"), [([], False), ([1, 2], False), ([1, 2, 3], True)])
    def test_a_show_is_full_when_no_seat_is_free(self, transactions, sales, customer, sold, full):
        show = put_on(transactions, a_show(plan=plain_grid(3)))
        if sold:
            sales.book(show.id, sold, customer)
        assert transactions(lambda uow: uow.seats.is_full(show.id)) is full

    def test_the_largest_seat_plan_can_be_sold(
        self, transactions, queries, programme, customer, sales
    ):
        show = put_on(transactions, a_show(plan=plain_grid(MAX_SEATS, 200)))
        booking = sales.book(show.id, ["CV200", 1], customer)
        assert [seat.number for seat in booking.seats] == [1, MAX_SEATS]
        assert queries.programme.show(show.id).available_seats == MAX_SEATS - 2
        with pytest.raises(SeatTaken):
            sales.book(show.id, [2, MAX_SEATS], customer)
