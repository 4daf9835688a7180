"""Every difference between confirmed purchases and stored sales is reported."""

from dataclasses import replace

import pytest

from tests.builders import NOW, a_booking, a_hold
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.rehearsal.consistency import (
    Cancellation,
    Confirmation,
    ConsistencyReport,
    Purchase,
    StoredSales,
    check_consistency,
)
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.hold import HoldId

ANNE, BERT = AccountId(1), AccountId(2)


def kept(booking_id, *numbers, customer=ANNE, cancelled=False):
    booking = a_booking(None, numbers, id=BookingId(booking_id), customer=customer)
    return replace(booking, cancelled_at=NOW) if cancelled else booking


def holding(*bookings, **changes):
    """Return bookings and sold seats; ``changes`` override seats, as n7=3 or n7=None."""
    sold = {seat.number: each.id for each in bookings if each.is_active for seat in each.seats}
    for name, booking_id in changes.items():
        sold.pop(SeatNumber(int(name[1:])), None)
        if booking_id:
            sold[SeatNumber(int(name[1:]))] = BookingId(booking_id)
    return StoredSales(bookings, sold, holds=[], held={}, at=NOW)


def purchase(
    *booking_ids, seats=(7, 8), customer=ANNE, cancellation=Cancellation.NONE, unknown=False
):
    return Purchase(
        customer=customer,
        seats=seats,
        confirmed=frozenset(Confirmation(BookingId(each), seats) for each in booking_ids),
        cancellation=cancellation,
        unknown=unknown,
    )


def a_live_hold(name="held", numbers=(7, 8), customer=ANNE, **changes):
    return replace(a_hold(None, numbers, id=HoldId(name), customer=customer), **changes)


def with_holds(stored, *holds, **changes):
    """Return the sales with holds; ``changes`` override what seats carry, as n7="other"."""
    carried = {
        number: hold.id for hold in holds if hold.is_active(NOW) for number in hold.seat_numbers
    }
    for name, hold_id in changes.items():
        carried.pop(SeatNumber(int(name[1:])), None)
        if hold_id:
            carried[SeatNumber(int(name[1:]))] = HoldId(hold_id)
    return replace(stored, holds=holds, held=carried)


def held_first(*booking_ids, **details):
    return replace(purchase(*booking_ids, **details), hold=HoldId("held"))


def broken(purchases, held, shown=None):
    """Return the broken invariants with what breaks them. The seat map is right unless
    ``shown`` differs."""
    occupied = {seat.number for each in held.bookings if each.is_active for seat in each.seats}
    verdict = check_consistency(purchases, held, occupied if shown is None else shown)
    found = {name: sorted(getattr(verdict, name)) for name in ConsistencyReport.__slots__}
    assert verdict.is_consistent == (not any(found.values()))
    return {name: what for name, what in found.items() if what}


GOOD = [
    pytest.param([purchase(3)], holding(kept(3, 7, 8)), id="a booking that was confirmed"),
    pytest.param([purchase()], holding(), id="a refusal"),
    pytest.param(
        [purchase(3, cancellation=Cancellation.CONFIRMED)],
        holding(kept(3, 7, 8, cancelled=True)),
        id="a booking that was cancelled",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.CONFIRMED), purchase(4, customer=BERT)],
        holding(kept(3, 7, 8, cancelled=True), kept(4, 7, 8, customer=BERT)),
        id="seats that were sold again",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.UNKNOWN), purchase(4, customer=BERT)],
        holding(kept(3, 7, 8, cancelled=True), kept(4, 7, 8, customer=BERT)),
        id="sold again after a cancellation of unknown outcome",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.UNKNOWN)],
        holding(kept(3, 7, 8)),
        id="an unknown cancellation that was none",
    ),
    pytest.param([purchase(unknown=True)], holding(), id="an unknown outcome that was none"),
    pytest.param(
        [purchase(unknown=True)], holding(kept(3, 7, 8)), id="an unknown outcome that was a sale"
    ),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8), kept(9, 1, customer=AccountId(99))),
        id="a booking of a customer outside the rehearsal",
    ),
    pytest.param([held_first()], with_holds(holding(), a_live_hold()), id="a hold"),
    pytest.param(
        [held_first(3)],
        with_holds(holding(kept(3, 7, 8)), a_live_hold(booking_id=BookingId(3))),
        id="a hold that was booked",
    ),
    pytest.param(
        [held_first(unknown=True)], with_holds(holding(), a_live_hold()), id="perhaps not booked"
    ),
    pytest.param(
        [held_first(unknown=True)],
        with_holds(holding(kept(3, 7, 8)), a_live_hold(booking_id=BookingId(3))),
        id="perhaps booked",
    ),
    pytest.param(
        [held_first(), purchase(4, customer=BERT)],
        with_holds(holding(kept(4, 7, 8, customer=BERT)), a_live_hold(expires_at=NOW)),
        id="an expired hold whose seats were sold",
    ),
    pytest.param([purchase()], with_holds(holding(), a_live_hold()), id="a hold of a lost answer"),
]


@pytest.mark.parametrize(("purchases", "held"), GOOD)
def test_consistent_sales(purchases, held):
    assert broken(purchases, held) == {}


