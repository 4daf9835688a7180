"""The rules of selling: who may buy which seats of a show, and until when."""

from collections.abc import Collection, Container, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.accessible_seats import kept_seats, require_wheelchair_spaces
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import SalesClosed, SeatHeld, SeatLimit, SeatTaken, ShowFull
from ticketing.domain.sales.hold import HoldId

MAX_SEATS_PER_BOOKING = 10

KEPT_FOR_WAITING_LIST = timedelta(seconds=5)
"""How long a seat that came free stays held while customers wait for seats of its show. Offers are
made every second; what they leave is for everyone."""


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
    """The hold that a seat carries, which may have expired; ``id`` is None once it was freed.

    ``customer`` is None then, and where the hold itself was purged.
    """

    id: HoldId | None
    customer: AccountId | None
    until: datetime


@dataclass(frozen=True, slots=True)
class ShowSeat:
    """A seat of a show, with the booking that owns it and the hold that it carries, if any.

    The staff or the plan may have blocked it. A booking counts before all else. A seat that came
    free is ``kept`` for so long after its hold.
    """

    seat: Seat
    booking_id: BookingId | None = None
    hold: SeatHold | None = None
    is_blocked: bool = False
    kept: timedelta = timedelta(0)

    @property
    def is_taken(self) -> bool:
        """Whether the seat is sold or blocked, so that waiting for it is in vain."""
        return self.booking_id is not None or self.is_blocked

    def is_held(self, now: datetime) -> bool:
        """Return whether a live hold keeps the seat, or it is kept for the waiting list.

        One that came free long after ``now`` is not: a clock was set back.
        """
        if self.hold is None or self.is_taken:
            return False
        return self.is_live_held(now) or abs(now - self.hold.until) < self.kept

    def is_live_held(self, now: datetime) -> bool:
        """Return whether a live hold keeps the seat: an expired one counts for nothing."""
        if self.hold is None or self.hold.id is None or self.is_taken:
            return False
        return now < self.hold.until

    def is_free(self, now: datetime) -> bool:
        return not (self.is_taken or self.is_held(now))

    def can_be_offered(self, now: datetime) -> bool:
        """Return whether the waiting list may have the seat: it is free, or kept for that."""
        return not (self.is_taken or self.is_live_held(now))


def kept_time(show: Show) -> timedelta:
    """Return how long a seat of the show is kept after it came free."""
    return KEPT_FOR_WAITING_LIST if show.has_waiting else timedelta(0)


class Room(Protocol):
    """The whole show, read only where a rule needs it: that takes longer than a sale."""

    def is_full(self) -> bool:
        """Return whether every seat is sold or blocked."""

    @property
    def free(self) -> Set[SeatNumber]:
        """The free seats."""

    @property
    def held(self) -> Set[SeatNumber]:
        """The seats in live holds, and those kept for the waiting list."""

    def owned_by(self, customer: AccountId) -> Collection[SeatNumber]:
        """Return the seats of the customer's active bookings and live holds."""


def sell(
    show: Show,
    seats: Sequence[ShowSeat],
    customer: AccountId,
    *,
    owned: int,
    room: Room,
    now: datetime,
    policy: SalesPolicy,
    is_staff: bool = False,
) -> Booking:
    """Return the booking of all ``seats``, which the caller has locked.

    ``owned`` is how many seats of the show the customer has already, in bookings and live holds;
    staff may have any number.
    Raises, in this order, SalesClosed, ShowFull, SeatTaken, SeatHeld, CompanionSeat, SeatLimit.
    """
    require_on_sale(show, now, policy)
    own = live_holds_of(customer, seats, now)
    require_free(seats, room, now, own=own, customer=customer)
    require_spaces(show, seats, customer, room)
    if not is_staff:
        require_within_limit(owned, sum(not seat.is_held(now) for seat in seats), policy)
    return booking_of(show, seats, customer, now)


def booking_of(
    show: Show, seats: Sequence[ShowSeat], customer: AccountId, now: datetime
) -> Booking:
    chosen = tuple(seat.seat for seat in seats)
    return Booking(show=show, customer=customer, seats=chosen, created_at=now)


def live_holds_of(customer: AccountId, seats: Sequence[ShowSeat], now: datetime) -> set[HoldId]:
    """Return the customer's live holds that keep any of the seats."""
    return {
        seat.hold.id
        for seat in seats
        if seat.hold
        and seat.hold.id is not None
        and seat.hold.customer == customer
        and seat.is_live_held(now)
    }


def require_on_sale(show: Show, now: datetime, policy: SalesPolicy) -> None:
    """Raise SalesClosed once the sales of the show have ended."""
    if show.cancelled_at is not None:
        raise SalesClosed("This show was cancelled.")
    if show.sales_ended(now, policy.grace):
        raise SalesClosed()


def require_free(
    seats: Sequence[ShowSeat],
    room: Room,
    now: datetime,
    *,
    own: Container[HoldId] = (),
    customer: AccountId,
) -> None:
    """Raise ShowFull, SeatTaken or SeatHeld for seats that are neither free nor in ``own`` holds.

    Each names the seats; SeatHeld names another hold of the customer that has any of them.
    """
    if taken := [seat.seat.label for seat in seats if seat.is_taken]:
        raise ShowFull() if room.is_full() else SeatTaken(seats=taken)
    held = [seat for seat in seats if seat.is_held(now) and not _is_in(seat, own)]
    if held:
        raise seats_held(held, min(live_holds_of(customer, held, now), default=None))


def _is_in(seat: ShowSeat, holds: Container[HoldId]) -> bool:
    return seat.hold is not None and seat.hold.id in holds


def seats_held(seats: Sequence[ShowSeat], own: HoldId | None = None) -> SeatHeld:
    """Return the refusal of held seats; ``own`` is the customer's hold of any of them."""
    until = max(seat.hold.until + seat.kept for seat in seats if seat.hold)
    return SeatHeld([seat.seat.label for seat in seats], until, own)


def require_spaces(
    show: Show,
    seats: Sequence[ShowSeat],
    customer: AccountId,
    room: Room,
    *,
    given_up: Collection[SeatNumber] = (),
) -> None:
    """Raise CompanionSeat for companion seats without a wheelchair space that they go with.

    The customer may own the space already, unless it is ``given_up`` now.
    """
    if not any(seat.seat.companion_of for seat in seats):
        return
    chosen = [seat.seat.number for seat in seats]
    owned = {*room.owned_by(customer)} - {*given_up}
    kept = kept_seats(show.plan, room.free, room.held)
    require_wheelchair_spaces(show.plan, chosen, owned, kept)


def require_within_limit(owned: int, more: int, policy: SalesPolicy) -> None:
    """Raise SeatLimit where the account may not have so many ``more`` seats of the show."""
    if policy.per_account and more and owned + more > policy.per_account:
        raise SeatLimit(limit=policy.per_account, held=owned)
