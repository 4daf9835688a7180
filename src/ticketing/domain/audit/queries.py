"""Reading the audit trail."""

from typing import Protocol

from ticketing.domain.audit.entry import AuditEntry
from ticketing.domain.paging import Page, Window


class AuditQueries(Protocol):
    """Every method raises Busy when the store does not respond."""

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        """Return the entries, newest first."""

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        """Return the entries of one account, oldest first."""
