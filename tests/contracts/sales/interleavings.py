"""Rivals who come in between.

Stores that do one unit of work at a time pass easily; those that lock rows have to earn it.
"""

from dataclasses import replace

import pytest

from tests.builders import NOW, a_show, put_on, register, sold_at_once
from tests.contracts.concurrent_calls import ConcurrentCall
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.programme.errors import ShowHasBookings, ShowNotFound
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import SalesClosed

CALLED_OFF = ShowDraft(cancelled=True)


class InterleavingsContract(Fixtures):
    def test_who_buys_between_two_cancellations_keeps_the_seat(
        self, transactions, queries, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1], customer)
        rival = register(transactions, "rival")
        buyer = ConcurrentCall(transactions, self.sale(show, rival, meanwhile=lambda: None))
        second = ConcurrentCall(sales.cancel, booking.id, actor)

        def cancellation(uow):
            cancelled = uow.bookings.lock(booking.id).cancel(now=uow.now())
            buyer.start()
            second.start()
            uow.bookings.cancel(cancelled)
            return cancelled

        cancelled = transactions(cancellation)
        assert second.result() == cancelled
        assert queries.sales.booking(buyer.result().id) == buyer.result()
        assert booked(queries, show.id) == [1]

    def test_a_plan_that_changes_before_the_seats_are_held_is_looked_up_again(
        self, transactions, queries, programme, customer
    ):
        show = put_on(transactions, a_show(plan=SeatPlan(50, 5)))
        rival = ConcurrentCall(programme.change_show, show.id, ShowDraft(total_seats=60))

        def sale(uow):
            plan = uow.seats.plan(show.id)
            rival.start()
            current, seats, _ = uow.seats.lock(show.id, plan.find(["B1"]), plan)
            return uow.bookings.add(sold_at_once(current, seats, customer, uow.now()))

        [seat] = transactions(sale).seats
        rival.result()
        assert seat.label == "B1"
        assert seat == queries.sales.seat_map(show.id).plan.seat(seat.number)
        assert booked(queries, show.id) == [seat.number]

    def sale(self, show, customer, meanwhile):
        """A sale that is some time about it."""

        def work(uow):
            current, seats, _ = uow.seats.lock(show.id, [1], show.plan)
            meanwhile()
            return uow.bookings.add(sold_at_once(current, seats, customer, uow.now()))

        return work

    def test_what_is_sold_while_a_show_is_called_off_is_cancelled_with_it(
        self, transactions, queries, programme, customer, show
    ):
        rival = ConcurrentCall(programme.change_show, show.id, CALLED_OFF)
        booking = transactions(self.sale(show, customer, rival.start))
        called_off = rival.result()
        expected = replace(booking, show=called_off, cancelled_at=called_off.cancelled_at)
        assert queries.sales.booking(booking.id) == expected
        assert not expected.is_active
        assert booked(queries, show.id) == []

    @pytest.mark.parametrize("change", ["remove_show", "change_show"])
    def test_a_show_of_which_a_seat_is_being_sold_stays(
        self, transactions, queries, programme, customer, show, change
    ):
        moved = [] if change == "remove_show" else [ShowDraft(total_seats=20)]
        rival = ConcurrentCall(getattr(programme, change), show.id, *moved)
        booking = transactions(self.sale(show, customer, rival.start))
        assert isinstance(rival.result(), ShowHasBookings)
        assert queries.sales.booking(booking.id) == booking
        assert booked(queries, show.id) == [1]

    def test_nothing_is_sold_of_a_show_that_is_being_called_off(
        self, transactions, queries, sales, customer, show
    ):
        rival = ConcurrentCall(sales.book, show.id, [1], customer)

        def calling_off(uow):
            current = uow.shows.lock(show.id)
            rival.start()
            uow.bookings.cancel_all(show.id, NOW)
            uow.shows.save(current.cancelled(NOW))

        transactions(calling_off)
        assert isinstance(rival.result(), SalesClosed)
        assert booked(queries, show.id) == []

    def test_nothing_is_sold_of_a_show_that_is_being_removed(
        self, transactions, queries, sales, customer, show
    ):
        rival = ConcurrentCall(sales.book, show.id, [1], customer)

        def removal(uow):
            uow.shows.lock(show.id)
            rival.start()
            uow.shows.remove(show.id)

        transactions(removal)
        assert isinstance(rival.result(), ShowNotFound)

    def test_a_booking_is_cancelled_once_by_its_owner_and_by_the_house(
        self, transactions, queries, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1], customer)
        rival = ConcurrentCall(sales.cancel, booking.id, actor)

        def calling_off(uow):
            uow.shows.lock(show.id)
            rival.start()
            uow.bookings.cancel_all(show.id, NOW)

        transactions(calling_off)
        assert (
            rival.result()
            == queries.sales.booking(booking.id)
            == replace(booking, cancelled_at=NOW)
        )
