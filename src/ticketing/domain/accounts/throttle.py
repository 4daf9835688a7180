"""Throttle guesses: count failed attempts, and refuse too many within a time.

Attempts are counted per name and network, whether or not the name exists: an attacker elsewhere
cannot lock the owner out, and a refusal does not reveal whether an account exists. Only a keyed
hash is stored.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.ports import RESET_TOKEN_LIFETIME, AccountWork
from ticketing.domain.errors import Busy, DomainError, OutcomeUnknown, Overloaded
from ticketing.domain.text import comparison_key
from ticketing.domain.unit_of_work import Transactions

_NETWORK_BITS = 64
"""Bits of an IPv6 address that identify the network; clients choose the rest."""

RETENTION = timedelta(hours=1)
"""Longer than the window of every limit."""

MAX_ATTEMPT_TIME = timedelta(minutes=1)
"""Longer than any attempt takes. Later it is abandoned: its process has died."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of failed attempts ``within`` a time from the first."""

    attempts: int
    within: timedelta


LOG_INS = Limit(10, timedelta(minutes=15))
RESET_MAILS = Limit(3, within=RESET_TOKEN_LIFETIME)
"""An owner over the limit still has a mail with a valid link: a stranger cannot lock them out."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Reserves attempts before they are made, so that concurrent ones cannot exceed the limit.

    Without a ``key`` nothing is counted: for operators, benchmarks and rehearsals. ``name_key``
    returns the same text for all ways to write a name.
    """

    transact: Transactions[AccountWork]
    limit: Limit
    key: bytes | None = field(repr=False)
    name_key: Callable[[str], str] = comparison_key

    @contextmanager
    def attempt(self, name: str, address: str) -> Iterator[str | None]:
        """Reserve an attempt; a refusal by the block counts as a failure.

        The block receives the key to clear the attempts with. Its password was right where it
        raises Busy: then they are cleared too, unless its outcome is unknown. Raises
        TooManyAttempts after too many failures, and Overloaded while unfinished attempts may
        become too many.
        """
        reserved = self._hashed(name, address)
        if reserved is None:
            yield None
            return
        self.transact(lambda uow: self._reserve(uow, reserved))
        try:
            yield reserved
        except OutcomeUnknown:
            raise  # if it cleared them, a second time would end another attempt
        except Busy:
            with suppress(Busy):
                self.transact(lambda uow: clear_attempts(uow, reserved))
            raise
        except DomainError:
            self.transact(lambda uow: uow.failed_log_ins.fail(reserved))
            raise

    def count(self, name: str, address: str) -> None:
        """Count what is limited whether or not it succeeds. Raises TooManyAttempts."""
        hashed = self._hashed(name, address)
        if hashed is None:
            return

        def work(uow: AccountWork) -> None:
            self._reserve(uow, hashed)
            uow.failed_log_ins.fail(hashed)

        self.transact(work)

    def _reserve(self, uow: AccountWork, key: str) -> None:
        now = uow.now()
        made = uow.failed_log_ins.reserve(
            key, now, expired=now - self.limit.within, abandoned=now - MAX_ATTEMPT_TIME
        )
        if made.failures >= self.limit.attempts:
            left = made.since + self.limit.within - now
            raise TooManyAttempts(retry_after=max(1, ceil(left.total_seconds())))
        if made.failures + made.unfinished > self.limit.attempts:
            raise Overloaded()

    def _hashed(self, name: str, address: str) -> str | None:
        """Return the key of a count. Names are cut, because normalising long text is slow."""
        if self.key is None:
            return None
        name_key = self.name_key(name[: MAX_EMAIL_LENGTH + 1])
        text = f"{network_of(address)}\0{name_key}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, text, hashlib.sha256).hex()


def clear_attempts(uow: AccountWork, reserved: str | None) -> None:
    """Delete the failures after a successful attempt."""
    if reserved is not None:
        uow.failed_log_ins.clear(reserved)


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
