"""A show: a movie on a screen at a time. It decides what may be sold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from ticketing.domain.account import AccountId
from ticketing.domain.booking import Booking, BookingId
from ticketing.domain.errors import SalesClosed, SeatTaken, ShowCancelled, refuse_faults
from ticketing.domain.movie import Movie
from ticketing.domain.screen import Screen
from ticketing.domain.seating import Seat, SeatPlan
from ticketing.domain.times import moment_fault

ShowId = NewType("ShowId", int)


class ShowStatus(StrEnum):
    ON_SALE = "ON_SALE"
    SOLD_OUT = "SOLD_OUT"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class ShowSeat:
    """A seat of a show, with the booking that it is sold to, if any."""

    seat: Seat
    booking_id: BookingId | None = None

    @property
    def is_free(self) -> bool:
        return self.booking_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A movie on a screen at a time, with the seat plan that it was made with.

    ``id`` is 0 until the store has given one. A show for ``rehearsal`` stands in no list, and only
    a rehearsal's customers are sold its seats.
    """

    id: ShowId = ShowId(0)
    movie: Movie
    screen: Screen
    starts_at: datetime
    plan: SeatPlan
    cancelled_at: datetime | None = None
    rehearsal: bool = False

    @classmethod
    def new(
        cls, movie: Movie, screen: Screen, starts_at: datetime, plan: SeatPlan | None = None
    ) -> "Show":
        """A show with the screen's plan, or one of its own. Raises InvalidFields."""
        refuse_faults(starts_at=moment_fault(starts_at))
        return cls(movie=movie, screen=screen, starts_at=starts_at, plan=plan or screen.plan)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.movie.duration_minutes)

    def overlaps(self, other: "Show", cleaning: timedelta) -> bool:
        """Whether both cannot be: a screen is free ``cleaning`` after the end of what it shows.

        ``other`` is in nobody's way once it is called off.
        """
        return (
            self.screen.id == other.screen.id
            and other.cancelled_at is None
            and self.starts_at < other.ends_at + cleaning
            and other.starts_at < self.ends_at + cleaning
        )

    def sales_ended(self, now: datetime, grace: timedelta) -> bool:
        """Sales end ``grace`` after the start, or when the show is cancelled."""
        return self.cancelled_at is not None or now >= self.starts_at + grace

    def status(self, *, available: int, now: datetime, grace: timedelta) -> ShowStatus:
        """What a customer may expect of this show while ``available`` seats are free."""
        if self.cancelled_at is not None:
            return ShowStatus.CANCELLED
        if self.sales_ended(now, grace):
            return ShowStatus.CLOSED
        return ShowStatus.ON_SALE if available else ShowStatus.SOLD_OUT

    def book(
        self, seats: Sequence[ShowSeat], customer: AccountId, *, now: datetime, grace: timedelta
    ) -> Booking:
        """Sell all of ``seats``, which the caller holds locked, or none of them.

        Raises SalesClosed, and SeatTaken naming those that are gone.
        """
        if self.cancelled_at is not None:
            raise SalesClosed("This show was cancelled.")
        if self.sales_ended(now, grace):
            raise SalesClosed()
        if taken := [sold.seat.label for sold in seats if not sold.is_free]:
            raise SeatTaken(seats=taken)
        return Booking(
            show=self, customer=customer, seats=tuple(free.seat for free in seats), created_at=now
        )

    def rescheduled(
        self, *, movie: Movie, screen: Screen, starts_at: datetime, plan: SeatPlan
    ) -> "Show":
        """This show as another movie, screen, time or plan has it.

        Raises ShowCancelled, for what does not take place cannot be moved, and InvalidFields.
        """
        moved = replace(self, movie=movie, screen=screen, starts_at=starts_at, plan=plan)
        if moved == self:
            return self
        if self.cancelled_at is not None:
            raise ShowCancelled()
        refuse_faults(starts_at=moment_fault(starts_at))
        return moved

    def cancelled(self, at: datetime) -> "Show":
        """This show called off; once is enough."""
        return self if self.cancelled_at is not None else replace(self, cancelled_at=at)
