"""Concurrent calls at a certain point of a transaction.

Stores that execute one transaction at a time pass trivially; the others need row locks.
"""

from dataclasses import replace

import pytest

from tests.builders import NOW, a_show, put_on, register, sold_at_once
from tests.contracts.concurrent_calls import ConcurrentCall
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.programme.errors import ShowHasBookings, ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import SalesClosed

CANCELLED = ShowDraft(cancelled=True)


class InterleavingsContract(Fixtures):
    def test_a_seat_booked_between_two_cancellations_stays_booked(
        self, transactions, queries, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1], customer)
        other = register(transactions, "other")
        buyer = ConcurrentCall(transactions, self.sale(show, other, meanwhile=lambda: None))
        second = ConcurrentCall(sales.cancel, booking.show.id, booking.id, actor)

        def cancellation(uow):
            cancelled = uow.bookings.lock(booking.show.id, booking.id).cancel(now=uow.now())
            buyer.start()
            second.start()
            uow.bookings.cancel(cancelled)
            return cancelled

        cancelled = transactions(cancellation)
        assert second.result() == cancelled
        assert queries.sales.booking(buyer.result().id) == buyer.result()
        assert booked(queries, show.id) == [1]

    def test_a_seat_plan_that_changes_before_the_seats_are_locked_is_read_again(
        self, transactions, queries, programme, customer
    ):
        show = put_on(transactions, a_show(plan=plain_grid(50, 5)))
        concurrent = ConcurrentCall(programme.change_show, show.id, ShowDraft(total_seats=60))

        def sale(uow):
            plan = uow.seats.plan(show.id)
            concurrent.start()
            current, seats, _ = uow.seats.lock(show.id, plan.find(["B1"]), plan)
            return uow.bookings.add(sold_at_once(current, seats, customer, uow.now()))

        [seat] = transactions(sale).seats
        concurrent.result()
        assert seat.label == "B1"
        assert seat == queries.sales.seat_map(show.id).plan.seat(seat.number)
        assert booked(queries, show.id) == [seat.number]

    def sale(self, show, customer, meanwhile):
        """Return a sale that calls ``meanwhile`` while it has the seat locked."""

        def work(uow):
            current, seats, _ = uow.seats.lock(show.id, [1], show.plan)
            meanwhile()
            return uow.bookings.add(sold_at_once(current, seats, customer, uow.now()))

        return work

    def test_a_seat_sold_during_the_cancellation_of_its_show_is_cancelled(
        self, transactions, queries, programme, customer, show
    ):
        concurrent = ConcurrentCall(programme.change_show, show.id, CANCELLED)
        booking = transactions(self.sale(show, customer, concurrent.start))
        cancelled_show = concurrent.result()
        expected = replace(booking, show=cancelled_show, cancelled_at=cancelled_show.cancelled_at)
        assert queries.sales.booking(booking.id) == expected
        assert not expected.is_active
        assert booked(queries, show.id) == []

    @pytest.mark.parametrize("change", ["remove_show", "change_show"])
    def test_a_show_whose_seat_is_being_sold_is_neither_changed_nor_deleted(
        self, transactions, queries, programme, customer, show, change
    ):
        moved = [] if change == "remove_show" else [ShowDraft(total_seats=20)]
        concurrent = ConcurrentCall(getattr(programme, change), show.id, *moved)
        booking = transactions(self.sale(show, customer, concurrent.start))
        assert isinstance(concurrent.result(), ShowHasBookings)
        assert queries.sales.booking(booking.id) == booking
        assert booked(queries, show.id) == [1]

    def test_a_show_that_is_being_cancelled_sells_no_seats(
        self, transactions, queries, sales, customer, show
    ):
        concurrent = ConcurrentCall(sales.book, show.id, [1], customer)

        def cancellation(uow):
            current = uow.shows.lock(show.id)
            concurrent.start()
            uow.bookings.cancel_all(show.id, NOW)
            uow.shows.save(current.cancelled(NOW))

        transactions(cancellation)
        assert isinstance(concurrent.result(), SalesClosed)
        assert booked(queries, show.id) == []

    def test_a_show_that_is_being_deleted_sells_no_seats(
        self, transactions, queries, sales, customer, show
    ):
        concurrent = ConcurrentCall(sales.book, show.id, [1], customer)

        def removal(uow):
            uow.shows.lock(show.id)
            concurrent.start()
            uow.shows.remove(show.id)

        transactions(removal)
        assert isinstance(concurrent.result(), ShowNotFound)

    def test_a_booking_cancelled_with_its_show_and_by_its_owner_is_cancelled_once(
        self, transactions, queries, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1], customer)
        concurrent = ConcurrentCall(sales.cancel, booking.show.id, booking.id, actor)

        def cancellation(uow):
            uow.shows.lock(show.id)
            concurrent.start()
            uow.bookings.cancel_all(show.id, NOW)

        transactions(cancellation)
        assert (
            concurrent.result()
            == queries.sales.booking(booking.id)
            == replace(booking, cancelled_at=NOW)
        )
