"""The load: many clients in one process, each of which asks again as soon as it is answered.

It is cheap rather than general, lest it be what is measured: requests are bytes made before, and
hardly anything of an answer is looked at.
"""

import gc
import selectors
import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

from benchmarks.answers import AnswerReader

PATIENCE = 30.0  # seconds without any answer, after which the rest is given up
_CHUNK = 2**18


class Client:
    """A connection that is kept alive, and what was answered on it.

    ``answers`` holds the status and the nanoseconds of each answer, ``late`` the status of one
    that came when time was up; ``lost`` counts the requests that got none.
    """

    __slots__ = ("_port", "_reader", "_requests", "answers", "late", "lost", "sent_at", "socket")

    def __init__(self, port: int, requests: Iterable[bytes]) -> None:
        self.answers: list[tuple[int, int]] = []
        self.late: int | None = None
        self.lost = 0
        self.sent_at = 0
        self._port = port
        self._requests = iter(requests)
        self.connect()

    def connect(self) -> None:
        self._reader = AnswerReader()
        self.socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> bool:
        """Send the next request; False where there is none left. Raises OSError."""
        request = next(self._requests, None)
        if request is None:
            return False
        self.sent_at = perf_counter_ns()
        self.socket.sendall(request)  # far smaller than the socket's buffer
        return True

    def receive(self) -> int:
        """The status of the answer once all of it is there, until then 0.

        Raises OSError when the connection is lost, and ValueError as AnswerReader does.
        """
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError
        return self._reader.read(data)


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a load that ran for ``seconds``."""

    seconds: float
    clients: Sequence[Client]

    @property
    def statuses(self) -> Counter[int]:
        """How often each was answered, late answers included."""
        counted = Counter(status for client in self.clients for status, _ in client.answers)
        counted.update(client.late for client in self.clients if client.late is not None)
        return counted

    @property
    def lost(self) -> int:
        return sum(client.lost for client in self.clients)


def play(port: int, requests: Sequence[Iterable[bytes]], seconds: float) -> Played:
    """Have one client for each of ``requests`` send them, until time is up or one has no more.

    What is under way then is waited for. Raises OSError where a connection cannot be had, and
    ValueError as AnswerReader does.
    """
    with selectors.DefaultSelector() as selector, _no_garbage_collection():
        clients = [Client(port, each) for each in requests]
        try:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            return Played(_run(selector, clients, seconds), clients)
        finally:
            for client in clients:
                client.socket.close()


def _run(selector: selectors.BaseSelector, clients: Sequence[Client], seconds: float) -> float:
    """Play; answers the seconds that it took, without the wait for what was under way."""
    begun = perf_counter_ns()
    end = begun + int(seconds * 1e9)
    under_way = {client for client in clients if client.ask()}
    while under_way and (ready := selector.select(PATIENCE)):
        for key, _ in ready:
            client: Client = key.data
            try:
                if not (status := client.receive()):
                    continue
                now = perf_counter_ns()
                if now < end:
                    client.answers.append((status, now - client.sent_at))
                    if client.ask():
                        continue
                    end = now
                else:
                    client.late = status
            except OSError:
                if _again(selector, client, perf_counter_ns() < end):
                    continue
            under_way.discard(client)
    for client in under_way:
        client.lost += 1
    return (end - begun) / 1e9


def _again(selector: selectors.BaseSelector, client: Client, in_time: bool) -> bool:
    """After a connection was lost: whether the client is asking again on a new one."""
    client.lost += 1
    selector.unregister(client.socket)
    client.socket.close()
    if not in_time:
        return False
    client.connect()
    selector.register(client.socket, selectors.EVENT_READ, client)
    return client.ask()


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
