"""Accounts: signing up, and logging in and out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from ticketing.domain.account import (
    LONGEST_EMAIL,
    Account,
    AccountId,
    PasswordRules,
    Role,
    check_sign_up,
)
from ticketing.domain.audit import differences, record
from ticketing.domain.errors import (
    AccountNotFound,
    BadCredentials,
    EmailTaken,
    TokenRevoked,
    UsernameTaken,
    refuse_faults,
)
from ticketing.domain.ports.passwords import PasswordHasher
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork
from ticketing.domain.queries import Queries
from ticketing.domain.session import LONGEST_ACCESS, Session, SessionId
from ticketing.domain.throttle import LOG_INS, Throttle, forgive


@dataclass(frozen=True, slots=True)
class LogIn:
    """An open session and the account it belongs to: all that tokens are made of."""

    account: Account
    session: Session


class AccountService:
    """Passwords are hashed outside of transactions, which would be held up by it."""

    def __init__(
        self,
        transactions: Transactions,
        queries: Queries,
        hasher: PasswordHasher,
        password_rules: PasswordRules,
        session_lifetime: timedelta,
        throttle: Throttle | None = None,
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hasher = hasher
        self._password_rules = password_rules
        self._session_lifetime = session_lifetime
        self._throttle = throttle or Throttle(transactions, LOG_INS, key=None)

    def sign_up(
        self, username: str, password: str, email: str | None = None, role: Role = Role.CUSTOMER
    ) -> Account:
        """A new account. Raises InvalidFields, UsernameTaken and EmailTaken."""
        check_sign_up(username, password, email, self._password_rules)
        password_hash = self._hasher.hash(password)
        address = email.strip() if email else None

        def work(uow: UnitOfWork) -> Account:
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
                record(uow, None, "account.added", f"account {account.id}", role=role)
            return account

        return self._transact(work)

    def password_fault(self, password: str, username: str) -> str | None:
        """What is wrong with ``password`` for a new account of that name, if anything."""
        return self._password_rules.fault(password, username)

    def log_in(self, name: str, password: str, address: str, *, rotates: bool = True) -> LogIn:
        """Open a session for the account of that username or e-mail address.

        ``address`` is where the request came from. Raises BadCredentials, and TooManyAttempts
        after ten in a quarter of an hour from there: both alike, and after the same time, whether
        or not there is such an account.
        """
        # Nobody has a longer name, and comparing one would take long.
        known = self._queries.account_named(name) if len(name) <= LONGEST_EMAIL else None
        counted = self._throttle.count(name, address)  # not where the store was too busy to tell
        verified = self._hasher.verify(password, known.password_hash if known else None)
        if known is None or not verified:
            raise BadCredentials()

        def work(uow: UnitOfWork) -> LogIn:
            account = uow.accounts.lock(known.id)  # whoever changes it ends sessions: see _change
            if account.password_hash != known.password_hash:  # changed while it was verified
                raise BadCredentials()
            now = uow.now()
            session = Session.open(
                account.id, rotates=rotates, now=now, lifetime=self._session_lifetime
            )
            uow.sessions.forget_expired(account.id, now - LONGEST_ACCESS)
            uow.sessions.add(session)
            forgive(uow, counted)
            return LogIn(account, session)

        with self._throttle.excusing(counted):
            return self._transact(work)

    def renew(self, account_id: AccountId, session_id: SessionId, generation: int) -> LogIn:
        """Use the refresh token of ``generation``, and get the session with its successor.

        Raises TokenRevoked; a token that was used before ends the session. Raises TokenInvalid
        where the session does not rotate.
        """

        def work(uow: UnitOfWork) -> LogIn:
            session = _held(uow, account_id, session_id)
            renewed = session.renew(generation, now=uow.now(), lifetime=self._session_lifetime)
            if renewed != session:
                uow.sessions.save(renewed)
            return LogIn(uow.accounts.get(account_id), renewed)

        renewed = self._transact(work)
        if renewed.session.revoked_at is not None:  # raised here, so that the revocation is kept
            raise TokenRevoked()
        return renewed

    def reuse(self, account_id: AccountId, session_id: SessionId) -> LogIn:
        """Use the refresh token of a session that does not rotate.

        Raises TokenRevoked, and TokenInvalid where the session does rotate.
        """

        def work(uow: UnitOfWork) -> LogIn:
            session = _held(uow, account_id, session_id)
            session.check(uow.now(), rotates=False)
            return LogIn(uow.accounts.get(account_id), session)

        return self._transact(work)

    def log_out(self, account_id: AccountId, session_id: SessionId) -> None:
        """End a session; one that has ended already stays ended."""

        def work(uow: UnitOfWork) -> None:
            if session := uow.sessions.lock(account_id, session_id):
                uow.sessions.save(session.revoked(uow.now()))

        self._transact(work)

    def forget_ended_sessions(self) -> None:
        """Drop what ended so long ago that no token of it lives, some in each transaction."""
        kept_for = 2 * LONGEST_ACCESS
        while self._transact(lambda uow: uow.sessions.forget_ended(uow.now() - kept_for)):
            pass

    def change_role(self, name: str, role: Role) -> Account:
        """Give an account another role, which ends its sessions. Raises AccountNotFound."""
        return self._change(name, "account.role", lambda account: replace(account, role=role))

    def change_password(self, name: str, password: str) -> Account:
        """Give an account another password, which ends its sessions.

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
        def work(uow: UnitOfWork) -> Account:
            found = uow.accounts.find(name)
            if found is None:
                raise AccountNotFound()
            held = uow.accounts.lock(found.id)
            if held.is_deleted:  # by its owner, just now
                raise AccountNotFound()
            changed = change(held)
            uow.accounts.save(changed)
            uow.sessions.revoke_all(changed.id, uow.now())
            changes = differences({"role": held.role}, {"role": changed.role})
            record(uow, None, what, f"account {changed.id}", **changes)
            return changed

        return self._transact(work)


def _held(uow: UnitOfWork, account_id: AccountId, session_id: SessionId) -> Session:
    """The session, held. Raises TokenRevoked where it is long over."""
    session = uow.sessions.lock(account_id, session_id)
    if session is None:
        raise TokenRevoked()
    return session
