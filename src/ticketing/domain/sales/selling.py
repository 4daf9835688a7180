"""The rules of selling: who may buy which seats of a show, and until when."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import Seat, SeatNumber
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import SalesClosed, SeatLimit, SeatTaken, ShowFull

MAX_SEATS_PER_BOOKING = 10


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The settings of selling.

    A show sells until ``grace`` after its start. An account may own ``per_account`` seats of one
    show, 0 means no limit; one booking has 1 to ``per_booking`` seats.
    """

    grace: timedelta = timedelta(minutes=15)
    per_account: int = 0
    per_booking: int = MAX_SEATS_PER_BOOKING


@dataclass(frozen=True, slots=True)
class ShowSeat:
    """A seat of a show, with the booking that owns it, if any."""

    seat: Seat
    booking_id: BookingId | None = None

    @property
    def is_free(self) -> bool:
        return self.booking_id is None


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
    if taken := [seat.seat.label for seat in seats if not seat.is_free or seat.seat.number in sold]:
        raise ShowFull() if is_full() else SeatTaken(seats=taken)
    if policy.per_account and owned + len(seats) > policy.per_account:
        raise SeatLimit(limit=policy.per_account, held=owned)
    return Booking(
        show=show, customer=customer, seats=tuple(seat.seat for seat in seats), created_at=now
    )
