"""The rules of holds: which seats a customer may hold, and for how long."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from math import ceil

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import OrphanRule, Show
from ticketing.domain.sales.accessible_seats import kept_seats
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import HoldAtLimit, HoldIsOffer, HoldLost
from ticketing.domain.sales.hold import Hold, new_hold_id
from ticketing.domain.sales.orphans import check_orphans
from ticketing.domain.sales.selling import (
    Room,
    SalesPolicy,
    ShowSeat,
    booking_of,
    require_free,
    require_on_sale,
    require_spaces,
    require_within_limit,
)


def hold_seats(
    show: Show,
    seats: Sequence[ShowSeat],
    customer: AccountId,
    *,
    owned: int,
    recent: Sequence[Hold],
    room: Room,
    now: datetime,
    policy: SalesPolicy,
    is_staff: bool,
) -> Hold:
    """Return a new hold of all ``seats``, which the caller has locked.

    ``owned`` is how many seats of the show the customer has already, ``recent`` as for
    ``new_hold``. Raises, in this order, SalesClosed, ShowFull, SeatTaken, SeatHeld, CompanionSeat,
    SeatLimit, HoldAtLimit, OrphanSeat.
    """
    require_on_sale(show, now, policy)
    require_free(seats, room, now, customer=customer)
    require_spaces(show, seats, customer, room)
    if not is_staff:
        require_within_limit(owned, len(seats), policy)
    hold = new_hold(show, seats, customer, recent=recent, now=now, policy=policy)
    return replace(hold, orphans=_orphans(show, seats, (), room, now, is_staff=is_staff))


def new_hold(
    show: Show,
    seats: Sequence[ShowSeat],
    customer: AccountId,
    *,
    recent: Sequence[Hold],
    now: datetime,
    policy: SalesPolicy,
) -> Hold:
    """Return a hold of all ``seats``, which the customer may have. Raises HoldAtLimit.

    ``recent`` are the customer's holds of the show that may have ended unbooked a short time ago.
    """
    limit = _limit(show, recent, now, policy)
    return Hold(
        id=new_hold_id(show.id),
        show=show,
        customer=customer,
        seats=tuple(seat.seat for seat in seats),
        created_at=now,
        expires_at=min(now + policy.hold, limit),
        extendable_until=limit,
    )


def change_seats(
    hold: Hold,
    show: Show,
    seats: Sequence[ShowSeat],
    *,
    owned: int,
    recent: Sequence[Hold],
    room: Room,
    now: datetime,
    policy: SalesPolicy,
    is_staff: bool,
) -> Hold:
    """Return the hold with exactly these ``seats``, which are locked like those that it had.

    With other seats, it gets the limit of a new hold if that is sooner than its own. Raises
    HoldBooked, HoldReleased, HoldExpired and HoldIsOffer, and then as ``hold_seats`` does;
    HoldAtLimit also where it would expire after that limit.
    """
    hold.require_active(now)
    if hold.is_offer:
        raise HoldIsOffer()
    require_on_sale(show, now, policy)
    require_free(seats, room, now, own={hold.id}, customer=hold.customer)
    given_up = hold.seat_numbers
    require_spaces(show, seats, hold.customer, room, given_up=given_up)
    if len(seats) > len(hold.seats) and not is_staff:
        require_within_limit(owned - len(hold.seats), len(seats), policy)
    limit = hold.extendable_until
    if not {*given_up}.issuperset(seat.seat.number for seat in seats):
        limit = min(limit, _limit(show, recent, now, policy))
    if limit < hold.expires_at:
        raise HoldAtLimit()
    return replace(
        hold,
        seats=tuple(seat.seat for seat in seats),
        extendable_until=limit,
        orphans=_orphans(show, seats, given_up, room, now, is_staff=is_staff),
    )


def book_hold(
    hold: Hold,
    show: Show,
    seats: Sequence[ShowSeat],
    *,
    owned: int,
    now: datetime,
    policy: SalesPolicy,
    is_staff: bool,
) -> Booking:
    """Return the booking of exactly the hold's ``seats``, which the caller has locked.

    An expired hold is booked as long as all of its seats carry it, unless it is an offer. Raises,
    in this order, HoldBooked, HoldReleased, HoldExpired, SalesClosed, HoldLost, SeatLimit.
    """
    if hold.is_offer:
        hold.require_active(now)
    hold.require_unended()
    require_on_sale(show, now, policy)
    if lost := lost_seats(hold, seats):
        raise HoldLost(seats=lost)
    if not hold.is_active(now) and not is_staff:  # the seats of an expired hold are owned no more
        require_within_limit(owned, len(seats), policy)
    return booking_of(show, seats, hold.customer, now)


def lost_seats(hold: Hold, seats: Sequence[ShowSeat]) -> list[str]:
    """Return the labels of those seats that others took since the hold expired."""
    return [
        seat.seat.label
        for seat in seats
        if seat.is_taken or seat.hold is None or seat.hold.id != hold.id
    ]


def _limit(show: Show, recent: Sequence[Hold], now: datetime, policy: SalesPolicy) -> datetime:
    """Return until when a new hold can be extended.

    Soon after a hold ended unbooked, its limit counts on: to take the seats again is no way to keep
    them, nor is it to take others in between. An offer does not count: its customer did not choose
    its time. Raises HoldAtLimit where such a limit is over.
    """
    counting = [
        (hold, ended_at + policy.hold)
        for hold in recent
        if not hold.is_offer
        and (ended_at := hold.unbooked_end(now))
        and now < ended_at + policy.hold
    ]
    if over := [until for hold, until in counting if now >= hold.extendable_until]:
        raise HoldAtLimit(retry_after=ceil((max(over) - now).total_seconds()))
    limits = [hold.extendable_until for hold, _ in counting]
    return min([now + policy.max_hold, show.sales_end(policy.grace), *limits])


def _orphans(
    show: Show,
    seats: Sequence[ShowSeat],
    given_up: Collection[SeatNumber],
    room: Room,
    now: datetime,
    *,
    is_staff: bool,
) -> Sequence[Seat]:
    """Return the seats that the choice leaves alone. Raises OrphanSeat where that is forbidden."""
    if show.orphan_rule is OrphanRule.OFF:
        return ()
    orphans = check_orphans(
        show.orphan_rule,
        show.plan,
        room.free | {*given_up},
        kept_seats(show.plan, room.free, room.held),
        [seat.seat.number for seat in seats],
        starts_at=show.starts_at,
        now=now,
        is_staff=is_staff,
    )
    return [show.plan.seat(number) for number in orphans]
