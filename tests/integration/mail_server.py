"""A little SMTP server (RFC 5321) on 127.0.0.1 that keeps what it is handed."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from queue import Queue
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

CERTIFICATE = Path(__file__).with_suffix(".pem")
A_WHILE = 10.0
"""Seconds that anybody waits for anybody."""


@dataclass
class Mail:
    """``commands`` are those of its conversation, without what followed them."""

    sender: str
    recipients: list[str]
    content: EmailMessage
    commands: list[str] = field(default_factory=list)


class MailServer(ThreadingTCPServer):
    """``offers`` are its extensions; ``tls_at_once`` is what ``smtps`` wants."""

    daemon_threads = True

    def __init__(self, offers: tuple[str, ...] = (), *, tls_at_once: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.offers = offers
        self.mails: Queue[Mail] = Queue()
        self.said: list[str] = []
        self.tls_at_once = tls_at_once
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(CERTIFICATE)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mail(self) -> Mail:
        return self.mails.get(timeout=A_WHILE)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class _Conversation(StreamRequestHandler):
    server: MailServer
    timeout = A_WHILE

    def setup(self) -> None:
        if self.server.tls_at_once:
            self._wrap()
        super().setup()

    def handle(self) -> None:
        self._sender = ""
        self._recipients: list[str] = []
        self._commands: list[str] = []
        self._say("220 mail.test")
        while line := self.rfile.readline(2000).decode("utf-8").rstrip("\r\n"):
            command, _, rest = line.partition(" ")
            self._commands.append(command.upper())
            self.server.said.append(command.upper())
            if command.upper() == "QUIT":
                return self._say("221 bye")
            self._obey(command.upper(), rest)
        return None

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the one within TLS, of which the server does not know

    def _obey(self, command: str, rest: str) -> None:
        if command == "EHLO":
            greeting = ("mail.test", *self.server.offers)
            self._say("\r\n".join([f"250-{offer}" for offer in greeting] + ["250 8BITMIME"]))
        elif command == "STARTTLS":
            self._say("220 go on")
            self._wrap()
            super().setup()
        elif command == "AUTH":
            self._say("235 welcome")
        elif command == "DATA":
            self._take()
        else:
            if command == "MAIL":
                self._sender = rest.partition(":")[2]
            elif command == "RCPT":
                self._recipients.append(rest.partition(":")[2])
            self._say("250 fine")

    def _take(self) -> None:
        self._say("354 go on")
        lines = list(iter(lambda: self.rfile.readline(2000), b".\r\n"))
        content: Any = message_from_bytes(b"".join(lines), policy=default)
        self.server.mails.put(Mail(self._sender, self._recipients, content, [*self._commands]))
        self._say("250 taken")

    def _wrap(self) -> None:
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(*offers: str, tls_at_once: bool = False) -> Iterator[MailServer]:
    with MailServer(offers, tls_at_once=tls_at_once) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(A_WHILE)


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes calls, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