BROKEN = [
    pytest.param(
        [purchase(3), purchase(4, customer=BERT)],
        holding(kept(3, 7, 8), kept(4, 7, 8, customer=BERT), n7=4, n8=4),
        {"sold_twice": [7, 8], "wrong_booking": [7, 8]},
        id="two bookings of the same seats",
    ),
    pytest.param(
        [purchase(3), purchase(4, customer=BERT)],
        holding(kept(4, 7, 8, customer=BERT)),
        {"sold_twice": [7, 8], "missing": [3]},
        id="promised to two, though only one is kept",
    ),
    pytest.param(
        [],
        holding(kept(3, 7), kept(4, 7)),
        {"sold_twice": [7], "wrong_booking": [7]},
        id="two of others",
    ),
    pytest.param([purchase(3)], holding(), {"missing": [3]}, id="no booking is stored"),
    pytest.param(
        [],
        with_holds(holding(), a_live_hold(), a_live_hold("other", (8, 9)), n8="held"),
        {"held_twice": [8], "wrong_hold": [8]},
        id="two holds of a seat",
    ),
    pytest.param(
        [purchase(3, seats=(8,))],
        with_holds(holding(kept(3, 8)), a_live_hold()),
        {"held_twice": [8]},
        id="held and sold",
    ),
    pytest.param([held_first()], holding(), {"lost_holds": [7, 8]}, id="no hold is stored"),
    pytest.param(
        [held_first()],
        with_holds(holding(), a_live_hold(numbers=(7,))),
        {"lost_holds": [7, 8]},
        id="a hold of fewer seats",
    ),
    pytest.param(
        [held_first()],
        with_holds(holding(), a_live_hold(customer=BERT)),
        {"lost_holds": [7, 8]},
        id="another's hold",
    ),
    pytest.param(
        [held_first(3)],
        with_holds(holding(kept(3, 7, 8)), a_live_hold(expires_at=NOW)),
        {"lost_holds": [7, 8]},
        id="a booked hold that is not stored as booked",
    ),
    pytest.param(
        [held_first()],
        with_holds(holding(), a_live_hold(booking_id=BookingId(3))),
        {"lost_holds": [7, 8]},
        id="refused, and stored as booked",
    ),
    pytest.param(
        [],
        with_holds(holding(), a_live_hold(), n8=None, n9="held"),
        {"wrong_hold": [8, 9]},
        id="seats carry another hold",
    ),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8, customer=BERT)),
        {"missing": [3]},
        id="another's booking",
    ),
    pytest.param(
        [purchase(3)], holding(kept(3, 7)), {"missing": [3]}, id="fewer seats than were confirmed"
    ),
    pytest.param(
        [replace(purchase(3), seats=(7,))],
        holding(kept(3, 7, 8)),
        {"missing": [3]},
        id="other seats than were requested",
    ),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8, cancelled=True)),
        {"missing": [3]},
        id="cancelled without a request",
    ),
    pytest.param([purchase()], holding(kept(3, 7, 8)), {"unconfirmed": [3]}, id="refused and sold"),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8), kept(4, 9)),
        {"unconfirmed": [4]},
        id="more seats than requested",
    ),
    pytest.param(
        [purchase(unknown=True)],
        holding(kept(3, 7)),
        {"unconfirmed": [3]},
        id="half of an unknown outcome",
    ),
    pytest.param(
        [purchase(unknown=True)],
        holding(kept(3, 7, 8, cancelled=True), kept(4, 7, 8)),
        {"unconfirmed": [4]},
        id="two bookings for one unknown outcome",
    ),
    pytest.param(
        [purchase(unknown=True), purchase(customer=BERT)],
        holding(kept(3, 7, 8, customer=BERT)),
        {"unconfirmed": [3]},
        id="an unknown outcome excuses no other customer",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.CONFIRMED)],
        holding(kept(3, 7, 8)),
        {"still_active": [3]},
        id="cancelled and standing",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.CONFIRMED)],
        holding(),
        {"missing": [3]},
        id="cancelled and gone",
    ),
    pytest.param(
        [purchase(3, 4)],
        holding(kept(3, 7, 8), kept(4, 7, 8)),
        {"sold_twice": [7, 8], "booked_twice": [3, 4], "wrong_booking": [7, 8]},
        id="a double-click that booked twice",
    ),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8), n8=None),
        {"wrong_booking": [8]},
        id="a seat looks free",
    ),
    pytest.param(
        [purchase(3)], holding(kept(3, 7, 8), n9=3), {"wrong_booking": [9]}, id="a seat looks sold"
    ),
    pytest.param(
        [purchase(3)],
        holding(kept(3, 7, 8), n8=5),
        {"wrong_booking": [8]},
        id="a seat has another booking",
    ),
    pytest.param(
        [purchase(3, cancellation=Cancellation.CONFIRMED)],
        holding(kept(3, 7, 8, cancelled=True), n7=3),
        {"wrong_booking": [7]},
        id="a cancelled seat stays sold",
    ),
]


@pytest.mark.parametrize(("purchases", "held", "expected"), BROKEN)
def test_broken_invariants_are_reported(purchases, held, expected):
    assert broken(purchases, held) == expected


@pytest.mark.parametrize(
    ("shown", "wrong_on_map"), [({7}, [8]), ({7, 8, 9}, [9]), (set(), [7, 8]), ({8, 9}, [7, 9])]
)
def test_a_seat_map_with_other_seats_is_reported(shown, wrong_on_map):
    assert broken([purchase(3)], holding(kept(3, 7, 8)), shown) == {"wrong_on_map": wrong_on_map}


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("shown", [set(), {7, 8}])
def test_the_map_may_differ_for_unknown_outcomes(cancelled, shown):
    unheard = purchase(3, cancellation=Cancellation.UNKNOWN)
    held = holding(kept(3, 7, 8, cancelled=cancelled))
    assert broken([unheard], held, shown) == {}
    assert broken([purchase(unknown=True)], held, shown) == {}
    assert broken([unheard], held, {*shown, 9}) == {"wrong_on_map": [9]}
