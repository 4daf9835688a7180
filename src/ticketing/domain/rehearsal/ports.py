"""Where rehearsals are kept: among shows, bookings and accounts, marked as such."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ticketing.domain.accounts.account import Account
from ticketing.domain.programme.ports import Shows
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.ports import Seats


class RehearsedShows(Shows, Protocol):
    def rehearsals(self) -> list[ShowId]:
        """The shows that are marked for rehearsal, ascending."""


class RehearsedBookings(Protocol):
    def of_show(self, show_id: ShowId) -> list[Booking]:
        """Every booking of a show, the oldest first."""

    def purge(self, show_id: ShowId) -> int:
        """Drop bookings of a show that is locked, free their seats, and drop what was answered.

        Not all of them at once; answers how many, 0 when none is left.
        """


class RehearsalAccounts(Protocol):
    def add_all(self, wanted: Sequence[Account]) -> list[Account]:
        """Keep many new accounts; answers them with their ids, in the same order."""

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
    def accounts(self) -> RehearsalAccounts: ...

    def now(self) -> datetime:
        """Return the time of the decision."""
