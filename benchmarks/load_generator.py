"""The load generator: many clients in one process.

Each client sends its next request as soon as it has its response. The generator has to be
cheap, so that it does not limit what is measured: requests are prepared bytes, and of a response
it reads only the status and the length.
"""

import gc
import selectors
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

from benchmarks.http_messages import ResponseReader

Request = bytes | Callable[[bytes], bytes]
"""A request, or a function that returns it, given the head of the client's last response."""

TIMEOUT_SECONDS = 30.0
"""If no response arrives for so long, all pending requests count as lost."""
_CHUNK_BYTES = 2**18


class Client:
    """A keep-alive connection, and the responses received on it.

    ``responses`` are pairs of status and latency in nanoseconds. ``late`` is the status of a
    response that arrived after the end of the run. ``lost`` counts requests without a response.
    """

    __slots__ = ("_port", "_reader", "_requests", "late", "lost", "responses", "sent_at", "socket")

    def __init__(self, port: int, requests: Iterable[Request]) -> None:
        self.responses: list[tuple[int, int]] = []
        self.late: int | None = None
        self.lost = 0
        self.sent_at = 0
        self._port = port
        self._requests = iter(requests)
        self.connect()

    def connect(self) -> None:
        self._reader = ResponseReader()
        self.socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_SECONDS)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> bool:
        """Send the next request. Return False if there is none left. Raises OSError."""
        request = next(self._requests, None)
        if request is None:
            return False
        if not isinstance(request, bytes):
            request = request(self._reader.head)
        self.sent_at = perf_counter_ns()
        self.socket.sendall(request)  # far smaller than the socket's buffer
        return True

    def receive(self) -> int:
        """Return the status if the response is complete, otherwise 0.

        Raises OSError if the connection is lost, and ValueError as ResponseReader does.
        """
        data = self.socket.recv(_CHUNK_BYTES)
        if not data:
            raise ConnectionResetError
        return self._reader.read(data)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The clients after a run of ``seconds``."""

    seconds: float
    clients: Sequence[Client]

    @property
    def statuses(self) -> Counter[int]:
        """The number of responses by status, late responses included."""
        counted = Counter(status for client in self.clients for status, _ in client.responses)
        counted.update(client.late for client in self.clients if client.late is not None)
        return counted

    @property
    def lost(self) -> int:
        return sum(client.lost for client in self.clients)


def generate_load(
    port: int, requests: Sequence[Iterable[Request]], seconds: float, pause_seconds: float = 0.0
) -> LoadResult:
    """Send requests, with one client for each item of ``requests``.

    A client waits for ``pause_seconds`` between a response and its next request. The run ends
    after ``seconds``, or when a client has no request left. It then waits for the pending
    responses. Raises OSError if it cannot connect, and ValueError as ResponseReader does.
    """
    with selectors.DefaultSelector() as selector, _no_garbage_collection():
        clients = [Client(port, each) for each in requests]
        try:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            return LoadResult(_run(selector, clients, seconds, pause_seconds), clients)
        finally:
            for client in clients:
                client.socket.close()


def _run(
    selector: selectors.BaseSelector,
    clients: Sequence[Client],
    seconds: float,
    pause_seconds: float,
) -> float:
    """Send and receive; return the seconds until the end, without the wait for late responses."""
    started = perf_counter_ns()
    end = started + int(seconds * 1e9)
    pause = int(pause_seconds * 1e9)
    pending = set() if pause else {client for client in clients if client.send()}
    pausing = deque(  # with the times of their next requests, in that order
        (started + pause * number // len(clients), client)
        for number, client in enumerate(clients if pause else ())
    )
    while pending or pausing:
        while pausing and pausing[0][0] <= (now := perf_counter_ns()):
            _, rested = pausing.popleft()
            if now < end and rested.send():
                pending.add(rested)
        if pausing:
            ready = selector.select((pausing[0][0] - now) / 1e9)
        elif not pending or not (ready := selector.select(TIMEOUT_SECONDS)):
            break
        for key, _ in ready:
            client: Client = key.data
            try:
                if not (status := client.receive()):
                    continue
                now = perf_counter_ns()
                if now < end:
                    client.responses.append((status, now - client.sent_at))
                    if not pause and client.send():
                        continue
                    if pause:
                        pausing.append((now + pause, client))
                    else:
                        end = now
                else:
                    client.late = status
            except OSError:
                if _replace_connection(selector, client, perf_counter_ns() < end):
                    continue
            pending.discard(client)
    for client in pending:
        client.lost += 1
    return (end - started) / 1e9


def _replace_connection(selector: selectors.BaseSelector, client: Client, in_time: bool) -> bool:
    """Count the request as lost, and send the next one on a new connection if ``in_time``.

    Return whether a request was sent.
    """
    client.lost += 1
    selector.unregister(client.socket)
    client.socket.close()
    if not in_time:
        return False
    client.connect()
    selector.register(client.socket, selectors.EVENT_READ, client)
    return client.send()


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
