"""Where audit entries are kept."""

from datetime import datetime
from typing import Any, Protocol

from ticketing.domain.audit.entry import AuditEntry


class AuditTrail(Protocol):
    """Only ever appended to."""

    def append(self, entry: AuditEntry) -> None:
        """Add an entry, in the transaction of the unit of work."""


class AuditedWork(Protocol):
    """A unit of work that records what it changes."""

    @property
    def audit(self) -> AuditTrail: ...

    def now(self) -> datetime:
        """Return the time of the decision, read once; ask after locking: locks take time."""


def record(work: AuditedWork, by: int | None, action: str, subject: str, **details: Any) -> None:
    """Add an entry for what the account ``by`` did, None for the operator."""
    work.audit.append(
        AuditEntry(at=work.now(), account_id=by, action=action, subject=subject, details=details)
    )
