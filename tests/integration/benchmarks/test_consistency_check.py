"""A benchmark fails if its confirmations and the stored bookings differ."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from benchmarks.consistency import InconsistentSales, check_sales
from benchmarks.environment import MAX_SEATS_PER_BUYER
from tests.builders import CUSTOMER, NOW, SALES_GRACE, a_hold, put_on
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.settings import DECLARED

SOLD, HELD = 3, 2
FAR = "2999-01-01 00:00:00+00:00"


@pytest.fixture
def bookings(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def show(transactions, bookings):
    """A show with two bookings of one seat each."""
    show = put_on(transactions)
    for number in (SOLD, 7):
        bookings.book(show.id, [number], CUSTOMER)
    return show


def test_confirmed_bookings_are_stored(database, show):
    check_sales(database.engine, [show.id], confirmed=2, lost=0)
    check_sales(database.engine, [show.id], confirmed=1, lost=1)


@pytest.mark.parametrize(("confirmed", "lost"), [(1, 0), (3, 0), (3, 5), (0, 1)])
def test_too_few_or_too_many_confirmations_are_detected(database, show, confirmed, lost):
    with pytest.raises(InconsistentSales, match="but 2 are stored"):
        check_sales(database.engine, [show.id], confirmed=confirmed, lost=lost)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (f"booking_id = NULL WHERE number = {SOLD}", "have 2 sold seats, but 1 are sold"),
        (f"hold_id = NULL, held_until = NULL WHERE number = {HELD}", "have 2 held seats, but 1"),
        (f"hold_id = 'x', held_until = '{FAR}' WHERE number = 9", "have 2 held seats, but 3"),
    ],
)
def test_bookings_and_holds_without_matching_seats_are_detected(
    database, transactions, show, change, found
):
    hold = a_hold(show, [1, HELD], created_at=datetime.now(UTC))
    transactions(lambda uow: uow.holds.add_all([hold]))
    check_sales(database.engine, [show.id], confirmed=3, lost=0)

    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE show_seats SET {change}"))
    with pytest.raises(InconsistentSales, match=found):
        check_sales(database.engine, [show.id], confirmed=3, lost=0)


def test_an_expired_hold_has_no_seats(database, transactions, show):
    hold = a_hold(show, [1, HELD], created_at=NOW)
    transactions(lambda uow: uow.holds.add_all([hold]))
    check_sales(database.engine, [show.id], confirmed=3, lost=0)


def test_the_seat_limit_must_not_be_what_is_measured(database, bookings, transactions):
    show = put_on(transactions)
    for number in range(1, MAX_SEATS_PER_BUYER + 2):
        bookings.book(show.id, [number], CUSTOMER)

    with pytest.raises(InconsistentSales, match="seat limit"):
        check_sales(database.engine, [show.id], confirmed=MAX_SEATS_PER_BUYER + 1, lost=0)
    assert int(DECLARED["seats_per_customer"].default) > MAX_SEATS_PER_BUYER
