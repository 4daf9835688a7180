"""Idempotency keys: a repeated request takes effect once, and gets the first response.

A client that lost a response sends its request again with the same key. Only successes are stored;
a refused request is executed again.
"""

from collections.abc import Callable, Collection, Mapping
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
    into the response to store. It runs inside the transaction, in any thread, so it must be pure.
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
    """One answer per key. Keys are locked before everything else."""

    def claim(self, keys: Mapping[RequestKey, str]) -> Mapping[RequestKey, KeptAnswer]:
        """Lock the keys, each with its request's fingerprint, for this transaction.

        Waits for concurrent transactions that have one of them, until they commit or roll back.
        Returns the answers of those that are in use already.
        """

    def keep(self, answers: Mapping[RequestKey, str]) -> None:
        """Store the answers for claimed keys."""

    def release(self, keys: Collection[RequestKey]) -> None:
        """Give up claimed keys, which then may be claimed again."""

    def purge(self, before: datetime) -> int:
        """Delete some answers older than that and return how many; 0 when none is left."""


def replay(kept: KeptAnswer, request: Repeatable[T]) -> Replay | IdempotencyKeyReused:
    """Return the stored response to ``request``, or the refusal if the key was for another one."""
    if kept.fingerprint != request.fingerprint:
        return IdempotencyKeyReused()
    return Replay(kept.answer)


def once(
    keys: IdempotencyKeys, key: RequestKey, request: Repeatable[T], work: Callable[[], T]
) -> T | Replay:
    """Return the result of ``work``, or the stored response if it was done with this key before.

    Raises IdempotencyKeyReused if the key was used for another request, and what ``work`` raises.
    """
    kept = keys.claim({key: request.fingerprint}).get(key)
    if kept is None:
        done = work()
        keys.keep({key: request.render(done)})
        return done
    answer = replay(kept, request)
    if isinstance(answer, IdempotencyKeyReused):
        raise answer
    return answer
