"""The data that is compared after a rehearsal: customers' purchases and stored sales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.sales.booking import Booking, BookingId

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
    """

    customer: AccountId
    seats: Numbers
    confirmed: frozenset[Confirmation] = frozenset()
    unknown: bool = False
    cancellation: Cancellation = Cancellation.NONE


@dataclass(frozen=True, slots=True)
class StoredSales:
    """All bookings of a show in the store, and the booking of each sold seat."""

    bookings: Sequence[Booking]
    sold: Mapping[SeatNumber, BookingId]
