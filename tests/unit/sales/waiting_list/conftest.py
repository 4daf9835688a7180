"""A small sold-out show, and the services that fill it."""

from datetime import timedelta

import pytest

from tests.builders import SALES_GRACE, TOMORROW, a_show, put_on, register
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService

DAY = timedelta(days=1)
POLICY = SalesPolicy(SALES_GRACE, per_account=4)


@pytest.fixture
def people(transactions):
    """Return the actor of that name."""
    known = {}

    def actor(name, role=Role.CUSTOMER):
        if name not in known:
            known[name] = register(transactions, name, role=role)
        return Actor(known[name], role)

    return actor


@pytest.fixture
def maria(people):
    return people("maria")


@pytest.fixture
def otto(people):
    return people("otto")


@pytest.fixture
def staff(people):
    return people("staff", Role.STAFF)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, POLICY)


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, POLICY)


@pytest.fixture
def waiting_list(transactions):
    return WaitingListService(transactions, POLICY)


@pytest.fixture
def offers(transactions, queries):
    return OfferService(transactions, queries.waiting_list)


@pytest.fixture
def show(transactions, sales, people):
    """A sold-out show in two rows of three: seats 1 to 3, and 4 to 6."""
    show = put_on(transactions, a_show(plan=plain_grid(6, 3), starts_at=TOMORROW + 2 * DAY))
    for number in show.plan.numbers:
        sales.book(show.id, [number], people("owner").account_id, is_staff=True)
    return show


@pytest.fixture
def free(queries, sales, show, people):
    """Cancel the bookings of the seats with these numbers."""

    def free(*numbers):
        sold = queries.sales.sold_seats(show.id)
        for number in numbers:
            sales.cancel(show.id, sold[number], people("owner"))

    return free


@pytest.fixture
def current(queries):
    def current(entry):
        return queries.waiting_list.entry(entry.id).entry

    return current


@pytest.fixture
def status(current, clock):
    def status(entry):
        return current(entry).status(clock())

    return status
