"""Compare what a rehearsal's customers were confirmed with what the store has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields

from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.rehearsal.record import (
    Cancellation,
    Confirmation,
    Numbers,
    Purchase,
    StoredSales,
)
from ticketing.domain.sales.booking import Booking, BookingId


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
    by_id = {booking.id: booking for booking in stored.bookings}
    places = list(_places(stored))
    occupied = [number for number, _ in places]
    return ConsistencyReport(
        sold_twice=_twice(occupied) | _twice(_promised(purchases)),
        missing=set(_missing(purchases, by_id)),
        unconfirmed=set(_never_confirmed(purchases, stored)),
        still_active=_cancelled(purchases) & {booking_id for _, booking_id in places},
        booked_twice=set(_confirmed(each for each in purchases if len(each.confirmed) > 1)),
        wrong_booking={number for number, _ in set(places) ^ set(stored.sold.items())},
        wrong_on_map=(shown ^ set(occupied)) - _undecided(purchases),
    )


def _places(stored: StoredSales) -> Iterator[tuple[SeatNumber, BookingId]]:
    """Yield the seats of active bookings, each with its booking."""
    for booking in stored.bookings:
        if booking.is_active:
            yield from ((seat.number, booking.id) for seat in booking.seats)


def _twice(numbers: Iterable[int]) -> set[int]:
    return {number for number, times in Counter(numbers).items() if times > 1}


def _promised(purchases: Iterable[Purchase]) -> Iterator[int]:
    for purchase in purchases:
        if purchase.cancellation is Cancellation.NONE:
            for confirmation in purchase.confirmed:
                yield from confirmation.seats


def _undecided(purchases: Iterable[Purchase]) -> set[int]:
    """Return the seats of requests that may still have been running when the map was read."""
    return {
        number
        for purchase in purchases
        if purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN
        for number in purchase.seats
    }


def _confirmed(purchases: Iterable[Purchase]) -> Iterator[BookingId]:
    for purchase in purchases:
        yield from (confirmation.booking_id for confirmation in purchase.confirmed)


def _cancelled(purchases: Iterable[Purchase]) -> set[BookingId]:
    return set(
        _confirmed(each for each in purchases if each.cancellation is Cancellation.CONFIRMED)
    )


def _missing(
    purchases: Iterable[Purchase], by_id: Mapping[BookingId, Booking]
) -> Iterator[BookingId]:
    for purchase in purchases:
        for confirmation in purchase.confirmed:
            booking = by_id.get(confirmation.booking_id)
            if booking is None or not _is_as_confirmed(booking, purchase, confirmation):
                yield confirmation.booking_id


def _is_as_confirmed(booking: Booking, purchase: Purchase, confirmation: Confirmation) -> bool:
    return (
        booking.customer == purchase.customer
        and _numbers(booking) == confirmation.seats == purchase.seats
        and (booking.is_active or purchase.cancellation is not Cancellation.NONE)
    )


def _never_confirmed(purchases: Sequence[Purchase], stored: StoredSales) -> Iterator[BookingId]:
    """Each purchase of unknown outcome accounts for one booking of exactly its seats."""
    customers = {purchase.customer for purchase in purchases}
    confirmed = set(_confirmed(purchases))
    possible = Counter((each.customer, each.seats) for each in purchases if each.unknown)
    for booking in stored.bookings:
        if booking.customer not in customers or booking.id in confirmed:
            continue
        this = booking.customer, _numbers(booking)
        if possible[this]:
            possible[this] -= 1
        else:
            yield booking.id


def _numbers(booking: Booking) -> Numbers:
    return tuple(seat.number for seat in booking.seats)
