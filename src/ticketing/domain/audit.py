"""What the staff did, kept with the change itself: all of both, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ticketing.domain.account import AccountId

if TYPE_CHECKING:
    from ticketing.domain.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """``account_id`` did ``action`` ("show.cancelled") to ``subject`` ("show 5").

    None is whoever operates the box office, at its command line. ``details`` can be written as
    JSON; of a change they are ``{field: [before, after]}``. ``id`` is 0 until the store has
    given one.
    """

    id: int = 0
    at: datetime
    account_id: AccountId | None
    action: str
    subject: str
    details: Mapping[str, Any]


def record(
    uow: "UnitOfWork", by: AccountId | None, action: str, subject: str, **details: Any
) -> None:
    """Add to the audit trail what ``by`` did just now."""
    uow.audit.append(
        AuditEntry(at=uow.now(), account_id=by, action=action, subject=subject, details=details)
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """``{field: [before, after]}`` of what is not the same."""
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
