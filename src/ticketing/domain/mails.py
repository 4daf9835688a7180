"""The mails to customers, made of messages at the time at which they are sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.ports import RESET_TOKEN_LIFETIME, ResetTokens
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.throttle import Throttle
from ticketing.domain.messages.message import Message, PasswordResetMessage, ShowCancelledMessage
from ticketing.domain.programme.queries import ProgrammeQueries
from ticketing.domain.programme.show import Show, ShowId


@dataclass(frozen=True, slots=True)
class PasswordResetMail:
    """``token`` sets the password of ``account``."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class ShowCancelledMail:
    account: Account
    show: Show


Mail: TypeAlias = PasswordResetMail | ShowCancelledMail


class Mailer(Protocol):
    """Renders mails and hands them to a mail server, or to the log in development."""

    def send(self, mail: Mail) -> bool:
        """Send the mail to the account's address; False, logged, if no mail can get there.

        Raises NotSent, within about ten seconds.
        """


@dataclass(frozen=True, slots=True)
class Delivery:
    """Makes and sends the mail of a message. ``throttle`` limits the reset mails per account."""

    accounts: AccountQueries
    programme: ProgrammeQueries
    tokens: ResetTokens
    throttle: Throttle
    mailer: Mailer

    def __call__(self, message: Message) -> bool:
        """Return False where the message is out of date. Raises NotSent."""
        mail = self.mail(message, self.accounts.now())
        return mail is not None and self.mailer.send(mail)

    def mail(self, message: Message, now: datetime) -> Mail | None:
        """Return the mail, None where the message is out of date or has no recipient."""
        match message:
            case PasswordResetMessage():
                return self._password_reset(message, now)
            case ShowCancelledMessage():
                return self._show_cancelled(message, now)
        raise TypeError(message.kind)

    def _show_cancelled(self, message: ShowCancelledMessage, now: datetime) -> Mail | None:
        account = self.accounts.account(AccountId(message.account_id))
        show = self.programme.show(ShowId(message.show_id)).show
        is_news = account.email is not None and now < show.ends_at
        return ShowCancelledMail(account, show) if is_news else None

    def _password_reset(self, message: PasswordResetMessage, now: datetime) -> Mail | None:
        if now >= message.created_at + RESET_TOKEN_LIFETIME:
            return None
        account = self.accounts.account_named(message.name)
        if account is None or account.email is None or not account.has_password:
            return None
        if message.attempts == 1:
            try:
                self.throttle.count(str(account.id), "")
            except TooManyAttempts:
                return None
        return PasswordResetMail(account, self.tokens.issue(account, now))
