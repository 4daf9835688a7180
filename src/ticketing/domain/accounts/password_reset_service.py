"""Password reset by a link in a mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH, Account, AccountId
from ticketing.domain.accounts.errors import AccountNotFound, ResetTokenInvalid, TooManyAttempts
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.ports import (
    AccountWork,
    Background,
    Notifications,
    Quota,
    ResetTokens,
)
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.throttle import Throttle, network_of
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions

MAX_WAITING_PER_ACCOUNT = 3
MAX_WAITING_PER_ADDRESS = 20


@dataclass(frozen=True, slots=True)
class PasswordResetService:
    """``throttle`` limits the mails per account.

    Accounts are looked up apart from the ``mails``, which wait for a mail server. Of those, an
    account has ``MAX_WAITING_PER_ACCOUNT`` and a client address ``MAX_WAITING_PER_ADDRESS``.
    """

    transact: Transactions[AccountWork]
    queries: AccountQueries
    passwords: Passwords
    throttle: Throttle
    tokens: ResetTokens
    notifications: Notifications
    look_ups: Background
    mails: Background

    def request(self, name: str, link: str, address: str) -> None:
        """Send a mail to the account of that username or e-mail address, if there is one.

        ``link`` is the URL of the form, to which the token is appended; ``address`` is that of the
        client. Everything runs in the background, so that neither the response nor its time reveals
        whether a name exists.
        """
        client = {Quota("client address", network_of(address)): MAX_WAITING_PER_ADDRESS}
        self.look_ups(partial(self._look_up, name, link, client), client)

    def _look_up(self, name: str, link: str, client: Mapping[Quota, int]) -> None:
        account = self.queries.account_named(name) if len(name) <= MAX_EMAIL_LENGTH else None
        if account is None or account.email is None or not account.has_password:
            return
        quotas = {Quota("account", account.id): MAX_WAITING_PER_ACCOUNT, **client}
        self.mails(partial(self._send, account, link), quotas)

    def _send(self, account: Account, link: str) -> None:
        try:
            self.throttle.count(str(account.id), "")
        except TooManyAttempts:  # at most a few mails per account
            return
        token = self.tokens.issue(account, self.queries.now())
        self.notifications.password_reset(account, link + token)

    def check(self, token: str) -> Account:
        """Return the account whose password the token would set. Raises ResetTokenInvalid."""
        account = self._owner(token, self.queries.account)
        self.tokens.check(token, account, self.queries.now())
        return account

    def confirm(self, token: str, password: str) -> None:
        """Set the password, end all sessions and void the token.

        Raises ResetTokenInvalid, and InvalidFields where the rules refuse the password.
        """
        known = self.check(token)
        refuse_faults(new_password=self.passwords.fault(password, known.username))
        password_hash = self.passwords.hasher.hash(password)

        def work(uow: AccountWork) -> None:
            account = self._owner(token, uow.accounts.lock)
            self.tokens.check(token, account, uow.now())  # again: another use has voided it
            uow.accounts.save(replace(account, password_hash=password_hash))
            uow.sessions.revoke_all(account.id, uow.now())

        self.transact(work)

    def _owner(self, token: str, find: Callable[[AccountId], Account]) -> Account:
        """Return the account that the token names. Raises ResetTokenInvalid."""
        try:
            account = find(self.tokens.owner(token))
        except AccountNotFound:
            raise ResetTokenInvalid() from None
        if not account.has_password:
            raise ResetTokenInvalid()
        return account
