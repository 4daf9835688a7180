"""Idempotency keys: a repeated request takes effect once, and gets the first response.

A client that lost a response sends its request again with the same key. Only successes are stored;
a refused request is executed again.
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
"""How long an answer is stored: a day is promised, and servers' clocks may differ by hours."""


@dataclass(frozen=True, slots=True)
class Repeatable(Generic[T]):
    """A request with an idempotency key.

    ``key`` is the client's; ``fingerprint`` is equal for equal requests. ``render`` turns a result
    into the response to store. It runs inside the transaction, so it must be pure.
    """

    key: str
    fingerprint: str
    render: Callable[[T], str]


@dataclass(frozen=True, slots=True)
class Replay:
    """The stored response to the first of several equal requests."""

    answer: str


@dataclass(frozen=True, slots=True)
class RequestKey:
    """One account's key for one operation on one show."""

    show_id: ShowId
    account_id: AccountId
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The request that used a key first, and the response to it."""

    fingerprint: str
    answer: str


class IdempotencyKeys(Protocol):
    """One answer per key. A key is locked before everything else."""

    def claim(self, key: RequestKey, fingerprint: str) -> KeptAnswer | None:
        """Lock the key for this transaction, or return the answer that is stored for it.

        Waits for a concurrent transaction that has the key, until it commits or rolls back.
        """

    def keep(self, key: RequestKey, answer: str) -> None:
        """Store the answer for a claimed key."""

    def purge(self, before: datetime) -> int:
        """Delete some answers older than that and return how many; 0 when none is left."""


def once(
    keys: IdempotencyKeys, key: RequestKey, request: Repeatable[T], work: Callable[[], T]
) -> T | Replay:
    """Return the result of ``work``, or the stored response if it was done with this key before.

    Raises IdempotencyKeyReused if the key was used for another request, and what ``work`` raises.
    """
    kept = keys.claim(key, request.fingerprint)
    if kept is None:
        done = work()
        keys.keep(key, request.render(done))
        return done
    if kept.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused()
    return Replay(kept.answer)
