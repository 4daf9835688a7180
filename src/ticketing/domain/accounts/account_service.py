"""Create, change and delete accounts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ticketing.domain.accounts.account import (
    Account,
    AccountId,
    Role,
    username_fault,
)
from ticketing.domain.accounts.errors import (
    AccountNotFound,
    EmailTaken,
    TokenRevoked,
    UsernameTaken,
    WrongPassword,
)
from ticketing.domain.accounts.names import NameKeys
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.ports import Accounts, AccountWork
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.throttle import Throttle, clear_attempts
from ticketing.domain.audit import differences, record
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions


@dataclass(frozen=True, slots=True)
class AccountService:
    """``throttle`` counts wrong current passwords; it is that of log-ins. ``before_deletion`` ends
    what an account has that does not outlive it.

    Passwords are hashed outside of transactions, because hashing is slow.
    """

    transact: Transactions[AccountWork]
    queries: AccountQueries
    passwords: Passwords
    throttle: Throttle
    names: NameKeys
    before_deletion: Callable[[AccountId], None] = lambda account_id: None

    def sign_up(
        self, username: str, password: str, email: str | None = None, role: Role = Role.CUSTOMER
    ) -> Account:
        """Create an account. Raises InvalidFields, UsernameTaken and EmailTaken."""
        refuse_faults(
            username=username_fault(username),
            password=self.passwords.fault(password, username),
            email=None if email is None else self.names.email_fault(email),
        )
        password_hash = self.passwords.hasher.hash(password)
        address = email.strip() if email else None

        def work(uow: AccountWork) -> Account:
            if uow.accounts.find(username):
                raise UsernameTaken()
            if address and self._is_taken(address, uow.accounts):
                raise EmailTaken()
            account = uow.accounts.add(
                Account(
                    username=username,
                    email=address,
                    password_hash=password_hash,
                    role=role,
                    created_at=uow.now(),
                )
            )
            if role is not Role.CUSTOMER:
                record(uow, None, "account.added", "account", account.id, role=role)
            return account

        return self.transact(work)

    def _is_taken(self, email: str, accounts: Accounts) -> bool:
        found = accounts.find(email)
        return found is not None and self.names.is_same_mailbox(found.email or "", email)

    def change_own_password(
        self,
        account_id: AccountId,
        current: str,
        new: str,
        *,
        session_id: SessionId,
        address: str,
    ) -> None:
        """Set a new password and end all other sessions.

        Raises InvalidFields, WrongPassword, TooManyAttempts and Overloaded.
        """
        known = self.queries.account(account_id)
        refuse_faults(new_password=self.passwords.fault(new, known.username))
        with self.throttle.attempt(known.username, address) as reserved:
            if not self.passwords.hasher.verify(current, known.password_hash):
                raise WrongPassword()
            password_hash = self.passwords.hasher.hash(new)

            def work(uow: AccountWork) -> None:
                account = uow.accounts.lock(account_id)
                if account.password_hash != known.password_hash:  # changed since it was verified
                    raise WrongPassword()
                uow.accounts.save(replace(account, password_hash=password_hash))
                uow.sessions.revoke_all(account_id, uow.now(), but=session_id)
                clear_attempts(uow, reserved)

            self.transact(work)

    def delete(self, account_id: AccountId) -> None:
        """Delete the personal data and messages, end holds and sessions. Bookings stay, nameless.

        Sessions are kept as revoked, so that their access tokens are refused until they expire.
        Raises TokenRevoked where the account is already deleted.
        """

        def work(uow: AccountWork) -> None:
            account = uow.accounts.lock(account_id)
            if account.is_deleted:
                raise TokenRevoked()
            now = uow.now()
            uow.accounts.save(account.deleted(now))
            uow.sessions.revoke_all(account_id, now)
            uow.outbox.remove_all_of(account_id)
            if account.role is not Role.CUSTOMER:
                role = account.role
                record(uow, account_id, "account.removed", "account", account_id, role=role)

        self.before_deletion(account_id)
        self.transact(work)

    def change_role(self, name: str, role: Role) -> Account:
        """Change an account's role and end its sessions, for the operator.

        Raises AccountNotFound.
        """
        return self._change(name, "account.role", lambda account: replace(account, role=role))

    def change_password(self, name: str, password: str) -> Account:
        """Set an account's password and end its sessions, for the operator.

        Raises AccountNotFound, and InvalidFields where the rules refuse the password.
        """
        known = self.queries.account_named(name)
        if known is None:
            raise AccountNotFound()
        refuse_faults(password=self.passwords.fault(password, known.username))
        new_hash = self.passwords.hasher.hash(password)
        return self._change(
            name, "account.password", lambda account: replace(account, password_hash=new_hash)
        )

    def _change(self, name: str, action: str, change: Callable[[Account], Account]) -> Account:
        found = self.queries.account_named(name)
        if found is None:
            raise AccountNotFound()

        def work(uow: AccountWork) -> Account:
            locked = uow.accounts.lock(found.id)
            if locked.is_deleted:  # since it was found
                raise AccountNotFound()
            changed = change(locked)
            uow.accounts.save(changed)
            uow.sessions.revoke_all(changed.id, uow.now())
            changes = differences({"role": locked.role}, {"role": changed.role})
            record(uow, None, action, "account", changed.id, **changes)
            return changed

        return self.transact(work)
