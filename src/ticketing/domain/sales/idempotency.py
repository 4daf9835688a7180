"""Idempotency keys: a repeated request takes effect once, and gets the first response.

A client that lost a response sends its request again with the same key. Only successes are stored;
a refused request is executed again. A sale and a cancellation are stored with their response. The
keys of further cancellations, which change nothing, are stored without, and limited.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Generic, NamedTuple, Protocol, TypeVar

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import IdempotencyKeyReused, TooManyKeys

T = TypeVar("T")

RETENTION = timedelta(hours=25)
"""How long a key is stored: a day is promised, and a request may take its time."""

MAX_KEYS_PER_OPERATION = 20


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
    """The request that used a key first, and the response to it; None if it changed nothing."""

    fingerprint: str
    answer: str | None


class UsedKeys(NamedTuple):
    """How many keys are in use, and since when the first one is."""

    number: int
    since: datetime


class IdempotencyKeys(Protocol):
    """One answer per key. Keys are locked before everything else."""

    def claim(self, keys: Mapping[RequestKey, str]) -> Mapping[RequestKey, KeptAnswer]:
        """Lock the keys, each with its request's fingerprint, for this transaction.

        Waits for concurrent transactions that have one of them, until they commit or roll back.
        Returns the answers of those that are in use already. The others are stored without an
        answer, unless they are released.
        """

    def keep(self, answers: Mapping[RequestKey, str]) -> None:
        """Store the answers for claimed keys."""

    def used(self, key: RequestKey, after: datetime) -> UsedKeys:
        """Return the keys of the same operation and show, of all accounts, claimed ``after`` then.

        ``key`` is one of them, which this transaction claimed.
        """

    def release(self, keys: Collection[RequestKey]) -> None:
        """Give up claimed keys, which then may be claimed again."""

    def purge(self, before: datetime) -> int:
        """Delete some answers older than that and return how many; 0 when none is left."""


def replay(
    kept: KeptAnswer, request: Repeatable[T], current: Callable[[], T] | None = None
) -> Replay | IdempotencyKeyReused:
    """Return the stored response to ``request``, or the refusal if the key was for another one.

    ``current`` returns what an answer that was not stored is rendered from.
    """
    if kept.fingerprint != request.fingerprint:
        return IdempotencyKeyReused()
    if kept.answer is not None:
        return Replay(kept.answer)
    assert current is not None  # sales are stored with their answers
    return Replay(request.render(current()))


def require_few_keys(keys: IdempotencyKeys, key: RequestKey, now: datetime) -> None:
    """Raise TooManyKeys if ``key``, just claimed, is one too many for its operation."""
    used = keys.used(key, now - RETENTION)
    if used.number > MAX_KEYS_PER_OPERATION:
        left = used.since + RETENTION - now
        raise TooManyKeys(MAX_KEYS_PER_OPERATION, retry_after=ceil(left.total_seconds()))
