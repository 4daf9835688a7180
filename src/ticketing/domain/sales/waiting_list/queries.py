"""Queries of waiting lists; they take no locks."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.ports import OpenSeats
from ticketing.domain.sales.waiting_list.entry import EntryId, TimedEntry, WaitingListEntry


class ShowQueue(NamedTuple):
    """What decides whether seats can be offered: the open seats of a show, and for whom.

    Seats that are kept for the waiting list are free. ``entries`` are by position, and of equal
    parties only the first: as few, however many wait.
    """

    room: OpenSeats
    entries: Sequence[WaitingListEntry]
    now: datetime


class WaitingListQueries(Protocol):
    """Entries are always current, and have their offers. Every list has a total order."""

    def entry(self, entry_id: EntryId) -> TimedEntry:
        """Return an entry in whatever state. Raises EntryNotFound."""

    def entries_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedEntry]:
        """Return a customer's entries, newest first; those of one show, if it is given.

        Ended ones too, until they are purged.
        """

    def entries_after(
        self, customer: AccountId, last: WaitingListEntry | None, limit: int
    ) -> list[TimedEntry]:
        """Return a customer's entries, those made after ``last``, oldest first."""

    def shows_to_serve(self) -> list[ShowId]:
        """Return the shows that have waiting entries, and seats to offer or no open list any more.

        Ascending.
        """

    def queue(self, show_id: ShowId) -> ShowQueue:
        """Return the show's seats and queue as they are now. Raises ShowNotFound."""

    def number_waiting(self, show_id: ShowId | None = None) -> int:
        """Return how many entries are queued: of the show, or of all shows but rehearsals."""
