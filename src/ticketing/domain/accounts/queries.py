"""Read accounts and sessions without locks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
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

    def sessions(self, account_id: AccountId, limit: int) -> list[Session]:
        """Return the stored sessions of an account: open ones first, the last renewed first."""

    def accounts_with_more_sessions(self, than: int) -> Sequence[AccountId]:
        """Return the accounts that have more sessions that are not revoked."""

    def revoked_sessions(self, within: timedelta) -> frozenset[SessionId]:
        """Return the sessions that were revoked within that time, by the store's clock."""
