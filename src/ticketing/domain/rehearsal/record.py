"""What a rehearsal is judged by: what its customers were told, and what the store holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.sales.booking import Booking, BookingId

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

    Nothing ``confirmed`` is a refusal, unless the outcome is ``unknown``: an answer is missing.
    """

    customer: AccountId
    seats: Numbers
    confirmed: frozenset[Confirmation] = frozenset()
    unknown: bool = False
    cancellation: Cancellation = Cancellation.NONE


@dataclass(frozen=True, slots=True)
class StoredSales:
    """What the store holds of a show: all its bookings, and which of them each sold seat has."""

    bookings: Sequence[Booking]
    sold: Mapping[SeatNumber, BookingId]
