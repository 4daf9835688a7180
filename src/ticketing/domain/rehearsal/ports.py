"""The store of rehearsals: marked shows and accounts, and their bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ticketing.domain.accounts.account import Account
from ticketing.domain.programme.ports import Shows
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.ports import Seats


class RehearsedShows(Shows, Protocol):
    def rehearsals(self) -> list[ShowId]:
        """Return the ids of the shows that are marked as rehearsals, ascending."""


class RehearsedBookings(Protocol):
    def of_show(self, show_id: ShowId) -> list[Booking]:
        """Return every booking of a show, oldest first."""

    def purge(self, show_id: ShowId) -> int:
        """Delete some bookings of a locked show, free their seats, and delete its idempotency keys.

        Returns how many; 0 when none is left.
        """


class RehearsedHolds(Protocol):
    def of_show(self, show_id: ShowId) -> list[Hold]:
        """Return every hold of a show, oldest first."""


class RehearsalAccounts(Protocol):
    def add_all(self, accounts: Sequence[Account]) -> list[Account]:
        """Insert many accounts and return them with their ids, in the same order."""

    def purge_rehearsals(self, name: str | None = None) -> int:
        """Delete some accounts of the rehearsal, or of all rehearsals, with names and sessions.

        Returns how many, 0 when none is left.
        """


class RehearsalWork(Protocol):
    """The slice of the store that a rehearsal changes."""

    @property
    def shows(self) -> RehearsedShows: ...
    @property
    def seats(self) -> Seats: ...
    @property
    def bookings(self) -> RehearsedBookings: ...
    @property
    def holds(self) -> RehearsedHolds: ...
    @property
    def accounts(self) -> RehearsalAccounts: ...

    def now(self) -> datetime:
        """Return the time of the decision."""
