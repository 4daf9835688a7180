"""The store of waiting lists.

Entries are written only under the lock of the show's row: joining and leaving lock the customer in
the show before it, offers do not. The rows of entries are locked by nothing else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit import AuditedWork
from ticketing.domain.messages.ports import Outbox
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.idempotency import IdempotencyKeys
from ticketing.domain.sales.ports import Buyers, Holds, Seats
from ticketing.domain.sales.waiting_list.entry import EntryId, WaitingListEntry


class WaitingList(Protocol):
    """The entries. Their ids name the show, so that one machine has what is read or written.

    ``Show.has_waiting`` is whether the show has queued entries, of those of ``waiting``.
    """

    def get(self, entry_id: EntryId) -> WaitingListEntry:
        """Return the entry with its offer, current. Raises EntryNotFound."""

    def latest_of(self, show_id: ShowId, customer: AccountId) -> WaitingListEntry | None:
        """Return the customer's entry of the show with the last position, in whatever state."""

    def waiting(self, show_id: ShowId) -> list[WaitingListEntry]:
        """Return the show's queued entries, by position."""

    def add(self, entry: WaitingListEntry) -> WaitingListEntry:
        """Insert an entry behind all others of a locked show, and mark that the show has waiting
        ones. Returns it with its position.
        """

    def save_all(self, entries: Sequence[WaitingListEntry]) -> None:
        """Update the offers, and the times of leaving and closing, of entries of a locked show."""

    def set_has_waiting(self, show_id: ShowId) -> None:
        """Store whether the locked show has queued entries."""

    def close_waiting(self, show_id: ShowId, at: datetime) -> None:
        """Close the queued entries of a locked show, so that it has none."""

    def close_all(self, show_id: ShowId, at: datetime) -> None:
        """Close them, and the entries with an active offer, which is released by the caller."""

    def live_of(self, customer: AccountId) -> list[EntryId]:
        """Return the ids of a customer's active entries, of all shows."""

    def purge(self, before: datetime) -> int:
        """Delete some entries that ended before then or whose show started before then.

        An entry with an offer ended when that expires. Returns how many; 0 when none is left.
        """


class WaitingListWork(AuditedWork, Protocol):
    """The slice of the store that waiting lists and offers change."""

    @property
    def seats(self) -> Seats: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def waiting_list(self) -> WaitingList: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> Buyers: ...
    @property
    def outbox(self) -> Outbox: ...
