"""Audit entries: what staff changed, stored in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return ``{field: [before, after]}`` for each value that changed."""
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
