"""An entry of a waiting list: a party that waits for seats of a sold-out show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.hold import Hold, HoldStatus
from ticketing.domain.sales.opaque_ids import new_opaque_id, show_named_by
from ticketing.domain.sales.waiting_list.errors import EntryNotFound

EntryId = NewType("EntryId", str)
"""Opaque to clients. It names its show, so that a store can find the entry on one machine."""

CLOSED_BEFORE_START = timedelta(hours=2)
"""How long before the start of a show no more seats are offered."""


class EntryStatus(StrEnum):
    WAITING = "WAITING"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


_STATUS_OF_OFFER = {
    HoldStatus.ACTIVE: EntryStatus.OFFERED,
    HoldStatus.BOOKED: EntryStatus.ACCEPTED,
    HoldStatus.RELEASED: EntryStatus.DECLINED,
    HoldStatus.EXPIRED: EntryStatus.EXPIRED,
}


def new_entry_id(show_id: ShowId) -> EntryId:
    return EntryId(new_opaque_id(show_id))


def show_of_entry(entry_id: str) -> ShowId:
    """Return the show that the id names. Raises EntryNotFound for a malformed id."""
    show_id = show_named_by(entry_id)
    if show_id is None:
        raise EntryNotFound()
    return show_id


def is_list_open(show: Show, now: datetime) -> bool:
    """Return whether customers can wait for seats of the show, and get offers."""
    return show.cancelled_at is None and now < show.starts_at - CLOSED_BEFORE_START


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListEntry:
    """A customer who waits for ``count`` seats of one show, ``together`` or not at all.

    Entries get offers by their ``position`` in the show, which is 0 until the store assigns one. An
    entry has one ``offer``: a hold, which the customer accepts by booking it, and declines by
    releasing it. So the status is derived, and these write nothing here.
    """

    id: EntryId
    show: Show
    customer: AccountId
    count: int
    together: bool
    created_at: datetime
    position: int = 0
    offer: Hold | None = None
    left_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def party(self) -> Party:
        return Party(count=self.count, together=self.together)

    @property
    def is_queued(self) -> bool:
        """Whether it was neither offered seats, left nor closed; time may have closed it."""
        return self.offer is None and self.left_at is None and self.closed_at is None

    def status(self, now: datetime) -> EntryStatus:
        if self.closed_at is not None:
            return EntryStatus.CLOSED
        if self.left_at is not None:
            return EntryStatus.DECLINED
        if self.offer is not None:
            return _STATUS_OF_OFFER[self.offer.status(now)]
        return EntryStatus.WAITING if is_list_open(self.show, now) else EntryStatus.CLOSED

    def is_active(self, now: datetime) -> bool:
        """Return whether it waits for an offer or has one, so that the customer cannot join."""
        return self.status(now) in (EntryStatus.WAITING, EntryStatus.OFFERED)


class TimedEntry(NamedTuple):
    """An entry, and the time of the store's clock by which it has its status."""

    entry: WaitingListEntry
    now: datetime
