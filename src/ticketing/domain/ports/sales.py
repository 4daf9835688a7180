"""Where shows, their seats and bookings are kept, and how they are locked.

Lock order everywhere: the idempotency key, the customer in the show, the show row (show changes
only), then its seats by ascending number; a screen after the shows that are to be moved to it.
A sale locks only the seats that it sells, so that customers of one show do not wait for each
other; whoever changes a show locks it and all of its seats.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ticketing.domain.account import AccountId
from ticketing.domain.booking import Booking, BookingId
from ticketing.domain.movie import MovieId
from ticketing.domain.screen import ScreenId
from ticketing.domain.seating import SeatNumber, SeatPlan
from ticketing.domain.show import Show, ShowId, ShowSeat


class LockedSeats(NamedTuple):
    """Seats of a show, ascending, and how many of it their buyer has already (0 without one)."""

    show: Show
    seats: list[ShowSeat]
    owned: int


class Shows(Protocol):
    """The programme's shows, each with one row a seat."""

    def add(self, show: Show) -> Show:
        """Keep a new show and all of its seats, free; answers it with its id."""

    def get(self, show_id: ShowId) -> Show:
        """The show as it stands, unlocked. Raises ShowNotFound."""

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        """The show's seat plan, unlocked; unless ``current``, as it is remembered.

        Raises ShowNotFound.
        """

    def lock_seats(
        self,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        plan: SeatPlan,
        buyer: AccountId | None = None,
    ) -> LockedSeats:
        """Hold those seats, ascending, then read the show; both as they are once held.

        With a ``buyer``, nobody else who buys for that account is in between before this one is
        done: so no two of them count the same seats. Raises ShowNotFound, and Busy where the show
        no longer has the ``plan`` by which the numbers were found: look it up again.
        """

    def lock(self, show_id: ShowId) -> Show:
        """Hold the show and all of its seats for changing it. Raises ShowNotFound."""

    def is_full(self, show_id: ShowId) -> bool:
        """Whether no seat is free, by a count that may be a second old."""

    def of_movie(self, movie_id: MovieId) -> list[ShowId]:
        """The shows of a movie, ascending."""

    def rehearsals(self) -> list[ShowId]:
        """The shows that are marked for rehearsal, ascending."""

    def on_screen(
        self, screen_id: ScreenId, starts_from: datetime, starts_before: datetime
    ) -> list[Show]:
        """The shows on that screen that start in that time, soonest first.

        Also those that are cancelled, but no rehearsals.
        """

    def save(self, show: Show) -> None:
        """Keep a changed show, which is locked; another plan makes its seats anew."""

    def remove(self, show_id: ShowId) -> None:
        """Forget a show that is locked and has no bookings, with its seats."""


class Bookings(Protocol):
    """What was sold. Bookings are never deleted, those of rehearsals aside."""

    def add(self, booking: Booking) -> Booking:
        """Keep a new booking and write it on its seats, which are locked and free.

        Answers it with its id.
        """

    def get(self, booking_id: BookingId) -> Booking:
        """The booking as it stands, unlocked. Raises BookingNotFound."""

    def lock(self, booking_id: BookingId) -> Booking:
        """The booking as it is once its seats are held. Raises BookingNotFound."""

    def cancel(self, booking: Booking) -> None:
        """Keep that it is cancelled, and free those of its seats that are still its own."""

    def cancel_all(self, show_id: ShowId, at: datetime) -> None:
        """Cancel every booking of a show that is locked, and free all of its seats."""

    def any_of_show(self, show_id: ShowId) -> bool:
        """Whether the show was ever booked."""

    def of_show(self, show_id: ShowId) -> list[Booking]:
        """Every booking of a show, the oldest first."""

    def forget(self, show_id: ShowId) -> int:
        """Drop bookings of a show that is locked, free their seats, and drop what was answered.

        Not all of them at once; answers how many, 0 when none is left.
        """
