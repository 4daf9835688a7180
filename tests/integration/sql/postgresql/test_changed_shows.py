"""A show that changes during a sale: whichever commits first, no booking is void."""

from dataclasses import replace

import pytest

from tests.builders import a_show, put_on
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import COMMIT, SELLING
from ticketing.domain.programme.errors import ShowHasBookings, ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import SalesClosed

CANCELLED = ShowDraft(cancelled=True)
ANOTHER_PLAN = ShowDraft(total_seats=60)
HAVING_DECIDED = "EXECUTE ticketing_sell"


@pytest.fixture
def buyer(client):
    return client("buyer")


@pytest.fixture
def staff(client):
    return client("staff")


class TestTheSaleComesFirst(Fixtures):
    """The sale has locked its seat and decided, but written nothing."""

    @pytest.fixture(autouse=True)
    def sale(self, buyer, show, customer):
        buyer.start(buyer.sales.book, show.id, [1], customer, stopping_before=SELLING)

    def test_cancelling_the_show_cancels_the_booking(self, queries, buyer, staff, show):
        staff.start(staff.programme.change_show, show.id, CANCELLED)
        booking, cancelled_show = buyer.resume(), staff.result()
        cancelled = replace(booking, show=cancelled_show, cancelled_at=cancelled_show.cancelled_at)
        assert queries.sales.booking(booking.id) == cancelled
        assert not cancelled.is_active
        assert booked(queries, show.id) == []
        assert staff.waited
        assert (buyer.attempts, staff.attempts) == (1, 1)

    def test_a_show_is_not_moved_to_another_plan(self, queries, buyer, staff, show):
        staff.start(staff.programme.change_show, show.id, ANOTHER_PLAN)
        booking = buyer.resume()
        assert isinstance(staff.result(), ShowHasBookings)
        assert queries.sales.booking(booking.id) == booking
        assert booked(queries, show.id) == [1]
        assert (buyer.attempts, staff.attempts) == (1, 1)

    def test_a_show_is_not_deleted(self, queries, buyer, staff, show):
        staff.start(staff.programme.remove_show, show.id)
        booking = buyer.resume()
        assert isinstance(staff.result(), ShowHasBookings)
        assert booked(queries, show.id) == [1]
        assert queries.sales.booking(booking.id) == booking
        assert (buyer.attempts, staff.attempts) == (1, 1)

    def test_a_movie_is_not_deleted_with_its_shows(self, queries, buyer, staff, show):
        staff.start(staff.programme.remove_movie, show.movie.id)
        booking = buyer.resume()
        assert isinstance(staff.result(), ShowHasBookings)
        assert queries.sales.booking(booking.id) == booking
        assert (buyer.attempts, staff.attempts) == (1, 1)

    def test_a_change_of_the_show_does_not_deadlock_with_it(self, buyer, staff, show):
        """The sale refers to the show's row, which the change has locked while it waits."""
        staff.start(staff.programme.change_show, show.id, CANCELLED)
        buyer.resume()
        staff.result()
        assert staff.waited
        assert (buyer.attempts, staff.attempts) == (1, 1)


class TestTheChangeComesFirst(Fixtures):
    """The change is made, but not committed."""

    def test_a_show_that_is_being_cancelled_is_not_sold(
        self, queries, buyer, staff, show, customer
    ):
        staff.start(staff.programme.change_show, show.id, CANCELLED, stopping_before=COMMIT)
        buyer.start(buyer.sales.book, show.id, [1], customer)
        staff.resume()
        assert isinstance(buyer.result(), SalesClosed)
        assert booked(queries, show.id) == []
        assert (buyer.attempts, staff.attempts) == (1, 1)

    def test_a_seat_is_sold_by_the_new_seat_plan(
        self, transactions, queries, buyer, staff, customer
    ):
        show = put_on(transactions, a_show(plan=plain_grid(50, 5)))
        staff.start(staff.programme.change_show, show.id, ANOTHER_PLAN, stopping_before=COMMIT)
        buyer.start(buyer.sales.book, show.id, ["B1"], customer)
        moved = staff.resume()
        [seat] = buyer.result().seats
        assert seat == moved.plan.seat(11)
        assert booked(queries, show.id) == [11]
        assert buyer.waited

    def test_a_show_that_is_being_deleted_is_not_sold(self, buyer, staff, show, customer):
        staff.start(staff.programme.remove_show, show.id, stopping_before=COMMIT)
        buyer.start(buyer.sales.book, show.id, [1], customer)
        staff.resume()
        assert isinstance(buyer.result(), ShowNotFound)
        assert (buyer.attempts, staff.attempts) == (1, 1)
