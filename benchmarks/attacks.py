"""What one client address does to the server while honest clients are measured.

Each attack runs in a process of its own, from 127.0.0.2, until it is stopped.
"""

import multiprocessing
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.synchronize import Event
from threading import Thread
from typing import Protocol

import psycopg2

from benchmarks.environment import LARGE_PLAN, PASSWORD, Environment
from benchmarks.http_messages import ResponseReader, booking_request, request, seat_map_request

ADDRESS = "127.0.0.2"
WARM_UP_SECONDS = 1.0
"""How long an attack runs before anything is measured."""
TIMEOUT_SECONDS = 60.0

BODY_SENDERS, LOG_IN_CONNECTIONS, WAITING_CUSTOMERS, PAGE_READERS = 8, 64, 32, 8
REFUSALS_FOR_A_TIME, RETRY_AFTER_SECONDS = (429, 503), 1.0
SLOW_CLIENTS = 500
SLOW_PART_SECONDS = 1.0
"""Between two bytes of a slow client, which is less than nginx allows."""
_CHUNK_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Flood:
    """A connection for each item of ``requests``; each sends its next request after a response.

    It waits as long as a response demands (``Retry-After``).
    """

    port: int
    requests: Sequence[Iterable[bytes]]

    def run(self, started: Event) -> None:
        started.set()
        threads = [Thread(target=self._send, args=(each,)) for each in self.requests]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, requests: Iterable[bytes]) -> None:
        pending = iter(requests)
        while True:
            with suppress(OSError), closing(_connect(self.port)) as line:
                for each in pending:
                    if _exchange(line, each) in REFUSALS_FOR_A_TIME:
                        time.sleep(RETRY_AFTER_SECONDS)


@dataclass(frozen=True, slots=True)
class SlowClients:
    """Connections that send their request, or else read its response, byte by byte.

    They have started when all responses have.
    """

    port: int
    sent: bytes
    read: bytes
    number: int

    def run(self, started: Event) -> None:
        senders = [_connect(self.port) for _ in range(self.number)]
        readers = [_connect(self.port) for _ in range(self.number)]
        for line in senders:
            line.sendall(self.sent[:-100])
        for line in readers:
            line.sendall(self.read)
            line.recv(1)
        started.set()
        for index in range(len(self.sent) - 100, len(self.sent) - 1):
            time.sleep(SLOW_PART_SECONDS)
            for sender, reader in zip(senders, readers, strict=True):
                with suppress(OSError):
                    sender.sendall(self.sent[index : index + 1])
                    reader.recv(1)


class Attacker(Protocol):
    def run(self, started: Event) -> None:
        """Run until the process is killed; set ``started`` when the attack is under way."""


Attack = Callable[[Environment], Attacker]


def odd_bodies(environment: Environment) -> Flood:
    """Send JSON of 1 MiB with 100,000 unknown names, past the proxy, which would refuse it."""
    body = {f"a{number}": 0 for number in range(10**5)}
    sent = [request("POST", "/api/auth/login", body)]
    return Flood(environment.server.port, [cycle(sent)] * BODY_SENDERS)


def log_ins(environment: Environment) -> Flood:
    """Log in with right passwords; the rate limit allows 600 a minute and process."""
    names = [customer.account.username for customer in environment.customers]
    return Flood(
        environment.port,
        [
            cycle([request("POST", "/api/auth/login", {"username": name, "password": PASSWORD})])
            for name, _ in zip(cycle(names), range(LOG_IN_CONNECTIONS), strict=False)
        ],
    )


def waiting_customers(environment: Environment) -> Flood:
    """Book seats of a show that another session has locked."""
    tokens = environment.buyer_tokens(WAITING_CUSTOMERS)
    seats = range(1, LARGE_PLAN.total_seats + 1)
    show = environment.large_show
    return Flood(
        environment.port,
        [
            cycle([booking_request(show, seat, token) for seat in random.sample(seats, 50)])
            for token in tokens
        ],
    )


def long_addresses(environment: Environment) -> Flood:
    """Ask for pages of the staff whose address is as long as a proxy's buffer for headers."""
    return Flood(environment.port, [cycle([request("GET", f"/admin/{'a' * 4300}")])] * PAGE_READERS)


def slow_clients(environment: Environment) -> SlowClients:
    """Hold bodies that are not finished, and seat maps of 1.5 MB that are not read."""
    sent = request("POST", "/api/auth/login", {"username": "a" * 1000, "password": PASSWORD})
    read = seat_map_request(environment.large_show)
    return SlowClients(environment.port, sent, read, SLOW_CLIENTS)


@contextmanager
def attacking(attack: Attack, environment: Environment) -> Iterator[None]:
    """Run an attack during the block."""
    context = multiprocessing.get_context("fork")
    started = context.Event()
    process = context.Process(target=attack(environment).run, args=(started,), daemon=True)
    process.start()
    try:
        if not started.wait(TIMEOUT_SECONDS):
            raise RuntimeError("The attack does not start.")
        time.sleep(WARM_UP_SECONDS)
        yield
        if not process.is_alive():
            raise RuntimeError("The attack ended before the measurement.")
    finally:
        process.kill()
        process.join()


@contextmanager
def locked_show(environment: Environment) -> Iterator[None]:
    """Hold a lock on all seats of the show for which ``waiting_customers`` wait."""
    lock = "SELECT number FROM show_seats WHERE show_id = %s ORDER BY number FOR UPDATE"
    with closing(psycopg2.connect(environment.database_url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(lock, (environment.large_show,))
        yield


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS, (ADDRESS, 0))


def _exchange(line: socket.socket, sent: bytes) -> int:
    """Send a request and return the response's status. Raises OSError where the connection ends."""
    line.sendall(sent)
    reader = ResponseReader()
    while data := line.recv(_CHUNK_BYTES):
        if status := reader.read(data):
            return status
    raise ConnectionResetError
