"""The staff block seats of a show."""

from dataclasses import replace

import pytest

from tests.builders import CUSTOMER, SALES_GRACE, a_show, put_on
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import SeatNamedTwice, ShowNotFound, UnknownSeat
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import HoldLost, SeatHeld, SeatTaken
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

POLICY = SalesPolicy(SALES_GRACE)
MARIA = Actor(CUSTOMER, Role.CUSTOMER)
STAFF = AccountId(3)


@pytest.fixture
def service(transactions):
    return BlockedSeatsService(transactions)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, POLICY)


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, POLICY)


@pytest.fixture
def show(transactions):
    return put_on(transactions)


@pytest.fixture
def blocked(transactions):
    def blocked(show):
        seats = transactions(lambda work: work.seats.room(show.id)).seats
        return [seat.seat.number for seat in seats if seat.is_blocked]

    return blocked


def test_exactly_the_named_seats_are_blocked(service, sales, show, blocked):
    assert [seat.label for seat in service.block(show.id, ["A3", 2])] == ["A2", "A3"]
    assert [seat.label for seat in service.block(show.id, [3, 4])] == ["A3", "A4"]
    assert blocked(show) == [3, 4]
    assert sales.book(show.id, [2], CUSTOMER)
    with pytest.raises(SeatTaken):
        sales.book(show.id, [3], CUSTOMER)
    assert service.block(show.id, []) == []
    assert blocked(show) == []


def test_more_seats_may_be_blocked_than_can_be_booked_at_once(service, show, blocked):
    service.block(show.id, range(1, 51))
    assert len(blocked(show)) == 50


def test_seats_out_of_order_stay_blocked(transactions, service, sales, blocked):
    broken = section(
        "A: 1..5", exceptions=[{"rows": "A", "seats": "4", "features": ["out_of_order"]}]
    )
    show = put_on(transactions, replace(a_show(), plan=room(broken)))
    assert blocked(show) == [4]
    with pytest.raises(SeatTaken):
        sales.book(show.id, [4], CUSTOMER)
    assert [seat.number for seat in service.block(show.id, [2])] == [2, 4]
    assert [seat.number for seat in service.block(show.id, [])] == [4]
    assert blocked(show) == [4]


def test_sold_seats_are_refused_and_nothing_changes(service, sales, show, blocked):
    service.block(show.id, [1])
    sales.book(show.id, [2, 3], CUSTOMER)
    with pytest.raises(SeatTaken) as refusal:
        service.block(show.id, [3, 4])
    assert refusal.value.facts == {"seats": ["A3"]}
    assert blocked(show) == [1]


def test_so_are_seats_in_live_holds(service, holds, show, blocked, clock):
    first = holds.hold(show.id, [2], MARIA)
    clock.advance(minutes=1)
    second = holds.hold(show.id, [3, 5], MARIA)
    with pytest.raises(SeatHeld) as refusal:
        service.block(show.id, [2, 3, 4])
    assert refusal.value.facts == {"seats": ["A2", "A3"], "held_until": second.expires_at}
    clock.now = first.expires_at
    service.block(show.id, [2])
    assert blocked(show) == [2]


def test_an_expired_hold_does_not_come_back_with_its_seat(service, holds, show, clock):
    hold = holds.hold(show.id, [2], MARIA)
    clock.now = hold.expires_at
    service.block(show.id, [2])
    service.block(show.id, [])
    with pytest.raises(HoldLost):
        holds.book(hold.id, MARIA)


@pytest.mark.parametrize(("names", "refusal"), [([0], UnknownSeat), ([1, "A1"], SeatNamedTwice)])
def test_the_seats_must_exist(service, show, names, refusal):
    with pytest.raises(refusal):
        service.block(show.id, names)
    with pytest.raises(ShowNotFound):
        service.block(ShowId(987_654), [1])


def test_changes_are_on_record(queries, service, show):
    service.block(show.id, [1], by=STAFF)
    service.block(show.id, [2], by=STAFF)
    service.block(show.id, [2], by=STAFF)
    second, first = queries.audit.audit_entries(Window(0, 10)).items
    assert (first.account_id, first.action, first.subject) == (
        STAFF,
        "show.seats_blocked",
        f"show {show.id}",
    )
    assert first.details == {"seats": [[], ["A1"]]}
    assert second.details == {"seats": [["A1"], ["A2"]]}
