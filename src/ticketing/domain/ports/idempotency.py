"""Where the answers to requests that may come again are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ticketing.domain.account import AccountId
from ticketing.domain.show import ShowId


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Whose key it is, and for what: one client's key for one operation on one show."""

    show_id: ShowId
    account_id: AccountId
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was asked under a key, and what was answered."""

    fingerprint: str
    answer: str


class IdempotencyKeys(Protocol):
    """One answer a key. A key is locked before anything else."""

    def claim(self, key: RequestKey, fingerprint: str) -> KeptAnswer | None:
        """Take the key for this unit of work, or answer what is kept under it.

        Waits for a rival who has it: for their answer, or until they leave it to us.
        """

    def keep(self, key: RequestKey, answer: str) -> None:
        """Keep the answer under a key that was claimed."""

    def forget(self, before: datetime) -> int:
        """Drop some of what was kept before then; answers how many, 0 when nothing is left."""
