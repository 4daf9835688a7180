"""Counts of failed log-ins."""

from datetime import datetime

from ticketing.adapters.memory.state import State
from ticketing.domain.accounts.ports import Failures


class MemoryFailedLogIns:
    def __init__(self, state: State) -> None:
        self._kept = state.failures

    def count(self, key: str, now: datetime, *, expired: datetime) -> Failures:
        before = self._kept.get(key)
        if before is None or before.since <= expired:
            before = Failures(0, now)
        self._kept[key] = Failures(before.count + 1, before.since)
        return self._kept[key]

    def clear(self, key: str) -> None:
        self._kept.pop(key, None)

    def purge_old(self, before: datetime) -> int:
        old = [key for key, kept in self._kept.items() if kept.since < before]
        for key in old:
            del self._kept[key]
        return len(old)
