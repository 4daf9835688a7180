"""Reading accounts and sessions: changes nothing, locks nothing."""

from datetime import datetime
from typing import Protocol

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId


class AccountQueries(Protocol):
    """Always current. Raises Busy when the store does not answer."""

    def account(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""

    def account_named(self, name: str) -> Account | None:
        """The account of that username or e-mail address, whatever text is given."""

    def sessions(self, account_id: AccountId) -> list[Session]:
        """The sessions of an account that are still kept, by when they end."""

    def revoked_sessions(self, since: datetime) -> frozenset[SessionId]:
        """The sessions that were revoked at or after ``since``."""
