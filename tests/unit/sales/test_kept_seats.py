"""Seats that come free stay held for five seconds while customers wait for the show."""

from datetime import timedelta

import pytest

from tests.builders import CUSTOMER, NOW, SALES_GRACE, a_hold, a_show, put_on
from ticketing.adapters.memory import MemoryTransactions
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SeatHeld
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy, SeatHold, ShowSeat, kept_time
from ticketing.domain.sales.waiting_list.entry import WaitingListEntry, new_entry_id

KEPT = timedelta(seconds=5)
MOMENT = timedelta(microseconds=1)
MARIA, RIVAL = Actor(CUSTOMER, Role.CUSTOMER), Actor(AccountId(2), Role.CUSTOMER)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def show(transactions: MemoryTransactions):
    show = put_on(transactions)
    entry = WaitingListEntry(
        id=new_entry_id(show.id),
        show=show,
        customer=AccountId(9),
        count=1,
        together=False,
        created_at=NOW,
    )
    transactions(lambda work: work.waiting_list.add(entry))
    return show


def a_seat(hold=None, **details):
    return ShowSeat(a_show().plan.seat(1), hold=hold, **details)


def carried(until=NOW):
    return SeatHold(a_hold().id, CUSTOMER, until)


def test_seats_are_kept_only_while_customers_wait():
    assert kept_time(a_show(has_waiting=True)) == KEPT
    assert kept_time(a_show()) == timedelta(0)


def test_a_seat_that_came_free_before_a_clock_was_set_back_is_free():
    freed = a_seat(SeatHold(None, None, NOW), kept=KEPT)
    assert freed.is_held(NOW - MOMENT)
    assert freed.is_free(NOW - KEPT)
    assert a_seat(SeatHold(None, None, NOW)).is_free(NOW - MOMENT)


@pytest.mark.parametrize("hold", [carried(), SeatHold(None, None, NOW)])
def test_a_seat_is_held_until_five_seconds_after_it_came_free(hold):
    kept, usual = a_seat(hold, kept=KEPT), a_seat(hold)
    for now, is_kept in [(NOW, True), (NOW + KEPT - MOMENT, True), (NOW + KEPT, False)]:
        assert (kept.is_held(now), kept.is_free(now)) == (is_kept, not is_kept)
        assert not kept.is_live_held(now)
        assert kept.can_be_offered(now)
        assert (usual.is_held(now), usual.is_free(now)) == (False, True)


def test_a_seat_in_a_live_hold_cannot_be_offered():
    seat = a_seat(carried(NOW + MOMENT), kept=KEPT)
    assert seat.is_live_held(NOW)
    assert not seat.can_be_offered(NOW)


@pytest.mark.parametrize("taken", [{"booking_id": 7}, {"is_blocked": True}])
def test_a_taken_seat_is_neither_kept_nor_offered(taken):
    seat = a_seat(carried(), kept=KEPT, **taken)
    assert not seat.is_held(NOW)
    assert not seat.can_be_offered(NOW)


def check_kept(sales, show, clock):
    """Check that seat A1 stays held for five seconds from now, and is for everyone then."""
    freed_at = clock.now
    clock.now = freed_at + KEPT - MOMENT
    with pytest.raises(SeatHeld) as refusal:
        sales.book(show.id, ["A1"], RIVAL.account_id)
    assert refusal.value.facts == {"seats": ["A1"], "held_until": freed_at + KEPT}
    clock.now = freed_at + KEPT
    assert sales.book(show.id, ["A1"], RIVAL.account_id)


def test_a_seat_of_a_cancelled_booking_is_kept(sales, show, clock):
    booking = sales.book(show.id, ["A1"], CUSTOMER)
    clock.advance(minutes=1)
    sales.cancel(show.id, booking.id, MARIA)
    check_kept(sales, show, clock)


def test_a_released_seat_is_kept(holds, sales, show, clock):
    hold = holds.hold(show.id, ["A1"], MARIA)
    clock.advance(minutes=1)
    holds.release(hold.id, MARIA)
    check_kept(sales, show, clock)


def test_a_seat_that_leaves_a_hold_is_kept(holds, sales, show, clock):
    hold = holds.hold(show.id, ["A1", "A2"], MARIA)
    clock.advance(minutes=1)
    holds.change(hold.id, ["A2", "A3"], MARIA)
    check_kept(sales, show, clock)


def test_a_seat_of_an_expired_hold_is_kept(holds, sales, show, clock):
    clock.now = holds.hold(show.id, ["A1"], MARIA).expires_at
    check_kept(sales, show, clock)


def test_an_unblocked_seat_is_kept(transactions, sales, show, clock):
    staff = BlockedSeatsService(transactions)
    staff.block(show.id, ["A1"])
    clock.advance(minutes=1)
    staff.block(show.id, [])
    check_kept(sales, show, clock)


def test_a_kept_seat_is_not_blocked(transactions, sales, show, clock):
    booking = sales.book(show.id, ["A1"], CUSTOMER)
    sales.cancel(show.id, booking.id, MARIA)
    with pytest.raises(SeatHeld) as refusal:
        BlockedSeatsService(transactions).block(show.id, ["A1"])
    assert refusal.value.facts == {"seats": ["A1"], "held_until": clock.now + KEPT}


def test_an_expired_hold_of_kept_seats_is_booked(holds, show, clock):
    hold = holds.hold(show.id, ["A1"], MARIA)
    clock.now = hold.expires_at
    assert holds.book(hold.id, MARIA).seat_numbers == [1]


def test_the_seats_of_an_expired_hold_are_kept_from_its_customer_too(holds, sales, show, clock):
    hold = holds.hold(show.id, ["A1"], MARIA)
    clock.now = hold.expires_at
    with pytest.raises(SeatHeld) as refusal:
        sales.book(show.id, ["A1"], CUSTOMER)
    assert "hold" not in refusal.value.facts


def test_kept_seats_are_free_for_offers_only(transactions, holds, show, clock):
    expired = holds.hold(show.id, ["A1"], MARIA)
    clock.now = expired.expires_at
    holds.hold(show.id, ["A2"], MARIA)

    def open_seats(**how):
        room = transactions(lambda work: work.seats.open_seats(show.id, **how))
        return {1, 2} & room.free, room.held

    assert open_seats() == (set(), {1, 2})
    assert open_seats(offering=True) == ({1}, {2})
