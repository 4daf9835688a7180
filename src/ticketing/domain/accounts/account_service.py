"""Sign-up, and what operators change: roles and passwords."""

from collections.abc import Callable
from dataclasses import replace

from ticketing.domain.accounts.account import Account, PasswordRules, Role, check_sign_up
from ticketing.domain.accounts.errors import AccountNotFound, EmailTaken, UsernameTaken
from ticketing.domain.accounts.ports import AccountWork, PasswordHasher
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.audit import differences, record
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions


class AccountService:
    """Hashes passwords outside of transactions, because hashing is slow."""

    def __init__(
        self,
        transactions: Transactions[AccountWork],
        queries: AccountQueries,
        hasher: PasswordHasher,
        password_rules: PasswordRules,
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hasher = hasher
        self._password_rules = password_rules

    def sign_up(
        self, username: str, password: str, email: str | None = None, role: Role = Role.CUSTOMER
    ) -> Account:
        """Create an account. Raises InvalidFields, UsernameTaken and EmailTaken."""
        check_sign_up(username, password, email, self._password_rules)
        password_hash = self._hasher.hash(password)
        address = email.strip() if email else None

        def work(uow: AccountWork) -> Account:
            if uow.accounts.find(username):
                raise UsernameTaken()
            if address and uow.accounts.find(address):
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

        return self._transact(work)

    def password_fault(self, password: str, username: str) -> str | None:
        """Return what is wrong with ``password`` for a new account of that name, if anything."""
        return self._password_rules.fault(password, username)

    def change_role(self, name: str, role: Role) -> Account:
        """Change an account's role and end its sessions. Raises AccountNotFound."""
        return self._change(name, "account.role", lambda account: replace(account, role=role))

    def change_password(self, name: str, password: str) -> Account:
        """Set an account's password and end its sessions.

        Raises AccountNotFound, and InvalidFields where the rules refuse the password.
        """
        known = self._queries.account_named(name)
        if known is None:
            raise AccountNotFound()
        refuse_faults(password=self._password_rules.fault(password, known.username))
        password_hash = self._hasher.hash(password)

        def with_password(account: Account) -> Account:
            return replace(account, password_hash=password_hash)

        return self._change(name, "account.password", with_password)

    def _change(self, name: str, what: str, change: Callable[[Account], Account]) -> Account:
        def work(uow: AccountWork) -> Account:
            found = uow.accounts.find(name)
            if found is None:
                raise AccountNotFound()
            locked = uow.accounts.lock(found.id)
            if locked.is_deleted:  # since it was found
                raise AccountNotFound()
            changed = change(locked)
            uow.accounts.save(changed)
            uow.sessions.revoke_all(changed.id, uow.now())
            changes = differences({"role": locked.role}, {"role": changed.role})
            record(uow, None, what, "account", changed.id, **changes)
            return changed

        return self._transact(work)
