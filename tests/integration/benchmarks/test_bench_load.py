"""The load that benchmarks send, against a server with prepared answers."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat

from benchmarks.load import play

ENOUGH = 20.0  # seconds; no test needs a hundredth of it
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CONFLICT = b"HTTP/1.1 409 CONFLICT\r\nContent-Length: 0\r\n\r\n"
HANG_UP = b""


class Server(socketserver.ThreadingTCPServer):
    """Sends the given answers, one for each request, then always OK."""

    daemon_threads = True

    def __init__(self, *answers: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.answers = chain(answers, repeat(OK))
        self.requests: list[bytes] = []


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        while request := self.request.recv(1000):
            server.requests.append(request)
            if (answer := next(server.answers)) == HANG_UP:
                return
            self.request.sendall(answer)


@contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    with Server(*answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_each_client_sends_its_requests_and_all_answers_are_counted():
    with serving(CONFLICT) as server:
        played = play(server.port, [[b"a1", b"a2"]], ENOUGH)

    assert server.requests == [b"a1", b"a2"]
    assert played.statuses == {409: 1, 200: 1}
    assert [status for status, _ in played.clients[0].answers] == [409, 200]
    assert all(0 < nanoseconds < ENOUGH * 1e9 for _, nanoseconds in played.clients[0].answers)
    assert played.lost == 0


def test_it_ends_when_a_client_has_no_more_to_send():
    with serving() as server:
        played = play(server.port, [repeat(b"on"), [b"once"]], ENOUGH)

    assert played.seconds < ENOUGH
    assert server.requests.count(b"once") == 1
    assert sum(played.statuses.values()) == len(server.requests)


def test_late_answers_are_counted_apart():
    with serving() as server:
        played = play(server.port, [repeat(b"a"), repeat(b"b")], 0)

    assert sorted(server.requests) == [b"a", b"b"]
    assert played.statuses == {200: 2}
    assert [client.answers for client in played.clients] == [[], []]
    assert [client.late for client in played.clients] == [200, 200]


def test_a_lost_connection_is_an_error_and_is_replaced():
    with serving(OK, HANG_UP) as server:
        played = play(server.port, [[b"1", b"2", b"3"]], ENOUGH)

    assert server.requests == [b"1", b"2", b"3"]
    assert played.statuses == {200: 2}
    assert played.lost == 1


def test_a_connection_lost_after_the_end_is_not_replaced():
    with serving(HANG_UP) as server:
        played = play(server.port, [repeat(b"a")], 0)

    assert server.requests == [b"a"]
    assert (played.statuses, played.lost) == ({}, 1)
