"""Requests that may come again: done once, answered as often as they are asked.

A client that lost an answer sends its request again under the same key, and is told what it was
told before. Only successes are kept; what was refused is judged anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import IdempotencyKeyReused

T = TypeVar("T")

RETENTION = timedelta(days=2)
"""How long an answer is kept: a day is promised, and the clocks of servers may differ by hours."""


@dataclass(frozen=True, slots=True)
class Repeatable(Generic[T]):
    """A request that its client may send again.

    ``key`` is the client's; ``fingerprint`` is the same for two requests that ask for the same.
    ``render`` makes the answer to a success, as a text that only its caller understands. It runs
    within the transaction, so it must be pure.
    """

    key: str
    fingerprint: str
    render: Callable[[T], str]


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered to the first of several equal requests, as it was rendered then."""

    answer: str


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

    def purge(self, before: datetime) -> int:
        """Drop some of what was kept before then; answers how many, 0 when nothing is left."""


def once(
    keys: IdempotencyKeys, key: RequestKey, request: Repeatable[T], work: Callable[[], T]
) -> T | Replay:
    """Do ``work``, unless it was done under this key before.

    Raises IdempotencyKeyReused where something else was asked under it, and what ``work`` raises.
    """
    kept = keys.claim(key, request.fingerprint)
    if kept is None:
        done = work()
        keys.keep(key, request.render(done))
        return done
    if kept.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused()
    return Replay(kept.answer)
