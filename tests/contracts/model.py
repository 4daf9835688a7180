"""A model of the box office in plain dictionaries: its results and its refusals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.builders import SALES_GRACE
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import DomainError, Forbidden, InvalidFields
from ticketing.domain.programme.errors import (
    SeatNamedTwice,
    ShowCancelled,
    ShowHasBookings,
    ShowNotFound,
    UnknownSeat,
)
from ticketing.domain.programme.show import ShowId, ShowStatus
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.errors import (
    BookingNotFound,
    HoldAtLimit,
    HoldBooked,
    HoldExpired,
    HoldLost,
    HoldNotFound,
    HoldReleased,
    IdempotencyKeyReused,
    SalesClosed,
    SeatHeld,
    SeatTaken,
    ShowFull,
    ShowStarted,
)
from ticketing.domain.sales.hold import HoldId
from ticketing.domain.sales.idempotency import RETENTION
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

Refusals = tuple[type[DomainError], ...]
"""The errors that are accepted. If there is none, the request must succeed."""

ALLOWED: Refusals = ()
INVALID = (InvalidFields, UnknownSeat, SeatNamedTwice)

HOLD, MAX_HOLD = timedelta(minutes=10), timedelta(minutes=30)


@dataclass
class ModelShow:
    total: int
    starts_at: datetime
    is_cancelled: bool = False
    sold: dict[int, BookingId] = field(default_factory=dict)
    carried: dict[int, HoldId] = field(default_factory=dict)
    """The hold that each seat carries; it may have expired."""
    blocked: set[int] = field(default_factory=set)
    was_full: bool = False
    was_booked: bool = False

    @property
    def taken(self) -> set[int]:
        return self.sold.keys() | self.blocked

    @property
    def sales_end(self) -> datetime:
        return self.starts_at + SALES_GRACE

    def status(self, now: datetime) -> ShowStatus:
        if self.is_cancelled:
            return ShowStatus.CANCELLED
        if now >= self.sales_end:
            return ShowStatus.CLOSED
        return ShowStatus.SOLD_OUT if len(self.taken) == self.total else ShowStatus.ON_SALE


@dataclass
class ModelBooking:
    show_id: ShowId
    customer: AccountId
    numbers: Sequence[int]
    reference: str
    cancelled_at: datetime | None = None


@dataclass
class ModelHold:
    show_id: ShowId
    customer: AccountId
    numbers: Sequence[int]
    expires_at: datetime
    limit: datetime
    released_at: datetime | None = None
    booking_id: BookingId | None = None

    def is_live(self, now: datetime) -> bool:
        return self.booking_id is None and self.released_at is None and now < self.expires_at

    def unbooked_end(self, now: datetime) -> datetime | None:
        if self.booking_id is not None or self.is_live(now):
            return None
        return min(self.expires_at, self.released_at or self.expires_at)


@dataclass(frozen=True)
class KeyedRequest:
    """A request as its client sent it. ``about`` distinguishes it from other requests with the
    same key; ``scope`` is the account, object and operation of the key."""

    scope: tuple[Any, ...]
    key: str | None
    about: str


class Model:
    """``now`` returns the time. Ids of removed entities are not reused."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.shows: dict[ShowId, ModelShow] = {}
        self.bookings: dict[BookingId, ModelBooking] = {}
        self.holds: dict[HoldId, ModelHold] = {}
        self._answers: dict[tuple[Any, ...], tuple[str, str, datetime]] = {}

    # --- expected refusals

    def refuses_booking(
        self, show_id: ShowId, numbers: Sequence[int | None], customer: AccountId
    ) -> Refusals:
        own = {id_ for id_, hold in self.holds.items() if hold.customer == customer}
        return self._refuses_seats(show_id, numbers, own)

    def refuses_hold(
        self, show_id: ShowId, numbers: Sequence[int | None], customer: AccountId
    ) -> Refusals:
        refusals = self._refuses_seats(show_id, numbers, set())
        if refusals or self.hold_limit(show_id, customer) > self._now():
            return refusals
        return (HoldAtLimit,)

    def refuses_change(
        self, hold_id: HoldId, numbers: Sequence[int | None], customer: AccountId
    ) -> Refusals:
        hold = self.holds.get(hold_id)
        if hold is None:
            return (HoldNotFound,)
        if hold.customer != customer:
            return (Forbidden,)
        refusals = self._refuses_seats(hold.show_id, numbers, {hold_id})
        if not set(refusals).isdisjoint(INVALID):
            return refusals
        return self._refuses_ended(hold, ()) or refusals

    def refuses_extension(self, hold_id: HoldId, customer: AccountId) -> Refusals:
        hold = self.holds.get(hold_id)
        if hold is None:
            return (HoldNotFound,)
        if hold.customer != customer:
            return (Forbidden,)
        at_limit = (HoldAtLimit,) if hold.expires_at == hold.limit else ALLOWED
        return self._refuses_ended(hold, at_limit)

    def refuses_release(self, hold_id: HoldId, customer: AccountId) -> Refusals:
        hold = self.holds.get(hold_id)
        if hold is None:
            return (HoldNotFound,)
        if hold.customer != customer:
            return (Forbidden,)
        return (HoldBooked,) if hold.booking_id is not None else ALLOWED

    def refuses_booking_of_hold(self, hold_id: HoldId, customer: AccountId) -> Refusals:
        hold = self.holds.get(hold_id)
        if hold is None:
            return (HoldNotFound,)
        if hold.customer != customer:
            return (Forbidden,)
        if hold.booking_id is not None or hold.released_at is not None:
            return self._refuses_ended(hold, ())
        show = self.shows[hold.show_id]
        if self._now() >= show.sales_end:
            return (SalesClosed,)
        if any(show.carried.get(number) != hold_id for number in hold.numbers):
            return (HoldLost,)
        return ALLOWED

    def _refuses_ended(self, hold: ModelHold, active: Refusals) -> Refusals:
        if hold.booking_id is not None:
            return (HoldBooked,)
        if hold.released_at is not None:
            return (HoldReleased,)
        return active if hold.is_live(self._now()) else (HoldExpired,)

    def refuses_blocking(self, show_id: ShowId, numbers: Sequence[int]) -> Refusals:
        show = self.shows.get(show_id)
        if show is None:
            return (ShowNotFound,)
        if any(number > show.total for number in numbers):
            return (UnknownSeat,)
        if show.sold.keys() & set(numbers):
            return (SeatTaken,)
        return (SeatHeld,) if self.held(show_id) & set(numbers) else ALLOWED

    def _refuses_seats(
        self, show_id: ShowId, numbers: Sequence[int | None], own: set[HoldId]
    ) -> Refusals:
        show = self.shows.get(show_id)
        if show is None:
            return (ShowNotFound,)
        if not 1 <= len(numbers) <= MAX_SEATS_PER_BOOKING:
            return (InvalidFields,)
        if any(number is None or number > show.total for number in numbers):
            return (UnknownSeat,)
        if len(set(numbers)) < len(numbers):
            return (SeatNamedTwice,)
        if show.is_cancelled or self._now() >= show.sales_end:
            return (SalesClosed,)
        if show.taken & set(numbers):
            return (SeatTaken, ShowFull) if show.was_full else (SeatTaken,)
        held = self.held(show_id) & set(numbers)
        return (SeatHeld,) if any(show.carried[number] not in own for number in held) else ALLOWED

    def refuses_cancellation(self, booking_id: BookingId, customer: AccountId) -> Refusals:
        booking = self.bookings.get(booking_id)
        if booking is None:
            return (BookingNotFound,)
        if booking.customer != customer:
            return (Forbidden,)
        started = self._now() >= self.shows[booking.show_id].starts_at
        return (ShowStarted,) if started and booking.cancelled_at is None else ALLOWED

    def refuses_move(self, show_id: ShowId, **to: Any) -> Refusals:
        show = self.shows.get(show_id)
        if show is None:
            return (ShowNotFound,)
        if all(getattr(show, name) == value for name, value in to.items()):
            return ALLOWED
        if show.is_cancelled:
            return (ShowCancelled,)
        return (ShowHasBookings,) if show.was_booked else ALLOWED

    def refuses_removal(self, show_id: ShowId) -> Refusals:
        if show_id not in self.shows:
            return (ShowNotFound,)
        return (ShowHasBookings,) if self.shows[show_id].was_booked else ALLOWED

    def refuses_key(self, request: KeyedRequest) -> Refusals:
        about, _, _ = self._answers.get(
            (request.scope, request.key), (request.about, "", self._now())
        )
        return ALLOWED if about == request.about else (IdempotencyKeyReused,)

    def answered(self, request: KeyedRequest) -> str | None:
        """Return the answer to the first request with this key, if there was one."""
        about, answer, _ = self._answers.get((request.scope, request.key), ("", None, None))
        return answer if about == request.about else None

    # --- holds

    def held(self, show_id: ShowId) -> set[int]:
        """Return the seats that live holds keep."""
        carried = self.shows[show_id].carried
        return {number for number, id_ in carried.items() if self.holds[id_].is_live(self._now())}

    def hold_limit(self, show_id: ShowId, customer: AccountId) -> datetime:
        """Return until when a new hold of the customer may last."""
        now = self._now()
        limit = min(now + MAX_HOLD, self.shows[show_id].sales_end)
        theirs = [
            hold
            for hold in self.holds.values()
            if (hold.show_id, hold.customer) == (show_id, customer)
        ]
        ended = theirs[-1].unbooked_end(now) if theirs else None
        return min(limit, theirs[-1].limit) if ended and now < ended + HOLD else limit

    def hold_taken(self, hold_id: HoldId, hold: ModelHold) -> None:
        self.holds[hold_id] = hold
        self.shows[hold.show_id].carried |= dict.fromkeys(hold.numbers, hold_id)

    def hold_changed(self, hold_id: HoldId, numbers: Sequence[int]) -> None:
        hold = self.holds[hold_id]
        hold.numbers = numbers
        self._freed(hold_id)
        self.hold_taken(hold_id, hold)

    def hold_released(self, hold_id: HoldId) -> None:
        hold = self.holds[hold_id]
        hold.released_at = hold.released_at or self._now()
        self._freed(hold_id)

    def _freed(self, hold_id: HoldId) -> None:
        show = self.shows[self.holds[hold_id].show_id]
        show.carried = {number: id_ for number, id_ in show.carried.items() if id_ != hold_id}

    def blocked(self, show_id: ShowId, numbers: Sequence[int]) -> None:
        show = self.shows[show_id]
        for number in show.blocked ^ set(numbers):
            show.carried.pop(number, None)
        show.blocked = set(numbers)
        show.was_full |= len(show.taken) == show.total

    def show_changed(self, show_id: ShowId) -> None:
        """The show was moved, rebuilt or cancelled: its holds end."""
        for hold_id, hold in self.holds.items():
            if hold.show_id == show_id and hold.booking_id is None:
                self.hold_released(hold_id)

    # --- changes

    def booked(self, booking_id: BookingId, booking: ModelBooking) -> None:
        """The seats leave the live holds of the customer, and are lost to expired ones."""
        show = self.shows[booking.show_id]
        self.bookings[booking_id] = booking
        for hold_id in {
            show.carried[number] for number in booking.numbers if number in show.carried
        }:
            hold = self.holds[hold_id]
            rest = [number for number in hold.numbers if number not in booking.numbers]
            if hold.is_live(self._now()) and rest:
                hold.numbers = rest
            elif hold.is_live(self._now()):
                hold.booking_id = booking_id
        show.sold |= dict.fromkeys(booking.numbers, booking_id)
        show.was_booked = True
        show.was_full |= len(show.taken) == show.total

    def cancelled(self, booking_id: BookingId) -> None:
        booking = self.bookings[booking_id]
        if booking.cancelled_at is None:
            booking.cancelled_at = self._now()
            for number in booking.numbers:
                del self.shows[booking.show_id].sold[number]

    def show_cancelled(self, show_id: ShowId) -> None:
        if not self.shows[show_id].is_cancelled:
            self.show_changed(show_id)
        self.shows[show_id].is_cancelled = True
        for booking_id, booking in self.bookings.items():
            if booking.show_id == show_id:
                self.cancelled(booking_id)

    def show_removed(self, show_id: ShowId) -> None:
        del self.shows[show_id]
        self.holds = {id_: hold for id_, hold in self.holds.items() if hold.show_id != show_id}

    def keep(self, request: KeyedRequest, answer: str) -> None:
        if request.key is not None:
            self._answers[request.scope, request.key] = request.about, answer, self._now()

    def purge_answers(self) -> None:
        before = self._now() - RETENTION
        kept = {key: value for key, value in self._answers.items() if value[2] >= before}
        self._answers = kept
