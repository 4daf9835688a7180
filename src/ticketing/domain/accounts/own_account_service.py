"""What customers change in their own account: password and deletion."""

from dataclasses import replace

from ticketing.domain.accounts.account import AccountId, PasswordRules, Role
from ticketing.domain.accounts.errors import TokenRevoked, WrongPassword
from ticketing.domain.accounts.ports import AccountWork, PasswordHasher
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.throttle import Throttle, clear_attempts
from ticketing.domain.audit import record
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions


class OwnAccountService:
    """Counts wrong current passwords with the ``throttle`` of log-ins."""

    def __init__(
        self,
        transactions: Transactions[AccountWork],
        queries: AccountQueries,
        hasher: PasswordHasher,
        password_rules: PasswordRules,
        throttle: Throttle,
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hasher = hasher
        self._password_rules = password_rules
        self._throttle = throttle

    def change_password(
        self,
        account_id: AccountId,
        current: str,
        new: str,
        *,
        session_id: SessionId,
        address: str,
    ) -> None:
        """Set a new password and end all other sessions.

        Raises InvalidFields, WrongPassword and TooManyAttempts.
        """
        known = self._queries.account(account_id)
        refuse_faults(new_password=self._password_rules.fault(new, known.username))
        counted = self._throttle.count(known.username, address)
        if not self._hasher.verify(current, known.password_hash):
            raise WrongPassword()
        password_hash = self._hasher.hash(new)

        def work(uow: AccountWork) -> None:
            account = uow.accounts.lock(account_id)
            if account.password_hash != known.password_hash:  # changed since it was verified
                raise WrongPassword()
            uow.accounts.save(replace(account, password_hash=password_hash))
            uow.sessions.revoke_all(account_id, uow.now(), but=session_id)
            clear_attempts(uow, counted)

        with self._throttle.clear_if_busy(counted):
            self._transact(work)

    def delete(self, account_id: AccountId) -> None:
        """Delete the personal data and end the sessions. Bookings stay, without a name.

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
            if account.role is not Role.CUSTOMER:
                role = account.role
                record(uow, account_id, "account.removed", "account", account_id, role=role)

        self._transact(work)
