"""Sessions: logging in, renewing the tokens, and logging out."""

from dataclasses import dataclass
from datetime import timedelta

from ticketing.domain.accounts.account import LONGEST_EMAIL, Account, AccountId
from ticketing.domain.accounts.errors import BadCredentials, TokenRevoked
from ticketing.domain.accounts.ports import AccountWork, PasswordHasher
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import LONGEST_ACCESS, Session, SessionId
from ticketing.domain.accounts.throttle import LOG_INS, Throttle, forgive
from ticketing.domain.unit_of_work import Transactions


@dataclass(frozen=True, slots=True)
class LogIn:
    """An open session and the account it belongs to: all that tokens are made of."""

    account: Account
    session: Session


class SessionService:
    """Passwords are verified outside of transactions, which would be held up by it."""

    def __init__(
        self,
        transactions: Transactions[AccountWork],
        queries: AccountQueries,
        hasher: PasswordHasher,
        session_lifetime: timedelta,
        throttle: Throttle | None = None,
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hasher = hasher
        self._session_lifetime = session_lifetime
        self._throttle = throttle or Throttle(transactions, LOG_INS, key=None)

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

        def work(uow: AccountWork) -> LogIn:
            account = uow.accounts.lock(known.id)  # whoever changes it ends its sessions
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

        def work(uow: AccountWork) -> LogIn:
            session = uow.sessions.lock(account_id, session_id)
            if session is None:
                raise TokenRevoked()
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
        session = self._queries.session(account_id, session_id)
        if session is None:
            raise TokenRevoked()
        session.check(self._queries.now(), rotates=False)
        return LogIn(self._queries.account(account_id), session)

    def log_out(self, account_id: AccountId, session_id: SessionId) -> None:
        """End a session; one that has ended already stays ended."""

        def work(uow: AccountWork) -> None:
            if session := uow.sessions.lock(account_id, session_id):
                uow.sessions.save(session.revoked(uow.now()))

        self._transact(work)

    def forget_ended_sessions(self) -> None:
        """Drop what ended so long ago that no token of it lives, some in each transaction."""
        kept_for = 2 * LONGEST_ACCESS
        while self._transact(lambda uow: uow.sessions.forget_ended(uow.now() - kept_for)):
            pass
