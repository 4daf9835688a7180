"""Mail by SMTP."""

import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from ticketing.adapters.mail.message import reset_message
from ticketing.domain.accounts.account import Account

TIMEOUT = 10.0
"""Seconds that a mail server may take for each of its answers."""

_PORTS = {"smtp": 587, "smtps": 465}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in: ``smtps`` speaks TLS at once, ``smtp`` after STARTTLS."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str) -> "MailServer":
        parts = urlsplit(url)
        return cls(
            parts.scheme,
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, where nobody listens in between."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class SmtpNotifications:
    """The ``Notifications`` port. A server elsewhere has to prove who it is."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        timeout: float = TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._tls = tls or _tls_with(server)

    def password_reset(self, account: Account, link: str) -> None:
        try:
            message = reset_message(self._sender, account, link)
            with self._connect() as smtp:
                self._make_private(smtp)
                if self._server.username:
                    smtp.login(self._server.username, self._server.password)
                smtp.send_message(message)
        except (OSError, ValueError, smtplib.SMTPException) as error:  # texts may name the person
            status = getattr(error, "smtp_code", "")
            told = f"{type(error).__name__} {status}".rstrip()
            logger.error("No mail was sent to account %d: %s", account.id, told)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=self._tls
            )
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout)

    def _make_private(self, smtp: smtplib.SMTP) -> None:
        """Raises SMTPException where a server elsewhere does not offer TLS."""
        if self._server.scheme == "smtps":
            return
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls") or not self._server.is_here:
            smtp.starttls(context=self._tls)


def _tls_with(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.is_here:  # most such servers have a certificate that nobody vouches for
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
