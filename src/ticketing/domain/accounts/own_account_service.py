"""What people do with their own account, once it is open."""

from dataclasses import replace

from ticketing.domain.accounts.account import AccountId, PasswordRules, Role
from ticketing.domain.accounts.errors import TokenRevoked, WrongPassword
from ticketing.domain.accounts.ports import AccountWork, PasswordHasher
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.throttle import Throttle, forgive
from ticketing.domain.audit.ports import record
from ticketing.domain.errors import refuse_faults
from ticketing.domain.unit_of_work import Transactions


class OwnAccountService:
    """``throttle`` is that of the log-ins: who has a session has not got the password yet."""

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
        """Take another password, which ends all sessions but the present one.

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
            if account.password_hash != known.password_hash:  # changed while it was verified
                raise WrongPassword()
            uow.accounts.save(replace(account, password_hash=password_hash))
            uow.sessions.revoke_all(account_id, uow.now(), but=session_id)
            forgive(uow, counted)

        with self._throttle.excusing(counted):
            self._transact(work)

    def delete(self, account_id: AccountId) -> None:
        """Forget who it was, and end the sessions. Bookings stand, and are nobody's any more.

        The sessions are kept: their access tokens have to be refused for as long as they live.
        Raises TokenRevoked where it is deleted already.
        """

        def work(uow: AccountWork) -> None:
            account = uow.accounts.lock(account_id)
            if account.is_deleted:
                raise TokenRevoked()
            now = uow.now()
            uow.accounts.save(account.deleted(now))
            uow.sessions.revoke_all(account_id, now)
            if account.role is not Role.CUSTOMER:
                own = account_id
                record(uow, own, "account.removed", "account", own, role=account.role)

        self._transact(work)
