"""The limit of seats per account and show."""

import pytest

from tests.builders import SALES_GRACE, put_on, register
from tests.contracts.concurrent_calls import all_at_once, answer
from tests.contracts.fixtures import ALL, Fixtures, booked
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SeatLimit
from ticketing.domain.sales.idempotency import Repeatable
from ticketing.domain.sales.selling import SalesPolicy


class SeatLimitsContract(Fixtures):
    @pytest.fixture
    def limited(self, transactions):
        """A booking service with a limit of three seats."""
        return BookingService(transactions, SalesPolicy(SALES_GRACE, per_account=3))

    def test_seats_of_several_bookings_count_together(self, queries, limited, show, customer):
        limited.book(show.id, [1, 2], customer)
        with pytest.raises(SeatLimit) as refusal:
            limited.book(show.id, [3, 4], customer)
        assert refusal.value.facts == {"limit": 3, "held": 2}
        limited.book(show.id, [3], customer)
        assert booked(queries, show.id) == [1, 2, 3]

    def test_staff_have_no_limit(self, limited, show, customer):
        assert len(limited.book(show.id, [1, 2, 3, 4], customer, is_staff=True).seats) == 4
        request = Repeatable("key", "same", str)
        assert limited.book_once(show.id, [5], customer, request, is_staff=True).seats
        with pytest.raises(SeatLimit):
            limited.book(show.id, [6], customer)

    def test_cancelled_seats_do_not_count(self, limited, show, customer, actor):
        booking = limited.book(show.id, [1, 2, 3], customer)
        limited.cancel(booking.show.id, booking.id, actor)
        assert limited.book(show.id, [4, 5, 6], customer).id

    def test_other_accounts_and_other_shows_do_not_count(
        self, transactions, limited, show, customer
    ):
        other = put_on(transactions, show)
        limited.book(show.id, [1, 2, 3], customer)
        assert limited.book(other.id, [1, 2, 3], customer).id
        assert limited.book(show.id, [4, 5, 6], register(transactions, "other")).id

    def test_seats_bought_without_a_limit_count(self, sales, limited, show, customer):
        sales.book(show.id, [1, 2, 3, 4], customer)
        with pytest.raises(SeatLimit) as refusal:
            limited.book(show.id, [5], customer)
        assert refusal.value.facts == {"limit": 3, "held": 4}

    def test_concurrent_bookings_of_an_account_stay_within_the_limit(
        self, queries, limited, show, customer
    ):
        answers = all_at_once(
            lambda seat: answer(limited.book, show.id, [seat], customer), range(1, 17)
        )
        bought = [given for given in answers if isinstance(given, Booking)]
        assert len(bought) == 3
        assert sum(isinstance(given, SeatLimit) for given in answers) == 13
        assert queries.sales.bookings(customer, None, ALL).total == 3
