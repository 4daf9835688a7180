"""Log in, renew tokens, log out."""

from dataclasses import dataclass
from functools import partial

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH, Account, AccountId
from ticketing.domain.accounts.errors import BadCredentials, TokenRevoked
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.ports import AccountWork
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import USE_RECORDED_EVERY, Session, SessionId, SessionPolicy
from ticketing.domain.accounts.throttle import Throttle, clear_attempts
from ticketing.domain.unit_of_work import Transactions


@dataclass(frozen=True, slots=True)
class LogIn:
    """An open session and its account: everything that tokens contain."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class SessionService:
    """Verifies passwords outside of transactions, because hashing is slow."""

    transact: Transactions[AccountWork]
    queries: AccountQueries
    passwords: Passwords
    throttle: Throttle
    policy: SessionPolicy

    def log_in(self, name: str, password: str, address: str, *, rotates: bool = True) -> LogIn:
        """Open a session for the account of that username or e-mail address.

        ``address`` is the client's. Raises BadCredentials, TooManyAttempts after ten failures in
        15 minutes from there, and Overloaded while so many attempts are being verified. Neither
        error nor response time reveals whether the account exists.
        """
        # No account has a longer name, and normalising one is slow.
        known = self.queries.account_named(name) if len(name) <= MAX_EMAIL_LENGTH else None
        with self.throttle.attempt(name, address) as reserved:
            return self._log_in(known, password, reserved, rotates=rotates)

    def _log_in(
        self, known: Account | None, password: str, reserved: str | None, *, rotates: bool
    ) -> LogIn:
        verified = self.passwords.hasher.verify(password, known.password_hash if known else None)
        if known is None or not verified:
            raise BadCredentials()

        def work(uow: AccountWork) -> LogIn:
            account = uow.accounts.lock(known.id)  # a change of the account ends its sessions
            if account.password_hash != known.password_hash:  # changed since it was verified
                raise BadCredentials()
            now = uow.now()
            session = Session.open(
                account.id, rotates=rotates, now=now, lifetime=self.policy.lifetime
            )
            uow.sessions.revoke_excess(account.id, now, keep=self.policy.per_account - 1)
            uow.sessions.add(session)
            clear_attempts(uow, reserved)
            return LogIn(account, session)

        return self.transact(work)

    def renew(self, account_id: AccountId, session_id: SessionId, generation: int) -> LogIn:
        """Use the refresh token of ``generation`` and return the session with its successor.

        Raises TokenRevoked, also for a token that was already used, which ends the session. Raises
        TokenInvalid where the session does not rotate.
        """

        def work(uow: AccountWork) -> LogIn:
            session = uow.sessions.lock(account_id, session_id)
            if session is None:
                raise TokenRevoked()
            renewed = session.renew(generation, now=uow.now(), lifetime=self.policy.lifetime)
            if renewed != session:
                uow.sessions.save(renewed)
            return LogIn(uow.accounts.get(account_id), renewed)

        renewed = self.transact(work)
        if renewed.session.revoked_at is not None:  # raised after the commit of the revocation
            raise TokenRevoked()
        return renewed

    def reuse(self, account_id: AccountId, session_id: SessionId) -> LogIn:
        """Use the refresh token of a session that does not rotate.

        Raises TokenRevoked, and TokenInvalid where the session rotates.
        """
        session = self.queries.session(account_id, session_id)
        if session is None:
            raise TokenRevoked()
        now = self.queries.now()
        session.check(now, rotates=False)
        if session.used(now) != session:
            return self.transact(partial(_record_use, account_id, session_id))
        return LogIn(self.queries.account(account_id), session)

    def log_out(self, account_id: AccountId, session_id: SessionId) -> None:
        """End a session, unless it has already ended."""

        def work(uow: AccountWork) -> None:
            if session := uow.sessions.lock(account_id, session_id):
                uow.sessions.save(session.revoked(uow.now()))

        self.transact(work)

    def purge_sessions(self) -> None:
        """Delete sessions whose tokens have all expired, some per transaction."""
        kept_for = self.policy.kept_after_end
        while self.transact(lambda uow: uow.sessions.purge(uow.now() - kept_for)):
            pass

    def end_excess_sessions(self) -> None:
        """End the excess sessions of all accounts, some per transaction.

        A log-in keeps its account's number. More are left by a release without a maximum, or
        by a higher one. Those without access tokens are deleted: there may be many, and each
        server reads all that were revoked just now.
        """

        def work(account_id: AccountId, uow: AccountWork) -> int:
            uow.accounts.lock(account_id)
            now, keep = uow.now(), self.policy.per_account
            idle_since = now - self.policy.kept_after_end - USE_RECORDED_EVERY
            return uow.sessions.delete_excess(
                account_id, now, keep=keep, idle_since=idle_since
            ) or uow.sessions.revoke_excess(account_id, now, keep=keep)

        for account_id in self.queries.accounts_with_more_sessions(self.policy.per_account):
            while self.transact(partial(work, account_id)):
                pass


def _record_use(account_id: AccountId, session_id: SessionId, uow: AccountWork) -> LogIn:
    session = uow.sessions.lock(account_id, session_id)
    if session is None:
        raise TokenRevoked()
    now = uow.now()
    session.check(now, rotates=False)
    used = session.used(now)
    uow.sessions.save(used)
    return LogIn(uow.accounts.get(account_id), used)
