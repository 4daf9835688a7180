"""Mails sent by SMTP."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from ipaddress import ip_address
from threading import Thread
from urllib.parse import unquote, urlsplit

from ticketing.domain.mails import Mail
from ticketing.domain.messages.ports import NotSent

TIMEOUT_SECONDS = 10.0
"""For the whole conversation with the mail server, from its name to its last response."""

_PORTS = {"smtp": 587, "smtps": 465}

logger = logging.getLogger(__name__)


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

    def __init__(self, converse: Callable[["_Conversation"], None]) -> None:
        self._converse = converse
        self._done: Future[None] = Future()
        self._smtp: smtplib.SMTP | None = None
        self._is_abandoned = False
        self.is_accepted = False

    def run(self, seconds: float) -> None:
        """Raises what the conversation raises, and TimeoutError after ``seconds``.

        When the mail was accepted, it counts as sent whatever becomes of the farewell.
        """
        Thread(target=self._run, name="mail", daemon=True).start()
        try:
            self._done.result(seconds)
        except TimeoutError:
            self._abandon()
            if not self.is_accepted:
                raise

    def _run(self) -> None:
        try:
            self._converse(self)
        except BaseException as error:
            if not self.is_accepted:
                self._done.set_exception(error)
                return
        self._done.set_result(None)

    def connected(self, smtp: smtplib.SMTP) -> None:
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


class SmtpMailer:
    """The ``Mailer`` port. A remote server needs TLS with a valid certificate."""

    def __init__(
        self,
        server: MailServer,
        render: Callable[[Mail], EmailMessage | None],
        timeout: float = TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._render = render
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()
        if tls is None and server.is_local:  # whose certificate is usually self-signed
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE

    def send(self, mail: Mail) -> bool:
        try:
            message = self._render(mail)
            if message is not None:
                _Conversation(partial(self._converse, message)).run(self._timeout)
        except (OSError, ValueError) as error:  # its text may contain the address
            status = getattr(error, "smtp_code", "")
            reason = f"{type(error).__name__} {status}".rstrip()
            logger.error("No mail was sent to account %d: %s", mail.account.id, reason)
            raise NotSent() from None
        return message is not None

    def _converse(self, message: EmailMessage, conversation: _Conversation) -> None:
        with self._connect() as smtp:
            conversation.connected(smtp)
            self._start_tls(smtp)
            if self._server.username:
                smtp.login(self._server.username, self._server.password)
            smtp.send_message(message)
            conversation.is_accepted = True

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        timeout = 2 * self._timeout  # the conversation is over before
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=self._tls)
        return smtplib.SMTP(host, port, timeout=timeout)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        """Start TLS where offered. Raises SMTPException where a remote server does not offer it."""
        if self._server.scheme == "smtps":
            return
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls") or not self._server.is_local:
            smtp.starttls(context=self._tls)
