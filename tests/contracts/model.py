"""A model of the box office in plain dictionaries: its results and its refusals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    IdempotencyKeyReused,
    SalesClosed,
    SeatTaken,
    ShowFull,
    ShowStarted,
)
from ticketing.domain.sales.idempotency import RETENTION
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

Refusals = tuple[type[DomainError], ...]
"""The errors that are accepted. If there is none, the request must succeed."""

ALLOWED: Refusals = ()


@dataclass
class ModelShow:
    total: int
    starts_at: datetime
    is_cancelled: bool = False
    sold: dict[int, BookingId] = field(default_factory=dict)
    was_full: bool = False
    was_booked: bool = False

    def status(self, now: datetime) -> ShowStatus:
        if self.is_cancelled:
            return ShowStatus.CANCELLED
        if now >= self.starts_at + SALES_GRACE:
            return ShowStatus.CLOSED
        return ShowStatus.SOLD_OUT if len(self.sold) == self.total else ShowStatus.ON_SALE


@dataclass
class ModelBooking:
    show_id: ShowId
    customer: AccountId
    numbers: Sequence[int]
    reference: str
    cancelled_at: datetime | None = None


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
        self._answers: dict[tuple[Any, ...], tuple[str, str, datetime]] = {}

    # --- expected refusals

    def refuses_booking(self, show_id: ShowId, numbers: Sequence[int | None]) -> Refusals:
        show = self.shows.get(show_id)
        if show is None:
            return (ShowNotFound,)
        if not 1 <= len(numbers) <= MAX_SEATS_PER_BOOKING:
            return (InvalidFields,)
        if any(number is None or number > show.total for number in numbers):
            return (UnknownSeat,)
        if len(set(numbers)) < len(numbers):
            return (SeatNamedTwice,)
        if show.is_cancelled or self._now() >= show.starts_at + SALES_GRACE:
            return (SalesClosed,)
        if show.sold.keys() & set(numbers):
            return (SeatTaken, ShowFull) if show.was_full else (SeatTaken,)
        return ALLOWED

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

    # --- changes

    def booked(self, booking_id: BookingId, booking: ModelBooking) -> None:
        show = self.shows[booking.show_id]
        self.bookings[booking_id] = booking
        show.sold |= dict.fromkeys(booking.numbers, booking_id)
        show.was_booked = True
        show.was_full |= len(show.sold) == show.total

    def cancelled(self, booking_id: BookingId) -> None:
        booking = self.bookings[booking_id]
        if booking.cancelled_at is None:
            booking.cancelled_at = self._now()
            for number in booking.numbers:
                del self.shows[booking.show_id].sold[number]

    def show_cancelled(self, show_id: ShowId) -> None:
        self.shows[show_id].is_cancelled = True
        for booking_id, booking in self.bookings.items():
            if booking.show_id == show_id:
                self.cancelled(booking_id)

    def keep(self, request: KeyedRequest, answer: str) -> None:
        if request.key is not None:
            self._answers[request.scope, request.key] = request.about, answer, self._now()

    def purge_answers(self) -> None:
        before = self._now() - RETENTION
        kept = {key: value for key, value in self._answers.items() if value[2] >= before}
        self._answers = kept
