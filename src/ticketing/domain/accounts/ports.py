"""What accounts need from outside: a store, password hashes, messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId
from ticketing.domain.audit.ports import AuditedWork


class Accounts(Protocol):
    """Who can log in."""

    def add(self, account: Account) -> Account:
        """Keep a new account; answers it with its id."""

    def add_all(self, wanted: Sequence[Account]) -> list[Account]:
        """Keep many new accounts; answers them with their ids, in the same order."""

    def get(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""

    def lock(self, account_id: AccountId) -> Account:
        """The account, held so that it does not change meanwhile. Raises AccountNotFound."""

    def find(self, name: str) -> Account | None:
        """The account of that username or e-mail address, whatever text is given."""

    def save(self, account: Account) -> None:
        """Keep a changed account, which is locked; names that it no longer has are free."""


class Sessions(Protocol):
    """Who is logged in."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        """The session, held so that its tokens are used one after another."""

    def save(self, session: Session) -> None:
        """Keep a changed session."""

    def revoke_all(
        self, account_id: AccountId, at: datetime, *, but: SessionId | None = None
    ) -> None:
        """End every session of an account, ``but`` for one that goes on."""

    def forget_expired(self, account_id: AccountId, before: datetime) -> None:
        """Drop those of the account's sessions that expired by then."""

    def forget_ended(self, before: datetime) -> int:
        """Drop some of the sessions that were revoked before then; answers how many.

        0 when none is left.
        """


@dataclass(frozen=True, slots=True)
class Failures:
    """So many since then."""

    count: int
    since: datetime


class FailedLogIns(Protocol):
    """Counts by key, which tells neither who was meant nor where it came from."""

    def count(self, key: str, now: datetime, *, anew: datetime) -> Failures:
        """One more; what began at ``anew`` or before is over, and the count begins again.

        Rivals are counted one after another.
        """

    def forget(self, key: str) -> None:
        """Begin from nothing."""

    def forget_old(self, before: datetime) -> int:
        """Drop some of what began before then; answers how many, 0 when nothing is left."""


RESET_TOKEN_LIFETIME = timedelta(minutes=30)


class ResetTokens(Protocol):
    """Tokens that let their bearer set the password of one account.

    A token is bound to the password that the account had when it was issued: it is good for one
    use, and every other change of the password voids it.
    """

    def issue(self, account: Account, now: datetime) -> str:
        """Return a token for ``RESET_TOKEN_LIFETIME``, of characters that are safe in a URL."""

    def owner(self, token: str) -> AccountId:
        """Return the account that the token names, unverified. Raises ResetTokenInvalid."""

    def check(self, token: str, account: Account, now: datetime) -> None:
        """Raises ResetTokenInvalid unless the token was issued for ``account`` as it is."""


class PasswordHasher(Protocol):
    """Slow on purpose, so never called within a unit of work."""

    def hash(self, password: str) -> str:
        """A salted hash that tells nothing of the password."""

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is that of the password. None takes as long, and is never right."""


class Notifications(Protocol):
    """Messages to the owners of accounts."""

    def password_reset(self, account: Account, link: str) -> None:
        """Send the link, which lets its bearer set a new password, to the account's address.

        It takes its time, and a message that cannot be sent is lost: the log says so, and holds
        nothing of the link.
        """


class Aside(Protocol):
    """Does work while nobody waits for it. It is dropped where too much is waiting already."""

    def __call__(self, work: Callable[[], None]) -> None: ...


class AccountWork(AuditedWork, Protocol):
    """The slice of the store that accounts change."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def failed_log_ins(self) -> FailedLogIns: ...
