"""The store of audit entries."""

from datetime import datetime
from typing import Any, Protocol

from ticketing.domain.audit.entry import AuditEntry


class AuditTrail(Protocol):
    """Append-only."""

    def append(self, entry: AuditEntry) -> None:
        """Add an entry, in the transaction of the unit of work."""


class AuditedWork(Protocol):
    """A unit of work that records its changes."""

    @property
    def audit(self) -> AuditTrail: ...

    def now(self) -> datetime:
        """Return the time of the decision, read once; ask after locking: locks take time."""


def record(
    work: AuditedWork,
    by: int | None,
    action: str,
    kind: str,
    subject_id: int | None,
    /,
    **details: Any,
) -> None:
    """Add an entry for what the account ``by``, or the operator for None, did to a subject."""
    entry = AuditEntry(
        at=work.now(),
        account_id=by,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        details=details,
    )
    work.audit.append(entry)
