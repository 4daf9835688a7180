"""Send mail by SMTP."""

import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from ticketing.adapters.mail.message import reset_message
from ticketing.domain.accounts.account import Account

TIMEOUT_SECONDS = 10.0
"""For each response of the mail server."""

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
        self._tls = tls or _tls_context(server)

    def password_reset(self, account: Account, link: str) -> None:
        try:
            message = reset_message(self._sender, account, link)
            with self._connect() as smtp:
                self._start_tls(smtp)
                if self._server.username:
                    smtp.login(self._server.username, self._server.password)
                smtp.send_message(message)
        except (
            OSError,
            ValueError,
            smtplib.SMTPException,
        ) as error:  # may hold the address
            status = getattr(error, "smtp_code", "")
            reason = f"{type(error).__name__} {status}".rstrip()
            logger.error("No mail was sent to account %d: %s", account.id, reason)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=self._tls
            )
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        """Start TLS where offered. Raises SMTPException where a remote server does not offer it."""
        if self._server.scheme == "smtps":
            return
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls") or not self._server.is_local:
            smtp.starttls(context=self._tls)


def _tls_context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.is_local:  # local servers usually have self-signed certificates
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
