"""Where accounts and sessions are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ticketing.domain.account import Account, AccountId
from ticketing.domain.session import Session, SessionId


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

    def forget(self, mark: str) -> int:
        """Drop accounts whose password hash is or begins with ``mark``, which no hasher makes.

        Their names and sessions go too. Not all of them at once; answers how many, 0 when none
        is left.
        """


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
