"""Audit entries: rows, repository and queries."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import audit_entries, values_of
from ticketing.domain.audit import AuditEntry
from ticketing.domain.paging import Page, Window


def _entry_of(row: Row[Any]) -> AuditEntry:
    """Return the entry; servers of the previous release write no ``subject_kind``."""
    return AuditEntry(
        id=row.id,
        at=row.at,
        account_id=row.account_id,
        action=row.action,
        subject_kind=row.subject_kind or row.subject,
        subject_id=row.subject_id,
        details=row.details,
    )


class SqlAuditLog:
    """The ``AuditLog`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: AuditEntry) -> None:
        values = {**values_of(entry, "id"), "subject": entry.subject}
        self._connection.execute(insert(audit_entries).values(values))


class SqlAuditQueries:
    """The ``AuditQueries`` port."""

    def __init__(self, reader: Reader) -> None:
        self._read = reader

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        newest_first = audit_entries.c.at.desc(), audit_entries.c.id.desc()
        return self._read.page(select(audit_entries).order_by(*newest_first), window, _entry_of)

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        theirs = select(audit_entries).where(audit_entries.c.account_id == account_id)
        oldest_first = theirs.order_by(audit_entries.c.id)
        return self._read(lambda c: [_entry_of(row) for row in c.execute(oldest_first)])
