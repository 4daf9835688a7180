"""Audit entries."""

from dataclasses import replace

from ticketing.adapters.memory.state import State
from ticketing.domain.audit.entry import AuditEntry


class MemoryAuditTrail:
    def __init__(self, state: State) -> None:
        self._state = state

    def append(self, entry: AuditEntry) -> None:
        added = replace(entry, id=self._state.next_id())
        self._state.audit[added.id] = added
