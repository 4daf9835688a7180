"""Whoever guesses has to wait: attempts are counted, and too many within a time are refused.

They are counted for a name at a place, whether or not anybody has that name: a stranger elsewhere
locks nobody out, and being refused tells nothing of who exists. What is kept is a keyed hash.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from math import ceil

from ticketing.domain.accounts.account import LONGEST_EMAIL
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.ports import RESET_TOKEN_LIFETIME, AccountWork, Failures
from ticketing.domain.errors import Busy
from ticketing.domain.text import comparison_key
from ticketing.domain.unit_of_work import Transactions

_ONE_NETWORK = 64
"""Bits of an IPv6 address that its owner does not choose: the rest is theirs to change."""

RETENTION = timedelta(hours=1)
"""No throttle looks back longer."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts ``within`` a time that begins with the first."""

    attempts: int
    within: timedelta

    def demand(self, made: Failures, now: datetime) -> None:
        """Raises TooManyAttempts until the time is over."""
        if made.count > self.attempts:
            left = made.since + self.within - now
            raise TooManyAttempts(retry_after=max(1, ceil(left.total_seconds())))


LOG_INS = Limit(10, timedelta(minutes=15))
RESET_MAILS = Limit(3, within=RESET_TOKEN_LIFETIME)
"""Who is sent no further mail has one with a link that is still good, unless it is used or lost."""


class Throttle:
    """Counts attempts before they are made, so that many at once get no more than their due.

    Without a ``key`` nothing is counted: for operators, benchmarks and rehearsals.
    """

    def __init__(
        self, transactions: Transactions[AccountWork], limit: Limit, key: bytes | None
    ) -> None:
        self._transact = transactions
        self._limit = limit
        self._key = key

    def count(self, name: str, address: str) -> str | None:
        """One more attempt; answers by which key it can be forgiven. Raises TooManyAttempts."""
        if self._key is None:
            return None
        hashed = _keyed_hash(self._key, name, address)

        def work(uow: AccountWork) -> tuple[Failures, datetime]:
            now = uow.now()
            return uow.failed_log_ins.count(hashed, now, anew=now - self._limit.within), now

        self._limit.demand(*self._transact(work))
        return hashed

    @contextmanager
    def excusing(self, counted: str | None) -> Iterator[None]:
        """What was right is forgiven, too, where the store is then too busy to go on."""
        try:
            yield
        except Busy:
            if counted:
                with suppress(Busy):
                    self._transact(lambda uow: forgive(uow, counted))
            raise


def forgive(uow: AccountWork, counted: str | None) -> None:
    """An attempt succeeded: none of those before counts any more."""
    if counted is not None:
        uow.failed_log_ins.forget(counted)


def forget_attempts(transactions: Transactions[AccountWork]) -> None:
    """Drop the counts that no throttle looks at any more, some in each transaction."""
    while transactions(lambda uow: uow.failed_log_ins.forget_old(uow.now() - RETENTION)):
        pass


def place_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the network of an IPv6 address."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:  # a socket of this machine has none
        return address
    if isinstance(ip, IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(IPv6Network((int(ip), _ONE_NETWORK), strict=False))


def _keyed_hash(key: bytes, name: str, address: str) -> str:
    """Nobody has a name that is longer than what is hashed of it, and comparing one takes long."""
    who = comparison_key(name[: LONGEST_EMAIL + 1])
    text = f"{place_of(address)}\0{who}".encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()
