"""By name, a companion seat goes only with one of its wheelchair spaces."""

from dataclasses import replace

import pytest

from tests.builders import SALES_GRACE, a_show, put_on
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import CompanionSeat, SeatHeld, SeatLimit, SeatTaken
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

PLAN = room(section("A: 1+ 2 3 4 5", exceptions=[{"rows": "A", "seats": "2", "companion_of": "1"}]))
POLICY = SalesPolicy(SALES_GRACE, per_account=2)
MARIA, OTTO = (Actor(AccountId(number), Role.CUSTOMER) for number in (1, 2))


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, POLICY)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, POLICY)


@pytest.fixture
def show(transactions):
    return put_on(transactions, replace(a_show(), plan=PLAN))


def test_alone_it_is_refused(holds, sales, show):
    for call in (
        lambda: sales.book(show.id, [2, 3], MARIA.account_id),
        lambda: holds.hold(show.id, [2, 3], MARIA),
    ):
        with pytest.raises(CompanionSeat) as refusal:
            call()
        assert refusal.value.facts == {"seats": ["A2"]}


def test_with_its_space_it_is_sold_and_held(holds, sales, show):
    hold = holds.hold(show.id, [1, 2], MARIA)
    assert holds.book(hold.id, MARIA)


def test_the_space_may_be_booked_before(holds, sales, show):
    booking = sales.book(show.id, [1], MARIA.account_id)
    assert holds.hold(show.id, [2], MARIA)
    sales.cancel(show.id, booking.id, MARIA)


def test_or_held_before(holds, sales, show):
    holds.hold(show.id, [1], MARIA)
    assert sales.book(show.id, [2], MARIA.account_id)


def test_a_space_that_expired_or_is_given_up_does_not_count(holds, sales, show, clock):
    hold = holds.hold(show.id, [1], MARIA)
    with pytest.raises(CompanionSeat):
        holds.change(hold.id, [2], MARIA)
    assert holds.change(hold.id, [1, 2], MARIA)
    clock.advance(minutes=10)
    with pytest.raises(CompanionSeat):
        sales.book(show.id, [2], MARIA.account_id)


def test_it_is_released_when_no_other_seat_is_free_or_held(holds, sales, show, clock):
    sales.book(show.id, [3, 4], OTTO.account_id)
    hold = holds.hold(show.id, [5], Actor(AccountId(3), Role.CUSTOMER))
    with pytest.raises(CompanionSeat):
        sales.book(show.id, [2], MARIA.account_id)
    holds.book(hold.id, Actor(AccountId(3), Role.CUSTOMER))
    assert sales.book(show.id, [2], MARIA.account_id)


def test_it_is_judged_after_other_customers_and_before_the_limit(holds, sales, show):
    sales.book(show.id, [5], OTTO.account_id)
    holds.hold(show.id, [4], OTTO)
    for seats, refusal in [([2, 5], SeatTaken), ([2, 4], SeatHeld), ([2, 3, 1], SeatLimit)]:
        with pytest.raises(refusal):
            sales.book(show.id, seats, MARIA.account_id)
    stricter = replace(POLICY, per_account=1)
    with pytest.raises(CompanionSeat):
        BookingService(holds._transact, stricter).book(show.id, [2, 3], MARIA.account_id)


def test_other_choices_do_not_read_the_room(sales, show, monkeypatch):
    monkeypatch.delattr(MemorySeats, "room")
    assert sales.book(show.id, [1, 3], MARIA.account_id)
