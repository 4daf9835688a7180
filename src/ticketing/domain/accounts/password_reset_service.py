"""A new password for who forgot theirs, by a link in a mail."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ticketing.domain.accounts.account import LONGEST_EMAIL, Account, AccountId, PasswordRules
from ticketing.domain.accounts.errors import AccountNotFound, ResetTokenInvalid, TooManyAttempts
from ticketing.domain.accounts.ports import (
    AccountWork,
    Aside,
    Notifications,
    PasswordHasher,
    ResetTokens,
)
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.throttle import Throttle
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions


class PasswordResetService:
    """``throttle`` is for the mails that one account gets."""

    def __init__(
        self,
        transactions: Transactions[AccountWork],
        queries: AccountQueries,
        hasher: PasswordHasher,
        password_rules: PasswordRules,
        tokens: ResetTokens,
        throttle: Throttle,
        notifications: Notifications,
        aside: Aside,
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hasher = hasher
        self._password_rules = password_rules
        self._tokens = tokens
        self._throttle = throttle
        self._notifications = notifications
        self._aside = aside

    def request(self, name: str, link: str) -> None:
        """Have a mail sent to the account of that username or e-mail address, if there is one.

        ``link`` leads to where a new password is set; the token is appended. All is done aside,
        the look-up too: what the caller is told, and when, is the same for every name.
        """
        self._aside(partial(self._send, name, link))

    def _send(self, name: str, link: str) -> None:
        account = self._queries.account_named(name) if len(name) <= LONGEST_EMAIL else None
        if account is None or account.email is None or not account.has_password:
            return
        try:
            self._throttle.count(str(account.id), "")
        except TooManyAttempts:  # somebody else asks for them: a flood, or a nuisance
            return
        token = self._tokens.issue(account, self._queries.now())
        self._notifications.password_reset(account, link + token)

    def check(self, token: str) -> Account:
        """Return the account whose password the token would set. Raises ResetTokenInvalid."""
        account = self._owner(token, self._queries.account)
        self._tokens.check(token, account, self._queries.now())
        return account

    def confirm(self, token: str, password: str) -> None:
        """Set the password, end all sessions and void the token.

        Raises ResetTokenInvalid, and InvalidFields where the rules refuse the password.
        """
        known = self.check(token)
        refuse_faults(new_password=self._password_rules.fault(password, known.username))
        password_hash = self._hasher.hash(password)

        def work(uow: AccountWork) -> None:
            account = self._owner(token, uow.accounts.lock)
            self._tokens.check(token, account, uow.now())  # again: another use has voided it
            uow.accounts.save(replace(account, password_hash=password_hash))
            uow.sessions.revoke_all(account.id, uow.now())

        self._transact(work)

    def _owner(self, token: str, find: Callable[[AccountId], Account]) -> Account:
        """Return the account that the token names. Raises ResetTokenInvalid."""
        try:
            account = find(self._tokens.owner(token))
        except AccountNotFound:
            raise ResetTokenInvalid() from None
        if not account.has_password:
            raise ResetTokenInvalid()
        return account
