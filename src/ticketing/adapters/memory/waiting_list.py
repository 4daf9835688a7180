"""Waiting lists."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ticketing.adapters.memory.state import State, require
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.waiting_list.entry import EntryId, WaitingListEntry


class MemoryWaitingList:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def get(self, entry_id: EntryId) -> WaitingListEntry:
        return self._state.entry(entry_id)

    def latest_of(self, show_id: ShowId, customer: AccountId) -> WaitingListEntry | None:
        entries = self._state.entries_of(show_id)
        theirs = (entry for entry in entries if entry.customer == customer)
        return max(theirs, key=lambda entry: entry.position, default=None)

    def waiting(self, show_id: ShowId) -> list[WaitingListEntry]:
        return [entry for entry in self._state.entries_of(show_id) if entry.is_queued]

    def add(self, entry: WaitingListEntry) -> WaitingListEntry:
        require(entry.show.id in self._state.shows and entry.id not in self._state.entries)
        added = replace(entry, position=self._state.next_id())
        self._state.entries[added.id] = added
        self.set_has_waiting(added.show.id)
        return self.get(added.id)

    def save_all(self, entries: Sequence[WaitingListEntry]) -> None:
        for entry in entries:
            require(entry.id in self._state.entries)
            self._state.entries[entry.id] = entry

    def set_has_waiting(self, show_id: ShowId) -> None:
        shows, has_waiting = self._state.shows, bool(self.waiting(show_id))
        shows[show_id] = replace(shows[show_id], has_waiting=has_waiting)

    def close_waiting(self, show_id: ShowId, at: datetime) -> None:
        self.save_all([replace(entry, closed_at=at) for entry in self.waiting(show_id)])
        self.set_has_waiting(show_id)

    def close_all(self, show_id: ShowId, at: datetime) -> None:
        active = (entry for entry in self._state.entries_of(show_id) if entry.is_active(at))
        self.save_all([replace(entry, closed_at=at) for entry in active])
        self.close_waiting(show_id, at)

    def live_of(self, customer: AccountId) -> list[EntryId]:
        entries, now = self._state.current_entries(), self._clock()
        return [
            entry.id for entry in entries if entry.customer == customer and entry.is_active(now)
        ]

    def purge(self, before: datetime) -> int:
        entries = self._state.entries
        current = {entry.id: entry for entry in self._state.current_entries()}
        old = [id_ for id_ in entries if id_ not in current or is_old(current[id_], before)]
        for entry_id in old:
            del entries[entry_id]
        return len(old)


def is_old(entry: WaitingListEntry, before: datetime) -> bool:
    """Return whether the entry ended before then, or its show started before then."""
    ended_at = [entry.show.starts_at, entry.left_at, entry.closed_at]
    if entry.offer:
        ended_at.append(entry.offer.expires_at)
    return any(each and each < before for each in ended_at)
