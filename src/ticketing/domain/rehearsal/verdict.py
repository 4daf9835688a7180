"""Whether a rehearsal went as it must: what customers were told, beside what the store holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields

from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.rehearsal.record import Cancellation, Confirmation, Held, Numbers, Purchase
from ticketing.domain.sales.booking import Booking, BookingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What broke, an invariant each; all is well while all of them are empty."""

    sold_twice: Set[int]
    """Seats that two standing bookings have, or that two customers were promised."""
    missing: Set[int]
    """Bookings that were confirmed, and are not there as they were confirmed."""
    never_confirmed: Set[int]
    """Bookings that are there, and nobody was told of."""
    still_standing: Set[int]
    """Bookings that stand, although their customer was told that they are cancelled."""
    booked_twice: Set[int]
    """Bookings of requests that were sent again with the same key, and booked again."""
    misplaced: Set[int]
    """Seats that the store keeps as sold to other bookings than those that have them."""
    misdrawn: Set[int]
    """Seats that the seat map shows as sold and no booking has, or the other way round."""

    @property
    def is_good(self) -> bool:
        return not any(getattr(self, invariant.name) for invariant in fields(self))


def judge(told: Sequence[Purchase], held: Held, shown: Set[int]) -> Verdict:
    """Compare what was told, what is held, and the seats that the map had ``shown`` as sold.

    Bookings of others than the customers in ``told`` only have to keep off. Where a customer does
    not know the outcome, either is fine, but never a half of it.
    """
    by_id = {booking.id: booking for booking in held.bookings}
    places = list(_places(held))
    occupied = [number for number, _ in places]
    return Verdict(
        sold_twice=_twice(occupied) | _twice(_promised(told)),
        missing=set(_missing(told, by_id)),
        never_confirmed=set(_never_confirmed(told, held)),
        still_standing=_cancelled(told) & {booking_id for _, booking_id in places},
        booked_twice=set(_confirmed(each for each in told if len(each.confirmed) > 1)),
        misplaced={number for number, _ in set(places) ^ set(held.sold.items())},
        misdrawn=(shown ^ set(occupied)) - _undecided(told),
    )


def _places(held: Held) -> Iterator[tuple[SeatNumber, BookingId]]:
    """The seats that are in use, by what the bookings say."""
    for booking in held.bookings:
        if booking.stands:
            yield from ((seat.number, booking.id) for seat in booking.seats)


def _twice(numbers: Iterable[int]) -> set[int]:
    return {number for number, times in Counter(numbers).items() if times > 1}


def _promised(told: Iterable[Purchase]) -> Iterator[int]:
    for purchase in told:
        if purchase.cancellation is Cancellation.NONE:
            for confirmation in purchase.confirmed:
                yield from confirmation.seats


def _undecided(told: Iterable[Purchase]) -> set[int]:
    """A request without an answer may still have been under way when the map was drawn."""
    return {
        number
        for purchase in told
        if purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN
        for number in purchase.seats
    }


def _confirmed(told: Iterable[Purchase]) -> Iterator[BookingId]:
    for purchase in told:
        yield from (confirmation.booking_id for confirmation in purchase.confirmed)


def _cancelled(told: Iterable[Purchase]) -> set[BookingId]:
    return set(_confirmed(each for each in told if each.cancellation is Cancellation.CONFIRMED))


def _missing(told: Iterable[Purchase], by_id: Mapping[BookingId, Booking]) -> Iterator[BookingId]:
    for purchase in told:
        for confirmation in purchase.confirmed:
            booking = by_id.get(confirmation.booking_id)
            if booking is None or not _is_as_confirmed(booking, purchase, confirmation):
                yield confirmation.booking_id


def _is_as_confirmed(booking: Booking, purchase: Purchase, confirmation: Confirmation) -> bool:
    return (
        booking.customer == purchase.customer
        and _numbers(booking) == confirmation.seats == purchase.seats
        and (booking.stands or purchase.cancellation is not Cancellation.NONE)
    )


def _never_confirmed(told: Sequence[Purchase], held: Held) -> Iterator[BookingId]:
    """Each purchase of unknown outcome accounts for one booking of exactly its seats."""
    customers = {purchase.customer for purchase in told}
    confirmed = set(_confirmed(told))
    possible = Counter((each.customer, each.seats) for each in told if each.unknown)
    for booking in held.bookings:
        if booking.customer not in customers or booking.id in confirmed:
            continue
        this = booking.customer, _numbers(booking)
        if possible[this]:
            possible[this] -= 1
        else:
            yield booking.id


def _numbers(booking: Booking) -> Numbers:
    return tuple(seat.number for seat in booking.seats)
