"""The mails to customers, made of messages at the time at which they are sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.ports import ResetTokens
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.throttle import Throttle
from ticketing.domain.errors import NotFound
from ticketing.domain.messages.message import (
    Message,
    OfferMessage,
    PasswordResetMessage,
    ShowMessage,
)
from ticketing.domain.programme.queries import ProgrammeQueries
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.waiting_list.entry import EntryId, EntryStatus
from ticketing.domain.sales.waiting_list.queries import WaitingListQueries


@dataclass(frozen=True, slots=True)
class PasswordResetMail:
    """``token`` sets the password of ``account``."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class ShowCancelledMail:
    account: Account
    show: Show


@dataclass(frozen=True, slots=True)
class OfferMail:
    account: Account
    offer: Hold


Mail: TypeAlias = PasswordResetMail | ShowCancelledMail | OfferMail


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
    waiting_list: WaitingListQueries
    tokens: ResetTokens
    throttle: Throttle
    mailer: Mailer

    def __call__(self, message: Message) -> bool:
        """Return False where the message is out of date. Raises NotSent."""
        try:
            mail = self._mail(message, self.accounts.now())
        except NotFound:  # deleted in the meantime
            return False
        return mail is not None and self.mailer.send(mail)

    def _mail(self, message: Message, now: datetime) -> Mail | None:
        """Return the mail, None where the message is out of date or has no recipient."""
        if isinstance(message, PasswordResetMessage):
            return self._password_reset(message, now)
        assert isinstance(message, ShowMessage)
        account = self.accounts.account(AccountId(message.account_id))
        if account.email is None:
            return None
        if isinstance(message, OfferMessage):
            entry = self.waiting_list.entry(EntryId(message.entry_id)).entry
            is_open = entry.status(now) is EntryStatus.OFFERED
            return OfferMail(account, entry.offer) if entry.offer and is_open else None
        show = self.programme.show(ShowId(message.show_id)).show
        return ShowCancelledMail(account, show) if now < show.ends_at else None

    def _password_reset(self, message: PasswordResetMessage, now: datetime) -> Mail | None:
        account = self.accounts.account_named(message.name)
        if account is None or account.email is None or not account.has_password:
            return None
        if message.attempts == 1:
            try:
                self.throttle.count(str(account.id), "")
            except TooManyAttempts:
                return None
        return PasswordResetMail(account, self.tokens.issue(account, now))
