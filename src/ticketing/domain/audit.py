"""The audit log: what staff changed, stored in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ticketing.domain.paging import Page, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """``account_id`` did ``action`` ("show.cancelled") to a subject, such as show 5.

    ``account_id`` is None for the operator at the command line. ``subject_id`` is None where there
    is only one such subject, the programme. ``details`` is JSON; for a change it is ``{field:
    [before, after]}``. ``id`` is 0 until the store assigns one.
    """

    id: int = 0
    at: datetime
    account_id: int | None
    action: str
    subject_kind: str
    subject_id: int | None
    details: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """What was changed, as text: "show 5"."""
        if self.subject_id is None:
            return self.subject_kind
        return f"{self.subject_kind} {self.subject_id}"


class AuditLog(Protocol):
    """Append-only."""

    def append(self, entry: AuditEntry) -> None: ...


class AuditedWork(Protocol):
    """A unit of work that records its changes."""

    @property
    def audit(self) -> AuditLog: ...

    def now(self) -> datetime:
        """Return the time of the decision, read once. Lock first, because locks take time."""


def record(
    work: AuditedWork,
    by: int | None,
    action: str,
    kind: str,
    subject_id: int | None,
    /,
    **details: Any,
) -> None:
    """Append an entry for what the account ``by``, or the operator for None, did to a subject."""
    work.audit.append(
        AuditEntry(
            at=work.now(),
            account_id=by,
            action=action,
            subject_kind=kind,
            subject_id=subject_id,
            details=details,
        )
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return ``{field: [before, after]}`` for each value that changed."""
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


class AuditQueries(Protocol):
    """Every method raises Busy when the store does not respond."""

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        """Return the entries, newest first."""

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        """Return the entries of one account, oldest first."""
