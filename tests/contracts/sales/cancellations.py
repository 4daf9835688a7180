"""Cancellations of single bookings and of shows."""

from dataclasses import replace

import pytest

from tests.builders import NOW, put_on, register
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import SalesClosed

CANCELLED = ShowDraft(cancelled=True)


class CancellationsContract(Fixtures):
    def test_a_cancelled_booking_frees_its_seats(
        self, transactions, queries, clock, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1, 2], customer)
        sales.book(show.id, [3], customer)
        clock.advance(hours=1)
        cancelled = sales.cancel(booking.show.id, booking.id, actor)
        assert cancelled == replace(booking, cancelled_at=clock.now)
        assert transactions(lambda uow: uow.bookings.lock(booking.show.id, booking.id)) == cancelled
        assert booked(queries, show.id) == [3]
        assert sales.book(show.id, [2, 1], customer).id > booking.id

    def test_cancelling_twice_changes_nothing(self, queries, clock, sales, customer, actor, show):
        booking = sales.book(show.id, [1], customer)
        cancelled = sales.cancel(booking.show.id, booking.id, actor)
        rebooked = sales.book(show.id, [1], customer)
        clock.advance(minutes=1)
        assert sales.cancel(booking.show.id, booking.id, actor) == cancelled
        assert queries.sales.booking(booking.id) == cancelled
        assert queries.sales.booking(rebooked.id) == rebooked
        assert booked(queries, show.id) == [1]

    def test_a_late_cancellation_does_not_free_another_customers_seat(
        self, transactions, queries, sales, customer, actor, show
    ):
        """Another customer buys the seat before the late cancellation is stored."""
        booking = sales.book(show.id, [1, 2], customer)
        sales.cancel(booking.show.id, booking.id, actor)
        sales.book(show.id, [1], customer)

        def cancel_late(uow):
            uow.bookings.lock(booking.show.id, booking.id)
            uow.bookings.cancel(booking.cancel(now=NOW))

        transactions(cancel_late)
        assert booked(queries, show.id) == [1]

    def test_cancelled_bookings_count_as_bookings_of_a_show(
        self, transactions, sales, customer, actor, show
    ):
        other = put_on(transactions, show)

        def was_booked():
            return transactions(lambda uow: uow.bookings.any_of_show(show.id))

        assert not was_booked()
        booking = sales.book(show.id, [1], customer)
        assert was_booked()
        sales.cancel(booking.show.id, booking.id, actor)
        assert was_booked()
        assert not transactions(lambda uow: uow.bookings.any_of_show(other.id))

    def test_cancelling_a_show_cancels_its_bookings(
        self, transactions, queries, clock, programme, sales, customer, actor, show
    ):
        early = sales.cancel(show.id, sales.book(show.id, [1], customer).id, actor)
        standing = [sales.book(show.id, seats, customer) for seats in ([1], [2, 50])]
        elsewhere = sales.book(put_on(transactions, show).id, [1], customer)
        clock.advance(hours=1)
        cancelled_show = programme.change_show(show.id, CANCELLED)
        assert cancelled_show == replace(show, cancelled_at=clock.now)
        assert queries.sales.booking(early.id).cancelled_at == NOW
        for booking in standing:
            expected = replace(booking, show=cancelled_show, cancelled_at=clock.now)
            assert queries.sales.booking(booking.id) == expected
        assert queries.sales.booking(elsewhere.id) == elsewhere
        assert booked(queries, show.id) == []
        assert booked(queries, elsewhere.show.id) == [1]

    def test_a_cancelled_show_sells_no_seats(self, programme, sales, customer, show):
        programme.change_show(show.id, CANCELLED)
        with pytest.raises(SalesClosed):
            sales.book(show.id, [1], customer)

    def test_staff_can_cancel_a_customers_booking(
        self, transactions, queries, sales, customer, show
    ):
        staff = Actor(register(transactions, "staff", role=Role.STAFF), Role.STAFF)
        booking = sales.book(show.id, [1], customer)
        assert sales.cancel(booking.show.id, booking.id, staff).customer == customer
        assert booked(queries, show.id) == []
