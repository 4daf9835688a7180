"""The ports of accounts: store and reset tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId
from ticketing.domain.audit import AuditedWork
from ticketing.domain.messages.ports import Outbox


class Accounts(Protocol):
    """``add`` returns the account with its id; ``get`` and ``lock`` raise AccountNotFound."""

    def add(self, account: Account) -> Account: ...
    def get(self, account_id: AccountId) -> Account: ...
    def lock(self, account_id: AccountId) -> Account: ...

    def find(self, name: str) -> Account | None:
        """Return the account of that username or e-mail address; any text is allowed."""

    def save(self, account: Account) -> None:
        """Store a changed account, which is locked, and free the names that it no longer has."""


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        """Lock the session, so that its tokens are used one at a time, and return it."""

    def save(self, session: Session) -> None: ...

    def revoke_all(
        self, account_id: AccountId, at: datetime, *, but: SessionId | None = None
    ) -> None:
        """Revoke every session of an account except ``but``."""

    def revoke_excess(self, account_id: AccountId, at: datetime, *, keep: int) -> int:
        """Revoke some of the account's open sessions, except the ``keep`` last renewed.

        Returns how many, 0 when none is left.
        """

    def delete_excess(
        self, account_id: AccountId, at: datetime, *, keep: int, idle_since: datetime
    ) -> int:
        """Delete some of those that ``revoke_excess`` would revoke: not renewed since then.

        Returns how many; 0 means that ``revoke_excess`` should go on.
        """

    def purge(self, before: datetime) -> int:
        """Delete some of the sessions that were revoked or expired before then.

        Returns how many, 0 when none is left.
        """


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failed attempts since ``since``, and those that are ``unfinished``."""

    failures: int
    unfinished: int
    since: datetime


class FailedLogIns(Protocol):
    """The store of attempts, counted by key: a hash that hides name and address.

    Concurrent calls for a key run one after another.
    """

    def reserve(
        self, key: str, now: datetime, *, expired: datetime, abandoned: datetime
    ) -> Attempts:
        """Count an unfinished attempt and return all attempts.

        Failures that began at ``expired`` or earlier no longer count, nor do unfinished attempts if
        the last one was reserved at ``abandoned`` or earlier.
        """

    def fail(self, key: str) -> None:
        """Count a reserved attempt as failed."""

    def clear(self, key: str) -> None:
        """Finish a reserved attempt, and delete the failures."""

    def purge_old(self, before: datetime) -> int:
        """Delete some counts that began before then. Returns how many, 0 when none is left."""


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


class AccountWork(AuditedWork, Protocol):
    """The slice of the store that account services change."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def failed_log_ins(self) -> FailedLogIns: ...
    @property
    def outbox(self) -> Outbox: ...
