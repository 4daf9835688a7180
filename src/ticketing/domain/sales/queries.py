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


class SeatStatus(StrEnum):
    """What a seat of a show is to the public; ``BLOCKED`` is out of order or kept back."""

    AVAILABLE = "AVAILABLE"
    HELD = "HELD"
    BOOKED = "BOOKED"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class SeatMap:
    """A show's seat plan, and the numbers of the seats that are not free."""

    show_id: ShowId
    plan: SeatPlan
    booked: Collection[SeatNumber]


class SalesQueries(Protocol):
    """The seat map and a customer's own bookings are always current.

    Every list has a total order. Raises Busy when the store does not answer.
    """

    def seat_map(self, show_id: ShowId) -> SeatMap:
        """Return the seat map with every sale confirmed before the call. Raises ShowNotFound."""

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
