"""Throttle guesses: count attempts, and refuse too many within a time.

Attempts are counted per name and network, whether or not the name exists: an attacker elsewhere
cannot lock the owner out, and a refusal does not reveal whether an account exists. Only a keyed
hash is stored.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.ports import RESET_TOKEN_LIFETIME, AccountWork, Failures
from ticketing.domain.errors import Busy
from ticketing.domain.text import comparison_key
from ticketing.domain.unit_of_work import Transactions

_NETWORK_BITS = 64
"""Bits of an IPv6 address that identify the network; clients choose the rest."""

RETENTION = timedelta(hours=1)
"""Longer than the window of every limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of attempts ``within`` a time from the first."""

    attempts: int
    within: timedelta


LOG_INS = Limit(10, timedelta(minutes=15))
RESET_MAILS = Limit(3, within=RESET_TOKEN_LIFETIME)
"""An owner over the limit still has a mail with a valid link: a stranger cannot lock them out."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts attempts before they are made, so that concurrent ones cannot exceed the limit.

    Without a ``key`` nothing is counted: for operators, benchmarks and rehearsals.
    """

    transact: Transactions[AccountWork]
    limit: Limit
    key: bytes | None = field(repr=False)

    def count(self, name: str, address: str) -> str | None:
        """Count an attempt and return the key that clears it. Raises TooManyAttempts."""
        if self.key is None:
            return None
        hashed = _keyed_hash(self.key, name, address)

        def work(uow: AccountWork) -> tuple[Failures, datetime]:
            now = uow.now()
            return uow.failed_log_ins.count(hashed, now, expired=now - self.limit.within), now

        made, now = self.transact(work)
        if made.count > self.limit.attempts:
            left = made.since + self.limit.within - now
            raise TooManyAttempts(retry_after=max(1, ceil(left.total_seconds())))
        return hashed

    @contextmanager
    def clear_if_busy(self, counted: str | None) -> Iterator[None]:
        """Clear the attempts although the store is busy: the password was right."""
        try:
            yield
        except Busy:
            if counted:
                with suppress(Busy):
                    self.transact(lambda uow: clear_attempts(uow, counted))
            raise


def clear_attempts(uow: AccountWork, counted: str | None) -> None:
    """Delete the count after a successful attempt."""
    if counted is not None:
        uow.failed_log_ins.clear(counted)


def purge_old_attempts(transactions: Transactions[AccountWork]) -> None:
    """Delete counts that no limit uses any more, some per transaction."""
    while transactions(lambda uow: uow.failed_log_ins.purge_old(uow.now() - RETENTION)):
        pass


def network_of(address: str) -> str:
    """Return the IPv4 address, or the network of an IPv6 address."""
    try:
        ip = ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(ip, IPv4Address):
        return address
    return str(ip.ipv4_mapped or IPv6Network((int(ip), _NETWORK_BITS), strict=False))


def _keyed_hash(key: bytes, name: str, address: str) -> str:
    """Return the key of a count. Names are cut, because normalising long text is slow."""
    name = comparison_key(name[: MAX_EMAIL_LENGTH + 1])
    text = f"{network_of(address)}\0{name}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, hashlib.sha256).hex()
