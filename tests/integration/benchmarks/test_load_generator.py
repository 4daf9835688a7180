"""The load generator of the benchmarks, against a server with prepared responses."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, repeat

from benchmarks.http_messages import hold_booking_request
from benchmarks.load_generator import generate_load

TIMEOUT_SECONDS = 20.0  # far more than any test takes
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CONFLICT = b"HTTP/1.1 409 CONFLICT\r\nContent-Length: 0\r\n\r\n"
HANG_UP = b""


class Server(socketserver.ThreadingTCPServer):
    """Sends the given responses, one for each request, then always OK."""

    daemon_threads = True

    def __init__(self, *responses: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.responses = chain(responses, repeat(OK))
        self.requests: list[bytes] = []


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        while request := self.request.recv(1000):
            server.requests.append(request)
            if (response := next(server.responses)) == HANG_UP:
                return
            self.request.sendall(response)


@contextmanager
def serving(*responses: bytes) -> Iterator[Server]:
    with Server(*responses) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_each_client_sends_its_requests_and_all_responses_are_counted():
    with serving(CONFLICT) as server:
        load = generate_load(server.port, [[b"a1", b"a2"]], TIMEOUT_SECONDS)

    assert server.requests == [b"a1", b"a2"]
    assert load.statuses == {409: 1, 200: 1}
    assert [status for status, _ in load.clients[0].responses] == [409, 200]
    assert all(
        0 < nanoseconds < TIMEOUT_SECONDS * 1e9 for _, nanoseconds in load.clients[0].responses
    )
    assert load.lost == 0


def test_a_request_may_depend_on_the_response_before():
    created = b"HTTP/1.1 201 CREATED\r\nLocation: /api/holds/3-X\r\nContent-Length: 2\r\n\r\nok"
    book = partial(hold_booking_request, token="maria's")
    with serving(created, CONFLICT) as server:
        generate_load(server.port, [[b"hold", book, book]], TIMEOUT_SECONDS)

    hold, booking, after_a_refusal = server.requests
    assert hold == b"hold"
    assert booking.startswith(b"POST /api/holds/3-X/book HTTP/1.1\r\n")
    assert b"Authorization: Bearer maria's\r\n" in booking
    assert after_a_refusal.startswith(b"POST /api/holds/none/book ")


def test_the_run_ends_when_a_client_has_no_request_left():
    with serving() as server:
        load = generate_load(server.port, [repeat(b"on"), [b"once"]], TIMEOUT_SECONDS)

    assert load.seconds < TIMEOUT_SECONDS
    assert server.requests.count(b"once") == 1
    assert sum(load.statuses.values()) == len(server.requests)


def test_clients_may_pause_between_their_requests():
    with serving() as server:
        requests = [[b"1", b"2"], [b"3"]]
        load = generate_load(server.port, requests, TIMEOUT_SECONDS, pause_seconds=0.01)

    assert sorted(server.requests) == [b"1", b"2", b"3"]
    assert (load.statuses, load.lost) == ({200: 3}, 0)


def test_late_responses_are_counted_separately():
    with serving() as server:
        load = generate_load(server.port, [repeat(b"a"), repeat(b"b")], 0)

    assert sorted(server.requests) == [b"a", b"b"]
    assert load.statuses == {200: 2}
    assert [client.responses for client in load.clients] == [[], []]
    assert [client.late for client in load.clients] == [200, 200]


def test_a_lost_connection_is_an_error_and_is_replaced():
    with serving(OK, HANG_UP) as server:
        load = generate_load(server.port, [[b"1", b"2", b"3"]], TIMEOUT_SECONDS)

    assert server.requests == [b"1", b"2", b"3"]
    assert load.statuses == {200: 2}
    assert load.lost == 1


def test_a_connection_lost_after_the_end_is_not_replaced():
    with serving(HANG_UP) as server:
        load = generate_load(server.port, [repeat(b"a")], 0)

    assert server.requests == [b"a"]
    assert (load.statuses, load.lost) == ({}, 1)
