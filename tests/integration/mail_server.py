"""An SMTP server on 127.0.0.1 that keeps the mails it receives."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.integration.postgresql_server import free_port

CERTIFICATE = Path(__file__).with_suffix(".pem")
TIMEOUT_SECONDS = 10.0
Tls = Literal["smtps", "starttls"]


@dataclass
class Mail:
    recipients: list[str]
    content: EmailMessage
    is_encrypted: bool
    is_authenticated: bool


class Mails:
    """What a server received: the senders of all started mails, and the complete mails.

    It answers the start of a mail when it ``may_answer``.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.may_answer = Event()
        self.may_answer.set()
        self.senders: list[str] = []
        self.received: Queue[Mail] = Queue()

    def mail(self) -> Mail:
        """Wait for the next mail and return it."""
        return self.received.get(timeout=TIMEOUT_SECONDS)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.senders.append(address)
        await asyncio.to_thread(self.may_answer.wait, TIMEOUT_SECONDS)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        assert server.transport
        content: Any = message_from_bytes(envelope.content, policy=default)
        is_encrypted = server.transport.get_extra_info("sslcontext") is not None
        mail = Mail(envelope.rcpt_tos, content, is_encrypted, bool(session.authenticated))
        self.received.put(mail)
        return "250 OK"


@contextmanager
def mail_server(tls: Tls | None = None, login: tuple[str, str] | None = None) -> Iterator[Mails]:
    """Serve with TLS from the start, after STARTTLS, or without. ``login`` may be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    mails = Mails(free_port())
    controller = Controller(
        mails,
        "127.0.0.1",
        mails.port,
        ssl_context=context if tls == "smtps" else None,
        tls_context=context if tls == "starttls" else None,
        auth_require_tls=tls == "starttls",
        auth_callback=lambda _, *given: tuple(map(bytes.decode, given)) == login,
    )
    controller.start()
    yield mails
    controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Return the port of a server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def scripted_server(answers: Sequence[bytes]) -> Iterator[int]:
    """Return the port of a server that sends a client the answers, one for each of its messages.

    Then it closes the connection.
    """

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            for answer in answers[:-1]:
                client.send(answer)
                client.recv(100_000)
            client.send(answers[-1])

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


class TricklingServer:
    """Sends a client ``begun``, then a byte from time to time, of a response that never ends."""

    def __init__(self, listening: socket.socket, begun: bytes) -> None:
        self._begun = begun
        self.port = listening.getsockname()[1]
        self.has_lost_client = Event()
        self.is_stopped = Event()
        Thread(target=self._serve, args=(listening,), daemon=True).start()

    def _serve(self, listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            client.send(self._begun)
            while not self.is_stopped.wait(0.02):
                client.send(b"2")
        self.has_lost_client.set()


@contextmanager
def trickling_server(begun: bytes) -> Iterator[TricklingServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = TricklingServer(listening, begun)
        try:
            yield server
        finally:
            server.is_stopped.set()
