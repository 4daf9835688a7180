"""Reading the audit trail."""

from typing import Protocol

from ticketing.domain.audit.entry import AuditEntry
from ticketing.domain.paging import Page, Window


class AuditQueries(Protocol):
    """Raises Busy when the store does not answer."""

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        """What the staff did, the latest first."""

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        """What one of the staff did, from the first on."""
