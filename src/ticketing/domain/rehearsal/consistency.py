"""Compare what a rehearsal's customers were confirmed with what the store has."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum, auto

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold, HoldId

Numbers = tuple[int, ...]
"""Seat numbers, ascending."""


class Cancellation(Enum):
    """What a customer knows about the cancellation of a booking."""

    NONE = auto()
    CONFIRMED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A booking as it was confirmed to its customer."""

    booking_id: BookingId
    seats: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """The responses to all requests of a customer for ``seats`` with the same key.

    Nothing ``confirmed`` is a refusal, unless the outcome is ``unknown``: a response is missing.
    Where the customer held the seats first, ``hold`` was confirmed; perhaps it was never booked.
    """

    customer: AccountId
    seats: Numbers
    hold: HoldId | None = None
    confirmed: frozenset[Confirmation] = frozenset()
    unknown: bool = False
    cancellation: Cancellation = Cancellation.NONE


@dataclass(frozen=True, slots=True)
class StoredSales:
    """All bookings and holds of a show in the store at one time.

    ``sold`` and ``held`` have the booking or the live hold of each seat.
    """

    bookings: Sequence[Booking]
    sold: Mapping[SeatNumber, BookingId]
    holds: Sequence[Hold]
    held: Mapping[SeatNumber, HoldId]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyReport:
    """One set per invariant, with what breaks it; all are empty after a good rehearsal."""

    sold_twice: Set[int]
    """Seats that two active bookings have, or that two customers have a confirmation for."""
    missing: Set[int]
    """Bookings that were confirmed, but do not exist as they were confirmed."""
    unconfirmed: Set[int]
    """Bookings that exist, but were never confirmed to their customer."""
    still_active: Set[int]
    """Bookings that are active although their cancellation was confirmed."""
    booked_twice: Set[int]
    """Bookings of requests that were repeated with the same key, and booked again."""
    wrong_booking: Set[int]
    """Seats whose row names another booking than the one that lists them."""
    wrong_on_map: Set[int]
    """Seats that the seat map shows as sold although no booking has them, or vice versa."""
    held_twice: Set[int]
    """Seats that two live holds have, or a live hold and an active booking."""
    lost_holds: Set[int]
    """Seats of holds that were confirmed, but are not stored as they were confirmed and booked."""
    wrong_hold: Set[int]
    """Seats whose row names another live hold than the one that lists them."""

    @property
    def is_consistent(self) -> bool:
        return not any(getattr(self, invariant.name) for invariant in fields(self))


def check_consistency(
    purchases: Sequence[Purchase], stored: StoredSales, shown: Set[int]
) -> ConsistencyReport:
    """Compare the purchases, the stored sales, and the seats that the map had ``shown`` as sold.

    Bookings of other customers must only not collide. Where a customer does not know the outcome,
    both are fine, but never half of it.
    """
    active = [booking for booking in stored.bookings if booking.is_active]
    places = [(seat.number, booking.id) for booking in active for seat in booking.seats]
    occupied = [number for number, _ in places]
    confirmed = [(purchase, each) for purchase in purchases for each in purchase.confirmed]
    promised = [
        number
        for purchase, confirmation in confirmed
        if purchase.cancellation is Cancellation.NONE
        for number in confirmation.seats
    ]
    undecided = {  # requests for these may still have been running when the map was read
        number
        for purchase in purchases
        if purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN
        for number in purchase.seats
    }
    cancelled = {
        each.booking_id
        for purchase, each in confirmed
        if purchase.cancellation is Cancellation.CONFIRMED
    }
    by_id = {booking.id: booking for booking in stored.bookings}
    live = [hold for hold in stored.holds if hold.is_active(stored.at)]
    held_places = [(number, hold.id) for hold in live for number in hold.seat_numbers]
    held = [number for number, _ in held_places]
    return ConsistencyReport(
        sold_twice=_twice(occupied) | _twice(promised),
        missing={
            each.booking_id
            for purchase, each in confirmed
            if not _is_as_confirmed(by_id.get(each.booking_id), purchase, each)
        },
        unconfirmed=_unconfirmed(purchases, stored.bookings),
        still_active=cancelled & {booking.id for booking in active},
        booked_twice={
            each.booking_id for purchase, each in confirmed if len(purchase.confirmed) > 1
        },
        wrong_booking={number for number, _ in set(places) ^ set(stored.sold.items())},
        wrong_on_map=(shown ^ set(occupied)) - undecided,
        held_twice=_twice(held) | set(held) & set(occupied),
        lost_holds=_lost_holds(purchases, stored.holds),
        wrong_hold={number for number, _ in set(held_places) ^ set(stored.held.items())},
    )


def _twice(numbers: Iterable[int]) -> set[int]:
    return {number for number, times in Counter(numbers).items() if times > 1}


def _is_as_confirmed(
    booking: Booking | None, purchase: Purchase, confirmation: Confirmation
) -> bool:
    return (
        booking is not None
        and booking.customer == purchase.customer
        and tuple(booking.seat_numbers) == confirmation.seats == purchase.seats
        and (booking.is_active or purchase.cancellation is not Cancellation.NONE)
    )


def _lost_holds(purchases: Iterable[Purchase], holds: Iterable[Hold]) -> set[int]:
    by_id = {hold.id: hold for hold in holds}
    return {
        number
        for purchase in purchases
        if purchase.hold and not _is_as_held(by_id.get(purchase.hold), purchase)
        for number in purchase.seats
    }


def _is_as_held(hold: Hold | None, purchase: Purchase) -> bool:
    return (
        hold is not None
        and hold.customer == purchase.customer
        and tuple(hold.seat_numbers) == purchase.seats
        and (purchase.unknown or _is_as_booked(hold, purchase))
    )


def _is_as_booked(hold: Hold, purchase: Purchase) -> bool:
    if hold.booking_id is None:
        return not purchase.confirmed
    return hold.booking_id in {each.booking_id for each in purchase.confirmed}


def _unconfirmed(purchases: Sequence[Purchase], bookings: Iterable[Booking]) -> set[BookingId]:
    """Each purchase of unknown outcome accounts for one booking of exactly its seats."""
    customers = {purchase.customer for purchase in purchases}
    confirmed = {each.booking_id for purchase in purchases for each in purchase.confirmed}
    possible = Counter((each.customer, each.seats) for each in purchases if each.unknown)
    unconfirmed = set()
    for booking in bookings:
        if booking.customer not in customers or booking.id in confirmed:
            continue
        this = booking.customer, tuple(booking.seat_numbers)
        if possible[this]:
            possible[this] -= 1
        else:
            unconfirmed.add(booking.id)
    return unconfirmed
