"""Mails to customers, sent by SMTP or written to the log."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from ipaddress import ip_address
from threading import Thread
from urllib.parse import unquote, urlsplit

from ticketing.adapters.email_addresses import parse_email
from ticketing.domain.accounts.account import Account
from ticketing.domain.accounts.errors import InvalidEmail

TIMEOUT_SECONDS = 10.0
"""For the whole conversation with the mail server, from its name to its last response."""

_PORTS = {"smtp": 587, "smtps": 465}
_RESET = """\
Hello {username},

we received a request to set a new password for your account. Open this link within 30 minutes:

{link}

If you did not request this, ignore this mail: your password does not change.
"""

logger = logging.getLogger(__name__)


def reset_message(sender: str, account: Account, link: str) -> EmailMessage:
    """Return the mail with the reset link. Raises InvalidEmail."""
    message = EmailMessage()
    message["Subject"] = "Set a new password"
    message["From"] = _address(sender)
    message["To"] = _address(account.email or "")
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies
    message.set_content(_RESET.format(username=account.username, link=link), cte="7bit")
    return message


def _address(written: str) -> Address:
    """Return the address as mail servers know it. Raises InvalidEmail."""
    return Address(addr_spec=parse_email(written).mailbox)


def _log_invalid_address(account: Account) -> None:
    logger.error("No mail was sent to account %d: its e-mail address is not valid.", account.id)


class LoggedNotifications:
    """The ``Notifications`` port for development: logs the mails with their links."""

    def password_reset(self, account: Account, link: str) -> None:
        try:
            message = reset_message("ticketing@cinema.example", account, link)
        except InvalidEmail:
            _log_invalid_address(account)
        else:
            logger.info("A mail to %s:\n%s", message["To"], message.get_content())


class NoNotifications:
    """The ``Notifications`` port for production without a mail server: sends nothing."""

    def password_reset(self, account: Account, link: str) -> None:
        logger.warning("No mail was sent to account %d: TICKETING_SMTP_URL is not set.", account.id)


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server: ``smtps`` uses TLS from the start, ``smtp`` after STARTTLS."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        parts = urlsplit(url)
        return cls(
            parts.scheme,
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, so that TLS is optional."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class _Conversation:
    """A conversation with a mail server, in a thread of its own, so that it ends in time.

    A socket's timeout starts again with each byte, and the look-up of a name has none.
    """

    def __init__(self, converse: Callable[[Callable[[smtplib.SMTP], None]], None]) -> None:
        self._converse = converse
        self._done: Future[None] = Future()
        self._smtp: smtplib.SMTP | None = None
        self._is_abandoned = False

    def run(self, seconds: float) -> None:
        """Raises what the conversation raises, and TimeoutError after ``seconds``."""
        Thread(target=self._run, name="mail", daemon=True).start()
        try:
            self._done.result(seconds)
        except TimeoutError:
            self._abandon()
            raise

    def _run(self) -> None:
        try:
            self._converse(self._connected)
        except BaseException as error:
            self._done.set_exception(error)
        else:
            self._done.set_result(None)

    def _connected(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        if self._is_abandoned:
            raise TimeoutError()

    def _abandon(self) -> None:
        self._is_abandoned = True
        if self._smtp and self._smtp.sock:
            with suppress(OSError):  # the server may have ended it
                # Not the method of SSLSocket, which first drops its TLS: the other thread, which
                # may be sending, would continue in plain text.
                socket.socket.shutdown(self._smtp.sock, socket.SHUT_RDWR)


class SmtpNotifications:
    """The ``Notifications`` port. A remote server needs TLS with a valid certificate."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        timeout: float = TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()
        if tls is None and server.is_local:  # whose certificate is usually self-signed
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE

    def password_reset(self, account: Account, link: str) -> None:
        try:
            message = reset_message(self._sender, account, link)
        except InvalidEmail:
            _log_invalid_address(account)
        else:
            self._send(message, account)

    def _send(self, message: EmailMessage, account: Account) -> None:
        conversation = _Conversation(partial(self._converse, message))
        try:
            conversation.run(self._timeout)
        except (OSError, ValueError) as error:  # its text may contain the address
            status = getattr(error, "smtp_code", "")
            reason = f"{type(error).__name__} {status}".rstrip()
            logger.error("No mail was sent to account %d: %s", account.id, reason)

    def _converse(self, message: EmailMessage, connected: Callable[[smtplib.SMTP], None]) -> None:
        with self._connect() as smtp:
            connected(smtp)
            self._start_tls(smtp)
            if self._server.username:
                smtp.login(self._server.username, self._server.password)
            smtp.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=self._tls)
        return smtplib.SMTP(host, port, timeout=self._timeout)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        """Start TLS where offered. Raises SMTPException where a remote server does not offer it."""
        if self._server.scheme == "smtps":
            return
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls") or not self._server.is_local:
            smtp.starttls(context=self._tls)
