"""Where it is kept what the staff did."""

from typing import Protocol

from ticketing.domain.audit import AuditEntry


class AuditTrail(Protocol):
    """Only ever appended to."""

    def append(self, entry: AuditEntry) -> None:
        """Keep an entry, if the unit of work is kept."""
