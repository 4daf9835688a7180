"""Read accounts and sessions without locks."""

from datetime import datetime
from typing import Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId


class AccountQueries(Protocol):
    """Never stale. Every method raises Busy when the store does not respond."""

    def now(self) -> datetime:
        """Return the time of the store's clock."""

    def account(self, account_id: AccountId) -> Account:
        """Return the account. Raises AccountNotFound."""

    def account_named(self, name: str) -> Account | None:
        """Return the account of that username or e-mail address; any text is allowed."""

    def session(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        """Return a session of the account, or None where it is not stored any more."""

    def sessions(self, account_id: AccountId) -> list[Session]:
        """Return the stored sessions of an account, ordered by expiry."""

    def revoked_sessions(self, since: datetime) -> frozenset[SessionId]:
        """Return the sessions that were revoked at or after ``since``."""
