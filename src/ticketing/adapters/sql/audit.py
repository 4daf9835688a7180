"""Audit entries: rows and entities."""

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.tables import audit_entries
from ticketing.domain.audit.entry import AuditEntry
from ticketing.domain.paging import Page, Window


def select_entries() -> Select[Any]:
    """Select all entries, newest first."""
    return select(audit_entries).order_by(audit_entries.c.at.desc(), audit_entries.c.id.desc())


def entry_of(row: Row[Any]) -> AuditEntry:
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


class SqlAuditTrail:
    """The ``AuditTrail`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: AuditEntry) -> None:
        values = {
            "at": entry.at,
            "account_id": entry.account_id,
            "action": entry.action,
            "subject": entry.subject,
            "subject_kind": entry.subject_kind,
            "subject_id": entry.subject_id,
            "details": dict(entry.details),
        }
        self._connection.execute(insert(audit_entries).values(values))


class SqlAuditQueries:
    """The ``AuditQueries`` port."""

    def __init__(self, reader: Reader) -> None:
        self._read = reader

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        return self._read.page(select_entries(), window, entry_of)

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        theirs = select(audit_entries).where(audit_entries.c.account_id == account_id)
        wanted = theirs.order_by(audit_entries.c.id)
        return self._read(lambda c: [entry_of(row) for row in c.execute(wanted)])
