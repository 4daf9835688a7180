"""A show: a movie on a screen at a time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from ticketing.domain.accounts.account import Account
from ticketing.domain.errors import refuse_faults
from ticketing.domain.programme.errors import ShowCancelled
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.times import moment_fault

ShowId = NewType("ShowId", int)


class ShowStatus(StrEnum):
    ON_SALE = "ON_SALE"
    SOLD_OUT = "SOLD_OUT"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class OrphanRule(StrEnum):
    """What a show does about choices that leave a single seat alone."""

    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A movie on a screen at a time, with the seat plan that it was created with.

    ``id`` is 0 until the store assigns one. No list contains a ``rehearsal`` show, and only the
    rehearsal's own customers can buy its seats. ``has_waiting`` is whether customers wait for its
    seats.
    """

    id: ShowId = ShowId(0)
    movie: Movie
    screen: Screen
    starts_at: datetime
    plan: SeatPlan
    cancelled_at: datetime | None = None
    rehearsal: bool = False
    orphan_rule: OrphanRule = OrphanRule.OFF
    has_waiting: bool = False

    @classmethod
    def new(
        cls, movie: Movie, screen: Screen, starts_at: datetime, plan: SeatPlan | None = None
    ) -> "Show":
        """Return a show with the screen's plan, or its own. Raises InvalidFields."""
        refuse_faults(starts_at=moment_fault(starts_at))
        return cls(movie=movie, screen=screen, starts_at=starts_at, plan=plan or screen.plan)

    def is_open_to(self, account: Account) -> bool:
        """Return whether the account may buy: a rehearsal sells to its own customers only."""
        return not self.rehearsal or account.is_rehearsal

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.movie.duration_minutes)

    def overlaps(self, other: "Show", cleaning: timedelta) -> bool:
        """Return whether both need the screen at once, including ``cleaning`` after each.

        A cancelled ``other`` does not need it.
        """
        return (
            self.screen.id == other.screen.id
            and other.cancelled_at is None
            and self.starts_at < other.ends_at + cleaning
            and other.starts_at < self.ends_at + cleaning
        )

    def sales_end(self, grace: timedelta) -> datetime:
        """Return when sales end, unless the show is cancelled: ``grace`` after the start."""
        return self.starts_at + grace

    def sales_ended(self, now: datetime, grace: timedelta) -> bool:
        return self.cancelled_at is not None or now >= self.sales_end(grace)

    def status(self, *, available: int, now: datetime, grace: timedelta) -> ShowStatus:
        """Return the status for customers while ``available`` seats are free, or held."""
        if self.cancelled_at is not None:
            return ShowStatus.CANCELLED
        if self.sales_ended(now, grace):
            return ShowStatus.CLOSED
        return ShowStatus.ON_SALE if available else ShowStatus.SOLD_OUT

    def rescheduled(
        self, *, movie: Movie, screen: Screen, starts_at: datetime, plan: SeatPlan
    ) -> "Show":
        """Return this show with another movie, screen, time or plan.

        Raises ShowCancelled and InvalidFields.
        """
        moved = replace(self, movie=movie, screen=screen, starts_at=starts_at, plan=plan)
        if moved == self:
            return self
        if self.cancelled_at is not None:
            raise ShowCancelled()
        refuse_faults(starts_at=moment_fault(starts_at))
        return moved

    def cancelled(self, at: datetime) -> "Show":
        """Return this show, cancelled; a cancelled show is returned unchanged."""
        return self if self.cancelled_at is not None else replace(self, cancelled_at=at)
