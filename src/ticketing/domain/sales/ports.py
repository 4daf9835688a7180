"""The stores of seats, bookings and holds, and how they are locked.

Lock order everywhere: the idempotency key, the customer in the show, the show row (show changes
and pickers), then its seats by ascending number; a screen after the show that moves to it. A sale
locks only the seats that it sells, so customers of one show do not wait for each other. A show
change locks the show and all of its seats.

A hold is changed only under the lock of its owner in the show and of its seats, or by a show
change. The rows of holds are locked by nothing else, so no transaction waits for one.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.audit import AuditedWork
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold, HoldId
from ticketing.domain.sales.idempotency import IdempotencyKeys
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.unit_of_work import Outcome


class SeatRequest(NamedTuple):
    """Seats of a show to lock, at least one, and the ``plan`` in which their numbers were found.

    With a ``buyer``, other sales of the show to that account wait until the transaction ends, so
    that the number of seats that they own is exact.
    """

    show_id: ShowId
    numbers: Sequence[SeatNumber]
    plan: SeatPlan
    buyer: AccountId | None = None


class LockedSeats(NamedTuple):
    """Seats of a show, ascending, and how many the buyer owns already (0 without a buyer).

    The buyer owns the seats of active bookings and of live holds.
    """

    show: Show
    seats: list[ShowSeat]
    owned: int = 0


class ShowRoom(NamedTuple):
    """A show and all of its seats, ascending."""

    show: Show
    seats: list[ShowSeat]


class OpenSeats(NamedTuple):
    """A show and the seats that are neither sold nor blocked: the free ones, and those held."""

    show: Show
    free: AbstractSet[SeatNumber]
    held: AbstractSet[SeatNumber]


class Seats(Protocol):
    """The seats of shows, and their locks."""

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        """Return the show's seat plan, not locked, and from the cache unless ``current``.

        Raises ShowNotFound.
        """

    def lock_all(
        self, requests: Sequence[SeatRequest], *, wait: bool
    ) -> Sequence[Outcome[LockedSeats]]:
        """Lock the seats of all requests, ascending, then read them and their shows.

        Without ``wait``, no lock is waited for: a request for a free seat or a buyer that another
        transaction has locked is postponed. So is one whose show no longer has its ``plan``: look
        the numbers up again. Seats that are sold need no lock. The outcome may be ShowNotFound.
        """

    def lock(self, show_id: ShowId, numbers: Sequence[SeatNumber], plan: SeatPlan) -> LockedSeats:
        """Lock seats of one show, waiting for them, then read them and the show.

        Raises ShowNotFound, and Busy if the show no longer has the ``plan``.
        """

    def is_full(self, show_id: ShowId) -> bool:
        """Return whether every seat is sold or blocked; up to 1 s stale."""

    def room(self, show_id: ShowId) -> ShowRoom:
        """Return every seat of the show, current, but not locked. Raises ShowNotFound."""

    def owned(self, show_id: ShowId, customer: AccountId) -> Collection[SeatNumber]:
        """Return the seats of the customer's active bookings and live holds, current."""

    def open_seats(self, show_id: ShowId, *, offering: bool = False) -> OpenSeats:
        """Return the open seats, current, but not locked. Raises ShowNotFound.

        While ``offering``, those that are kept for the waiting list are free.
        """

    def lock_customers(
        self, show_id: ShowId, customers: Collection[AccountId], *, wait: bool
    ) -> Mapping[AccountId, int]:
        """Lock the customers in the show, and return how many seats of it each owns.

        Without ``wait``, those that another transaction has locked are left out.
        """

    def lock_show(self, show_id: ShowId, *, wait: bool) -> None:
        """Let pickers of the show run one after the other; sales by name do not wait for it.

        Raises Locked, without ``wait`` soon.
        """

    def lock_picked(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> LockedSeats:
        """Lock those of the seats that no other transaction has locked, then read them.

        Those that others have locked are left out, unless they are sold.
        """

    def block(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> None:
        """Block exactly these seats of a locked show: no other is blocked any more."""


class Bookings(Protocol):
    """The bookings. A transaction names the show of each: where shows are spread over nodes, a
    look-up by the booking's id alone would read them all.
    """

    def add(self, booking: Booking) -> Booking:
        """Insert a booking on its seats, which are locked and free; return it with its id."""

    def add_all(self, bookings: Sequence[Booking]) -> Sequence[Booking]:
        """Insert several, of any shows; return them with their ids."""

    def get(self, show_id: ShowId, booking_id: BookingId) -> Booking:
        """Return the booking without locking it. Raises BookingNotFound."""

    def lock(self, show_id: ShowId, booking_id: BookingId) -> Booking:
        """Lock the booking's seats, then read and return it. Raises BookingNotFound."""

    def cancel(self, booking: Booking) -> None:
        """Update a cancelled booking, and free those of its seats that it still has."""


class Holds(Protocol):
    """The holds. Their ids name the show, so that one machine has what is read or written."""

    def get(self, hold_id: HoldId) -> Hold:
        """Return the hold, current, but not locked. Raises HoldNotFound."""

    def find_all(self, hold_ids: Collection[HoldId]) -> Mapping[HoldId, Hold]:
        """Return those of the holds that exist, likewise."""

    def unbooked_of(
        self, show_id: ShowId, customers: Collection[AccountId], expiring_after: datetime
    ) -> Mapping[AccountId, Sequence[Hold]]:
        """Return the holds of the show by customer, released ones too, that expire after then."""

    def add_all(self, holds: Sequence[Hold]) -> None:
        """Insert holds, and let their seats carry them, which are locked and free."""

    def save_all(self, holds: Sequence[Hold]) -> None:
        """Update holds whose owner and seats are locked.

        Their seats carry them, until they expire; seats that left them are freed, and all seats of
        holds that ended.
        """

    def live_of(self, customer: AccountId) -> list[HoldId]:
        """Return the ids of a customer's active holds, of all shows."""

    def purge(self, before: datetime) -> int:
        """Delete some holds that expired before then and return how many; 0 when none is left."""


class Buyers(Protocol):
    """The accounts that buy."""

    def get(self, account_id: AccountId) -> Account:
        """Return the account. Raises AccountNotFound."""


class SalesWork(AuditedWork, Protocol):
    """The slice of the store that sales, holds and cancellations change."""

    @property
    def seats(self) -> Seats: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> Buyers: ...
