"""The rules of selling: who may buy which seats of a show, and until when."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import SalesClosed, SeatLimit, SeatTaken, ShowFull
from ticketing.domain.sales.hold import HoldId

MAX_SEATS_PER_BOOKING = 10


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The settings of selling.

    A show sells until ``grace`` after its start. An account may own ``per_account`` seats of one
    show, 0 means no limit; one booking or hold has 1 to ``per_booking`` seats. A hold lasts for
    ``hold`` from its start or extension, and at most for ``max_hold`` from its start.
    """

    grace: timedelta = timedelta(minutes=15)
    per_account: int = 0
    per_booking: int = MAX_SEATS_PER_BOOKING
    hold: timedelta = timedelta(minutes=10)
    max_hold: timedelta = timedelta(minutes=30)


class SeatHold(NamedTuple):
    """The hold that a seat carries, which may have expired.

    ``customer`` is None where the hold itself was purged.
    """

    id: HoldId
    customer: AccountId | None
    until: datetime


@dataclass(frozen=True, slots=True)
class ShowSeat:
    """A seat of a show, with the booking that owns it and the hold that it carries, if any.

    The staff or the plan may have blocked it. A booking counts before all else.
    """

    seat: Seat
    booking_id: BookingId | None = None
    hold: SeatHold | None = None
    is_blocked: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the seat is sold or blocked, so that waiting for it is in vain."""
        return self.booking_id is not None or self.is_blocked

    def is_held(self, now: datetime) -> bool:
        """Return whether a live hold keeps the seat: an expired one counts for nothing."""
        return not self.is_taken and self.hold is not None and now < self.hold.until

    def is_free(self, now: datetime) -> bool:
        return not (self.is_taken or self.is_held(now))


def sell(
    show: Show,
    seats: Sequence[ShowSeat],
    customer: AccountId,
    *,
    sold: Container[SeatNumber] = (),
    owned: int,
    is_full: Callable[[], bool],
    now: datetime,
    policy: SalesPolicy,
) -> Booking:
    """Return the booking of all ``seats``, which the caller has locked.

    ``sold`` are seats that an order before this one got in the same transaction; ``owned`` is how
    many seats of the show the customer has already. ``is_full`` is called only if
    a seat is taken, since counting takes longer than a sale.

    Raises, in this order, SalesClosed, ShowFull, SeatTaken that names the taken seats, SeatLimit.
    """
    if show.cancelled_at is not None:
        raise SalesClosed("This show was cancelled.")
    if show.sales_ended(now, policy.grace):
        raise SalesClosed()
    if taken := [seat.seat.label for seat in seats if seat.is_taken or seat.seat.number in sold]:
        raise ShowFull() if is_full() else SeatTaken(seats=taken)
    if policy.per_account and owned + len(seats) > policy.per_account:
        raise SeatLimit(limit=policy.per_account, held=owned)
    return Booking(
        show=show, customer=customer, seats=tuple(seat.seat for seat in seats), created_at=now
    )
