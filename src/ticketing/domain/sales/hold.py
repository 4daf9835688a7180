"""A hold: seats of one show that are kept for a customer who is deciding, for a limited time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import (
    HoldAtLimit,
    HoldBooked,
    HoldExpired,
    HoldNotFound,
    HoldReleased,
)
from ticketing.domain.sales.opaque_ids import new_opaque_id, show_named_by

HoldId = NewType("HoldId", str)
"""Opaque to clients. It names its show, so that a store can find the hold on one machine."""


class HoldStatus(StrEnum):
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    BOOKED = "BOOKED"
    RELEASED = "RELEASED"


def new_hold_id(show_id: ShowId) -> HoldId:
    return HoldId(new_opaque_id(show_id))


def show_of_hold(hold_id: str) -> ShowId:
    """Return the show that the id names. Raises HoldNotFound for a malformed id."""
    show_id = show_named_by(hold_id)
    if show_id is None:
        raise HoldNotFound()
    return show_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Seats of one show, kept for one customer until ``expires_at``.

    ``seats`` ascend by number. While the hold is active they are its seats exactly: a change
    replaces them, and those that the customer books by name leave it. An expired hold counts for
    nothing, but it can be booked as long as no one else took its seats.

    A hold that ``is_offer`` was made for an entry of the waiting list. It is never extended or
    changed, and is not booked after it expired.
    """

    id: HoldId
    show: Show
    customer: AccountId
    seats: Sequence[Seat]
    created_at: datetime
    expires_at: datetime
    extendable_until: datetime
    released_at: datetime | None = None
    booking_id: BookingId | None = None
    is_offer: bool = False
    orphans: Sequence[Seat] = field(default=(), compare=False)
    """The seats that the customer's choice leaves alone: reported at once, and not stored."""

    @property
    def seat_numbers(self) -> list[SeatNumber]:
        return [seat.number for seat in self.seats]

    def status(self, now: datetime) -> HoldStatus:
        if self.booking_id is not None:
            return HoldStatus.BOOKED
        if self.released_at is not None:
            return HoldStatus.RELEASED
        return HoldStatus.ACTIVE if self.is_active(now) else HoldStatus.EXPIRED

    @property
    def is_ended(self) -> bool:
        """Whether the hold was booked or released. A hold that only expired may still be booked."""
        return self.booking_id is not None or self.released_at is not None

    def is_active(self, now: datetime) -> bool:
        return not self.is_ended and now < self.expires_at

    @property
    def together(self) -> bool:
        """Whether the seats are side by side."""
        first, last = self.seats[0].number, self.seats[-1].number
        return last - first < len(self.seats) and last in self.show.plan.block_of(first)

    def unbooked_end(self, now: datetime) -> datetime | None:
        """Return when it was released or expired, unless it is active or booked."""
        if self.booking_id is not None or self.is_active(now):
            return None
        return min(self.expires_at, self.released_at or self.expires_at)

    def require_unended(self) -> None:
        """Raise HoldBooked or HoldReleased for a hold that was ended, rather than expired."""
        if self.booking_id is not None:
            raise HoldBooked(booking=self.booking_id)
        if self.released_at is not None:
            raise HoldReleased()

    def require_active(self, now: datetime) -> None:
        """Raise HoldBooked, HoldReleased or HoldExpired for a hold that is not active."""
        self.require_unended()
        if not self.is_active(now):
            raise HoldExpired()

    def extended(self, now: datetime, by: timedelta) -> "Hold":
        """Return this hold, expiring ``by`` from now, or at its limit if that is sooner.

        It is never shortened. Raises HoldAtLimit where it lasts until its limit already, and as
        ``require_active`` does.
        """
        self.require_active(now)
        if self.expires_at >= self.extendable_until:
            raise HoldAtLimit()
        latest = min(now + by, self.extendable_until)
        return replace(self, expires_at=max(self.expires_at, latest))

    def sold(self, booking: Booking) -> "Hold":
        """Return this hold without the seats of the booking; it is booked if no other is left."""
        others = tuple(seat for seat in self.seats if seat.number not in booking.seat_numbers)
        return replace(self, seats=others) if others else replace(self, booking_id=booking.id)

    def released(self, now: datetime) -> "Hold":
        """Return this hold, released; a released one is returned unchanged. Raises HoldBooked."""
        if self.booking_id is not None:
            raise HoldBooked(booking=self.booking_id)
        return self if self.released_at is not None else replace(self, released_at=now)


class TimedHold(NamedTuple):
    """A hold, and the time of the store's clock by which it is active or has expired."""

    hold: Hold
    now: datetime
