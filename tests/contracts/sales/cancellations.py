"""Bookings that are cancelled, one by one or with their show."""

from dataclasses import replace

import pytest

from tests.builders import NOW, put_on, register
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import SalesClosed

CALLED_OFF = ShowDraft(cancelled=True)


class CancellationsContract(Fixtures):
    def test_a_cancelled_booking_gives_its_seats_back(
        self, transactions, queries, clock, sales, customer, actor, show
    ):
        booking = sales.book(show.id, [1, 2], customer)
        sales.book(show.id, [3], customer)
        clock.advance(hours=1)
        cancelled = sales.cancel(booking.id, actor)
        assert cancelled == replace(booking, cancelled_at=clock.now)
        assert transactions(lambda uow: uow.bookings.lock(booking.id)) == cancelled
        assert booked(queries, show.id) == [3]
        assert sales.book(show.id, [2, 1], customer).id > booking.id

    def test_cancelling_twice_changes_nothing(self, queries, clock, sales, customer, actor, show):
        booking = sales.book(show.id, [1], customer)
        cancelled = sales.cancel(booking.id, actor)
        rival = sales.book(show.id, [1], customer)
        clock.advance(minutes=1)
        assert sales.cancel(booking.id, actor) == cancelled
        assert queries.sales.booking(booking.id) == cancelled
        assert queries.sales.booking(rival.id) == rival
        assert booked(queries, show.id) == [1]

    def test_only_its_own_seats_are_freed(
        self, transactions, queries, sales, customer, actor, show
    ):
        """Even when a cancellation was decided upon before a rival bought one of them."""
        booking = sales.book(show.id, [1, 2], customer)
        sales.cancel(booking.id, actor)
        sales.book(show.id, [1], customer)

        def belated(uow):
            uow.bookings.lock(booking.id)
            uow.bookings.cancel(booking.cancel(now=NOW))

        transactions(belated)
        assert booked(queries, show.id) == [1]

    def test_a_show_was_booked_even_if_it_was_cancelled(
        self, transactions, sales, customer, actor, show
    ):
        other = put_on(transactions, show)

        def was_booked():
            return transactions(lambda uow: uow.bookings.any_of_show(show.id))

        assert not was_booked()
        booking = sales.book(show.id, [1], customer)
        assert was_booked()
        sales.cancel(booking.id, actor)
        assert was_booked()
        assert not transactions(lambda uow: uow.bookings.any_of_show(other.id))

    def test_a_show_is_called_off_with_its_bookings(
        self, transactions, queries, clock, programme, sales, customer, actor, show
    ):
        early = sales.cancel(sales.book(show.id, [1], customer).id, actor)
        standing = [sales.book(show.id, seats, customer) for seats in ([1], [2, 50])]
        elsewhere = sales.book(put_on(transactions, show).id, [1], customer)
        clock.advance(hours=1)
        called_off = programme.change_show(show.id, CALLED_OFF)
        assert called_off == replace(show, cancelled_at=clock.now)
        assert queries.sales.booking(early.id).cancelled_at == NOW
        for booking in standing:
            expected = replace(booking, show=called_off, cancelled_at=clock.now)
            assert queries.sales.booking(booking.id) == expected
        assert queries.sales.booking(elsewhere.id) == elsewhere
        assert booked(queries, show.id) == []
        assert booked(queries, elsewhere.show.id) == [1]

    def test_nothing_is_sold_of_a_show_that_was_called_off(self, programme, sales, customer, show):
        programme.change_show(show.id, CALLED_OFF)
        with pytest.raises(SalesClosed):
            sales.book(show.id, [1], customer)

    def test_staff_cancels_for_a_customer(self, transactions, queries, sales, customer, show):
        staff = Actor(register(transactions, "staff", role=Role.STAFF), Role.STAFF)
        booking = sales.book(show.id, [1], customer)
        assert sales.cancel(booking.id, staff).customer == customer
        assert booked(queries, show.id) == []
