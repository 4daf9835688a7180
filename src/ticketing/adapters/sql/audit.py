"""What the staff did: rows and entries."""

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from ticketing.adapters.sql.tables import audit_entries
from ticketing.domain.audit import AuditEntry


def select_entries() -> Select[Any]:
    """The newest first."""
    return select(audit_entries).order_by(audit_entries.c.at.desc(), audit_entries.c.id.desc())


def entry_of(row: Row[Any]) -> AuditEntry:
    return AuditEntry(**row._mapping)


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
            "details": dict(entry.details),
        }
        self._connection.execute(insert(audit_entries).values(values))
