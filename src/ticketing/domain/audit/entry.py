"""What the staff changed, kept in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """``account_id`` did ``action`` ("show.cancelled") to ``subject`` ("show 5").

    None is whoever operates the box office, at its command line. ``details`` can be written as
    JSON; of a change they are ``{field: [before, after]}``. ``id`` is 0 until the store has
    given one.
    """

    id: int = 0
    at: datetime
    account_id: int | None
    action: str
    subject: str
    details: Mapping[str, Any]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """``{field: [before, after]}`` of what is not the same."""
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
