"""Whether a rehearsal went as it must: what customers were told, beside what the store holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum, auto

from ticketing.domain.account import AccountId
from ticketing.domain.booking import Booking, BookingId
from ticketing.domain.seating import SeatNumber

Numbers = tuple[int, ...]
"""Of seats, ascending."""


class Cancellation(Enum):
    """What a customer knows of giving a booking back."""

    NONE = auto()
    CONFIRMED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A booking as its customer was told of it."""

    booking_id: BookingId
    seats: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What a customer was told who wanted ``seats``, by every request with the same key.

    Nothing ``confirmed`` is a refusal, unless the outcome is ``unknown``: no request was answered.
    """

    customer: AccountId
    seats: Numbers
    confirmed: frozenset[Confirmation] = frozenset()
    unknown: bool = False
    cancellation: Cancellation = Cancellation.NONE


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds of a show: all its bookings, and which of them each sold seat has."""

    bookings: Sequence[Booking]
    sold: Mapping[SeatNumber, BookingId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What broke, an invariant each; all is well while all of them are empty."""

    sold_twice: Sequence[int]
    """Seats that two standing bookings have, or that two customers were promised."""
    missing: Sequence[int]
    """Bookings that were confirmed, and are not there as they were confirmed."""
    never_confirmed: Sequence[int]
    """Bookings that are there, and nobody was told of."""
    still_standing: Sequence[int]
    """Bookings that stand, although their customer was told that they are cancelled."""
    booked_twice: Sequence[int]
    """Bookings of requests that were sent again with the same key, and booked again."""
    misdrawn: Sequence[int]
    """Seats of which the seat map tells otherwise than the bookings."""

    @property
    def is_good(self) -> bool:
        return not any(getattr(self, invariant.name) for invariant in fields(self))


def judge(told: Sequence[Purchase], held: Held) -> Verdict:
    """Compare both. Bookings of others than the customers in ``told`` only have to keep off.

    Where a customer does not know the outcome, either is fine, but never a half of it.
    """
    by_id = {booking.id: booking for booking in held.bookings}
    return Verdict(
        sold_twice=_sold_twice(told, held),
        missing=sorted(_missing(told, by_id)),
        never_confirmed=sorted(_never_confirmed(told, held)),
        still_standing=sorted(
            booking_id
            for booking_id in _confirmed(told, Cancellation.CONFIRMED)
            if booking_id in by_id and by_id[booking_id].stands
        ),
        booked_twice=sorted(
            confirmation.booking_id
            for purchase in told
            if len(purchase.confirmed) > 1
            for confirmation in purchase.confirmed
        ),
        misdrawn=sorted(_misdrawn(held)),
    )


def _numbers(booking: Booking) -> Numbers:
    return tuple(seat.number for seat in booking.seats)


def _confirmed(told: Iterable[Purchase], *after: Cancellation) -> Iterator[BookingId]:
    for purchase in told:
        if purchase.cancellation in after:
            yield from (confirmation.booking_id for confirmation in purchase.confirmed)


def _sold_twice(told: Sequence[Purchase], held: Held) -> list[int]:
    stand = Counter(n for booking in held.bookings if booking.stands for n in _numbers(booking))
    promised = Counter(
        number
        for purchase in told
        if purchase.cancellation is Cancellation.NONE
        for confirmation in purchase.confirmed
        for number in confirmation.seats
    )
    return sorted({number for tally in (stand, promised) for number in tally if tally[number] > 1})


def _missing(told: Sequence[Purchase], by_id: Mapping[BookingId, Booking]) -> Iterator[BookingId]:
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
    confirmed = set(_confirmed(told, *Cancellation))
    possible = Counter((each.customer, each.seats) for each in told if each.unknown)
    for booking in held.bookings:
        if booking.customer not in customers or booking.id in confirmed:
            continue
        this = booking.customer, _numbers(booking)
        if possible[this]:
            possible[this] -= 1
        else:
            yield booking.id


def _misdrawn(held: Held) -> set[int]:
    stand = {
        (number, booking.id)
        for booking in held.bookings
        if booking.stands
        for number in _numbers(booking)
    }
    return {number for number, _ in stand ^ set(held.sold.items())}
