"""Bookings and their seats."""

from dataclasses import replace

import pytest

from tests.builders import a_booking, a_show, put_on
from tests.contracts.fixtures import UNKNOWN, Fixtures, booked, check_busy, roll_back
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import BookingNotFound, SeatTaken, ShowFull

CANCELLED = ShowDraft(cancelled=True)


class BookingsContract(Fixtures):
    def test_a_booking_is_stored_and_read_back(self, transactions, queries, customer, clock, show):
        clock.advance(microseconds=123456)
        booking = a_booking(show, [7, 12], customer=customer, created_at=clock.now)

        def work(uow):
            uow.seats.lock(show.id, [7, 12], show.plan)
            return uow.bookings.add(booking)

        added = transactions(work)
        assert added == replace(booking, id=added.id)
        assert added.id > 0
        assert transactions(lambda uow: uow.bookings.lock(added.show.id, added.id)) == added
        assert queries.sales.booking(added.id) == added
        assert booked(queries, show.id) == [7, 12]

    @pytest.mark.parametrize("booking_id", UNKNOWN)
    def test_an_unknown_booking_is_refused(self, transactions, show, booking_id):
        for find in (lambda uow: uow.bookings.lock, lambda uow: uow.bookings.get):
            with pytest.raises(BookingNotFound):
                transactions(lambda uow, find=find: find(uow)(show.id, booking_id))

    @pytest.mark.parametrize("unknown", UNKNOWN)
    def test_a_booking_is_not_found_in_another_show(
        self, transactions, queries, sales, customer, actor, show, unknown
    ):
        booking = sales.book(show.id, [1], customer)
        other_show = put_on(transactions)
        for show_id in (other_show.id, unknown):
            with pytest.raises(BookingNotFound):
                sales.cancel(show_id, booking.id, actor)
            with pytest.raises(BookingNotFound):
                queries.sales.booking(booking.id, show_id)
        assert queries.sales.booking(booking.id, show.id) == booking

    def test_a_reference_is_used_once_within_a_show(self, transactions, sales, customer, show):
        taken = sales.book(show.id, [1], customer).reference
        other = put_on(transactions, show)

        def book(show):
            def work(uow):
                uow.seats.lock(show.id, [2], show.plan)
                booking = a_booking(show, [2], customer=customer, reference=taken)
                return uow.bookings.add(booking)

            return work

        check_busy(transactions, book(show))
        assert transactions(book(other)).reference == taken

    def test_all_seats_are_sold_or_none(self, queries, sales, customer, show):
        sales.book(show.id, ["A2"], customer)
        with pytest.raises(SeatTaken) as refusal:
            sales.book(show.id, ["A3", "A2", "A1"], customer)
        assert refusal.value.facts == {"seats": ["A2"]}
        assert booked(queries, show.id) == [2]

    def test_a_failed_sale_leaves_the_seats_free(self, transactions, queries, customer, show):
        def work(uow):
            uow.seats.lock(show.id, [1], show.plan)
            uow.bookings.add(a_booking(show, [1], customer=customer))

        roll_back(transactions, work)
        assert booked(queries, show.id) == []
        assert not transactions(lambda uow: uow.bookings.any_of_show(show.id))

    def test_a_show_without_a_free_seat_is_full(self, transactions, sales, customer):
        show = put_on(transactions, a_show(plan=plain_grid(2)))
        sales.book(show.id, [1, 2], customer)
        with pytest.raises(ShowFull):
            sales.book(show.id, [1], customer)

    def test_a_booking_has_the_current_data_of_its_show(
        self, transactions, queries, programme, sales, customer, show
    ):
        booking = sales.book(show.id, [1], customer)
        movie = programme.change_movie(show.movie.id, lambda movie: movie.changed(title="new"))
        current = replace(booking, show=replace(show, movie=movie))
        assert transactions(lambda uow: uow.bookings.lock(booking.show.id, booking.id)) == current
        assert queries.sales.booking(booking.id) == current
