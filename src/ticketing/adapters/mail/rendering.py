"""The text of the mails. Their headers contain nothing that users or staff have written."""

import logging
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ticketing.adapters.email_addresses import parse_email
from ticketing.domain.accounts.errors import InvalidEmail
from ticketing.domain.mails import Mail, OfferMail, PasswordResetMail, ShowCancelledMail
from ticketing.domain.programme.show import Show

_RESET_TEXT = """\
we received a request to set a new password for your account. Open this link within 30 minutes:

{link}

If you did not request this, ignore this mail: your password does not change.
"""
_CANCELLED_TEXT = """\
this show was cancelled, and your booking with it:

{show}

Your bookings: {account_page}
"""
_OFFER_TEXT = """\
seats are free for you:

{show}
{seats}

They are yours until {until}. Please book or decline them before:

{account_page}

Then they go to the next customer.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailRenderer:
    """``sender`` is an e-mail address. A reset token is appended to ``reset_link``.

    ``zone`` is the cinema's.
    """

    sender: str
    cinema: str
    zone: tzinfo
    reset_link: str
    account_page: str

    def render(self, mail: Mail) -> EmailMessage | None:
        """Return the mail as a message; None, logged, if its address is not valid."""
        try:
            recipient = _address(mail.account.email or "")
        except InvalidEmail:
            account_id = mail.account.id
            logger.error(
                "No mail was sent to account %d: its e-mail address is not valid.", account_id
            )
            return None
        subject, text = self._content(mail)
        message = EmailMessage()
        message["Subject"] = subject
        message["From"] = _address(self.sender)
        message["To"] = recipient
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies
        body = f"Hello {mail.account.username},\n\n{text}\n{self.cinema}\n"
        message.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
        return message

    def _content(self, mail: Mail) -> tuple[str, str]:
        match mail:
            case PasswordResetMail():
                text = _RESET_TEXT.format(link=self.reset_link + mail.token)
                return "Set a new password", text
            case ShowCancelledMail():
                show = self._named(mail.show)
                text = _CANCELLED_TEXT.format(show=show, account_page=self.account_page)
                return "Your show is cancelled", text
            case OfferMail():
                text = _OFFER_TEXT.format(
                    show=self._named(mail.offer.show),
                    seats=", ".join(seat.label for seat in mail.offer.seats),
                    until=self._time(mail.offer.expires_at),
                    account_page=self.account_page,
                )
                return "Seats are free for you", text

    def _named(self, show: Show) -> str:
        title = " ".join(show.movie.title.split())
        return f"{title}\n{self._time(show.starts_at)}, {show.screen.name}"

    def _time(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local:%A}, {local.day} {local:%B %Y, %H:%M %Z}"


def _address(written: str) -> Address:
    """Return the address as mail servers know it. Raises InvalidEmail."""
    return Address(addr_spec=parse_email(written).mailbox)
