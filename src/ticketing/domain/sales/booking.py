"""A booking: what one customer bought at once. It is kept when it is cancelled."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.errors import ShowStarted

BookingId = NewType("BookingId", int)

CROCKFORD_BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Douglas Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U."""


_REFERENCE = re.compile(f"[{CROCKFORD_BASE_32}]{{10}}")
_MISREAD = str.maketrans("OIL", "011", "-")


class BookingStatus(StrEnum):
    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"


def random_characters(number: int) -> str:
    """Return random characters with five bits each; from ten on, they cannot be guessed."""
    drawn = secrets.randbits(5 * number)
    return "".join(CROCKFORD_BASE_32[drawn >> 5 * index & 31] for index in range(number))


def new_reference() -> str:
    return random_characters(10)


def reference_from(text: str) -> str | None:
    """Return the reference that a user typed, with O for 0, blanks …; None if it is invalid."""
    read = "".join(text.upper().split()).translate(_MISREAD)
    return read if _REFERENCE.fullmatch(read) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Seats of one show, sold to one customer.

    It has its own list of seats, ascending by number, since the show's seats no longer refer to a
    cancelled booking. ``id`` is 0 until the store assigns one.
    """

    id: BookingId = BookingId(0)
    reference: str = field(default_factory=new_reference)
    show: Show
    customer: AccountId
    seats: Sequence[Seat]
    created_at: datetime
    cancelled_at: datetime | None = None

    @property
    def seat_numbers(self) -> list[SeatNumber]:
        return [seat.number for seat in self.seats]

    @property
    def status(self) -> BookingStatus:
        return BookingStatus.BOOKED if self.cancelled_at is None else BookingStatus.CANCELLED

    @property
    def is_active(self) -> bool:
        return self.cancelled_at is None

    @property
    def is_cancelled_with_show(self) -> bool:
        """Whether it was active until its show was cancelled."""
        mine, shows = self.cancelled_at, self.show.cancelled_at
        return mine is not None and shows is not None and mine >= shows

    def cancel(self, *, now: datetime) -> "Booking":
        """Return this booking, cancelled; a cancelled one is returned unchanged.

        Raises ShowStarted from the start of the show on.
        """
        if not self.is_active:
            return self
        if now >= self.show.starts_at:
            raise ShowStarted()
        return replace(self, cancelled_at=now)
