"""Reading seats and bookings: changes nothing, locks nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus


@dataclass(frozen=True, slots=True)
class SeatMap:
    """A show's room: ``booked`` are the numbers of the seats that are sold."""

    show_id: ShowId
    plan: SeatPlan
    booked: Collection[SeatNumber]


class SalesQueries(Protocol):
    """The seat map and a customer's own bookings are always current.

    Every list has a total order. Raises Busy when the store does not answer.
    """

    def seat_map(self, show_id: ShowId) -> SeatMap:
        """Contains every sale confirmed before the call. Raises ShowNotFound."""

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        """A customer's bookings, newest first."""

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        """A customer's bookings, oldest first, from the one after ``last`` on."""

    def booking(self, booking_id: BookingId) -> Booking:
        """Raises BookingNotFound."""

    def bookings_by_reference(self, reference: str) -> Sequence[Booking]:
        """The bookings of that reference, which is unique within a show only; the newest first.

        Looks through every show's, so it is for the staff.
        """

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        """A show's bookings, newest first; of one that was called off, first those that stood."""

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        """The seats of a show that are sold, by number, each with the booking that has it."""
