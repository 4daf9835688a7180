"""Where shows, their seats and bookings are kept, and how they are locked.

Lock order everywhere: the idempotency key, the customer in the show, the show row (show changes
only), then its seats by ascending number; a screen after the shows that are to be moved to it.
A sale locks only the seats that it sells, so that customers of one show do not wait for each
other; whoever changes a show locks it and all of its seats.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.audit.ports import AuditedWork
from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.idempotency import IdempotencyKeys
from ticketing.domain.sales.selling import ShowSeat


class LockedSeats(NamedTuple):
    """Seats of a show, ascending, and how many of it their buyer has already (0 without one)."""

    show: Show
    seats: list[ShowSeat]
    owned: int


class Seats(Protocol):
    """The seats of shows, and their locks."""

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        """The show's seat plan, unlocked; unless ``current``, as it is remembered.

        Raises ShowNotFound.
        """

    def lock(
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

    def is_full(self, show_id: ShowId) -> bool:
        """Whether no seat is free, by a count that may be a second old."""


class Bookings(Protocol):
    """What was sold."""

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


class Buyers(Protocol):
    """The accounts that buy."""

    def get(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""


class SalesWork(AuditedWork, Protocol):
    """The slice of the store that a sale or a cancellation changes."""

    @property
    def seats(self) -> Seats: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> Buyers: ...
