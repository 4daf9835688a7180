"""Password reset by a link in a mail."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH, Account, AccountId
from ticketing.domain.accounts.errors import AccountNotFound, ResetTokenInvalid
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.ports import AccountWork, ResetTokens
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.throttle import network_of
from ticketing.domain.errors import refuse_faults
from ticketing.domain.messages.message import PasswordResetMessage
from ticketing.domain.text import comparison_key, is_wellformed
from ticketing.domain.unit_of_work import Transactions

MAX_WAITING_PER_NAME = 3
MAX_WAITING_PER_CLIENT = 20


@dataclass(frozen=True, slots=True)
class PasswordResetService:
    """``key`` hashes the names and clients by which waiting messages are counted.

    ``name_key`` returns the same text for all ways to write a name.
    """

    transact: Transactions[AccountWork]
    queries: AccountQueries
    passwords: Passwords
    tokens: ResetTokens
    key: bytes = field(repr=False)
    name_key: Callable[[str], str] = comparison_key

    def request(self, name: str, address: str) -> None:
        """Have a link mailed to the account of that username or e-mail address, if there is one.

        ``address`` is that of the client. The account is not looked up: neither the response nor
        its time reveals whether it exists. While as many mails as allowed wait for the name or for
        the client, there will be no other.
        """
        if len(name) > MAX_EMAIL_LENGTH or not is_wellformed(name):
            return  # as no account is named
        name_hash = self._hashed(f"name {self.name_key(name)}")
        client_hash = self._hashed(f"client {network_of(address)}")

        def work(uow: AccountWork) -> None:
            now = uow.now()
            for key in sorted((name_hash, client_hash)):  # one request of each at a time
                uow.failed_log_ins.reserve(key, now, expired=now, abandoned=now)
            message = PasswordResetMessage.new(name, name_hash, client_hash, now)
            uow.outbox.add(message)
            of_name, of_client = uow.outbox.waiting(name_hash, client_hash)
            if of_name > MAX_WAITING_PER_NAME or of_client > MAX_WAITING_PER_CLIENT:
                uow.outbox.remove(message)  # and commit as always, which takes as long
            for key in (name_hash, client_hash):
                uow.failed_log_ins.clear(key)

        self.transact(work)

    def _hashed(self, text: str) -> str:
        return hmac.digest(self.key, text.encode(), hashlib.sha256).hex()

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
