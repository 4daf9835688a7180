"""A benchmark fails if its confirmations and the stored bookings differ."""

import pytest

from benchmarks.consistency import InconsistentSales, check_sales
from benchmarks.environment import MAX_SEATS_PER_BUYER
from tests.builders import CUSTOMER, SALES_GRACE, put_on
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.settings import DECLARED


@pytest.fixture
def bookings(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def show(transactions, bookings):
    """A show with two bookings of one seat each."""
    show = put_on(transactions)
    for number in (3, 7):
        bookings.book(show.id, [number], CUSTOMER)
    return show


def test_confirmed_bookings_are_stored(database, show):
    check_sales(database.engine, [show.id], confirmed=2, lost=0)
    check_sales(database.engine, [show.id], confirmed=1, lost=1)


@pytest.mark.parametrize(("confirmed", "lost"), [(1, 0), (3, 0), (3, 5), (0, 1)])
def test_too_few_or_too_many_confirmations_are_detected(database, show, confirmed, lost):
    with pytest.raises(InconsistentSales, match="2 bookings and 2 sold seats"):
        check_sales(database.engine, [show.id], confirmed=confirmed, lost=lost)


def test_bookings_without_matching_seats_are_detected(database, bookings, show):
    bookings.book(show.id, [1, 2], CUSTOMER)

    with pytest.raises(InconsistentSales, match="3 bookings and 4 sold seats"):
        check_sales(database.engine, [show.id], confirmed=3, lost=0)


def test_the_seat_limit_must_not_be_what_is_measured(database, bookings, transactions):
    show = put_on(transactions)
    for number in range(1, MAX_SEATS_PER_BUYER + 2):
        bookings.book(show.id, [number], CUSTOMER)

    with pytest.raises(InconsistentSales, match="seat limit"):
        check_sales(database.engine, [show.id], confirmed=MAX_SEATS_PER_BUYER + 1, lost=0)
    assert int(DECLARED["seats_per_customer"].default) > MAX_SEATS_PER_BUYER
