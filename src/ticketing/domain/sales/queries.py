"""Queries of seats and bookings; they take no locks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.domain.sales.hold import Hold, HoldId, TimedHold

MAX_LISTED_HOLDS = 250
"""More than an account can have active at a time, with the rate limit and the default settings."""


class SeatStatus(StrEnum):
    """What a seat of a show is to the public; ``BLOCKED`` is out of order or kept back."""

    AVAILABLE = "AVAILABLE"
    HELD = "HELD"
    BOOKED = "BOOKED"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class SeatMap:
    """A show's seat plan, and the numbers of the seats that are not free: each in one collection.

    ``held`` are those that live holds keep, by the store's clock.
    """

    show_id: ShowId
    plan: SeatPlan
    booked: Collection[SeatNumber]
    held: Collection[SeatNumber] = frozenset()
    blocked: Collection[SeatNumber] = frozenset()


class SalesQueries(Protocol):
    """Seat maps, holds, and a customer's own bookings are always current.

    Every list has a total order. Raises Busy when the store does not answer.
    """

    def seat_map(self, show_id: ShowId) -> SeatMap:
        """Return the seat map with every sale confirmed before the call. Raises ShowNotFound."""

    def mine(self, show_id: ShowId, customer: AccountId) -> frozenset[SeatNumber]:
        """Return the seats of the show that the customer holds or has booked."""

    def hold(self, hold_id: HoldId) -> TimedHold:
        """Return a hold in whatever state. Raises HoldNotFound."""

    def holds_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedHold]:
        """Return a customer's holds, newest first; those of one show, if it is given.

        They are the active ones, and expired ones whose seats no one else has taken. Those behind
        ``MAX_LISTED_HOLDS`` that were neither booked nor released are left out.
        """

    def holds_after(self, customer: AccountId, last: Hold | None, limit: int) -> list[TimedHold]:
        """Return a customer's holds in whatever state, those made after ``last``, oldest first."""

    def live_holds(self) -> int:
        """Return the number of active holds of all shows, without rehearsals."""

    def holds_of_show(self, show_id: ShowId, window: Window) -> Page[TimedHold]:
        """Return the active holds of a show, newest first."""

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        """Return a customer's bookings, newest first."""

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        """Return a customer's bookings with ids above ``last``, oldest first."""

    def booking(self, booking_id: BookingId, show_id: ShowId | None = None) -> Booking:
        """Return a booking, which is of that show if one is given. Raises BookingNotFound.

        Where shows are spread over nodes, only a query with the show reads a single node.
        """

    def bookings_by_reference(self, reference: str) -> Sequence[Booking]:
        """Return the bookings with that reference, newest first; it is unique only within a show.

        For the staff: it scans the bookings of every show.
        """

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        """Return a show's bookings, newest first; those cancelled before the show come last."""

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        """Return the sold seats of a show, ascending, each with its booking."""
