"""Queries of the staff pages."""

from datetime import timedelta

import pytest

from tests.builders import NOW, a_booking, put_on, register
from tests.contracts.fixtures import ALL, UNKNOWN, Fixtures, paged, roll_back
from ticketing.domain.audit import record
from ticketing.domain.paging import Window
from ticketing.domain.programme.show_draft import ShowDraft


class StaffQueriesContract(Fixtures):
    def test_bookings_are_found_by_their_reference(
        self, transactions, queries, sales, customer, actor, show
    ):
        other = put_on(transactions, show)
        first = sales.book(show.id, [1, 2], customer)
        sales.book(show.id, [3], customer)

        def work(uow):
            uow.seats.lock(other.id, [1], other.plan)
            same = a_booking(other, [1], customer=customer, reference=first.reference)
            return uow.bookings.add(same)

        second = transactions(work)
        assert list(queries.sales.bookings_by_reference(first.reference)) == [second, first]
        cancelled = sales.cancel(first.show.id, first.id, actor)
        assert list(queries.sales.bookings_by_reference(first.reference)) == [second, cancelled]
        assert list(queries.sales.bookings_by_reference("0000000000")) == []

    def test_a_sold_seat_has_its_booking(self, transactions, queries, sales, customer, actor, show):
        other = put_on(transactions)
        sales.book(other.id, [1], customer)
        assert queries.sales.sold_seats(show.id) == {}
        first = sales.book(show.id, [50, 2], customer)
        second = sales.book(show.id, [10], customer)
        sold = queries.sales.sold_seats(show.id)
        assert list(sold.items()) == [(2, first.id), (10, second.id), (50, first.id)]
        sales.cancel(first.show.id, first.id, actor)
        assert queries.sales.sold_seats(show.id) == {10: second.id}

    @pytest.mark.parametrize("show_id", UNKNOWN)
    def test_an_unknown_show_has_no_bookings(self, queries, show_id):
        assert queries.sales.sold_seats(show_id) == {}
        assert queries.sales.bookings_of_show(show_id, ALL).total == 0

    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_the_bookings_of_a_show_are_listed_newest_first(
        self, transactions, queries, sales, customer, actor, show, size
    ):
        other_customer = register(transactions, "other_customer")
        sales.book(put_on(transactions).id, [1], customer)
        first = sales.book(show.id, [1], customer)
        second = sales.book(show.id, [2, 3], other_customer)
        third = sales.book(show.id, [4], customer)
        first, third = (sales.cancel(show.id, booking.id, actor) for booking in (first, third))

        def listed(window):
            return queries.sales.bookings_of_show(show.id, window)

        assert paged(listed, size) == [third, second, first]
        assert listed(Window(0, 1)).total == listed(Window(9, 1)).total == 3

    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_bookings_cancelled_with_their_show_are_listed_first(
        self, queries, clock, programme, sales, customer, actor, show, size
    ):
        ids = [sales.book(show.id, [number], customer).id for number in (1, 2, 3, 4)]
        for cancelled in ids[1], ids[3]:
            sales.cancel(show.id, cancelled, actor)
        clock.advance(hours=1)
        programme.change_show(show.id, ShowDraft(cancelled=True))

        listed = paged(lambda window: queries.sales.bookings_of_show(show.id, window), size)

        assert [booking.id for booking in listed] == [ids[2], ids[0], ids[3], ids[1]]
        assert [booking.is_cancelled_with_show for booking in listed] == [True, True, False, False]

    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_audit_entries_are_listed_newest_first(
        self, transactions, queries, clock, customer, size
    ):
        def act(number, by):
            return lambda uow: record(uow, by, "show.changed", "show", number, seats=[50, number])

        for number, by in enumerate((customer, None, customer, None)):
            transactions(act(number, by))
            clock.advance(minutes=(0, -1, 5, 0)[number])  # servers' clocks may differ
        roll_back(transactions, act(4, customer))

        entries = paged(queries.audit.audit_entries, size)
        assert [(entry.subject, entry.account_id) for entry in entries] == [
            ("show 3", None),
            ("show 1", None),
            ("show 0", customer),
            ("show 2", customer),
        ]
        assert entries[0].details == {"seats": [50, 3]}
        assert entries[0].at == NOW + timedelta(minutes=4)
