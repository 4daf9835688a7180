"""Slow clients: behind the shipped nginx they hold no thread; the server itself limits heads."""

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.integration.nginx_proxy import nginx_before, nginx_path
from tests.integration.running_server import RunningServer, copy_demo, running_server

SECONDS = 2  # for the head of a request, and between two parts of its body
MAX_RESPONSE_SECONDS = 5.0  # seconds that other customers wait at most on a busy machine
TIMEOUT_SECONDS = 30.0
HALL = 20_000  # seats, whose map has 1.5 MB
CUSTOMER = {"username": "customer", "password": "popcorn-customer"}
ADMIN = {"username": "admin", "password": "popcorn-admin"}

LOG_IN = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
STALLS = {
    "without a byte": LOG_IN + b"Content-Length: 99\r\n\r\n",
    "in the middle": LOG_IN + b'Content-Length: 99\r\n\r\n{"username":',
    "between chunks": LOG_IN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "within a chunk": LOG_IN + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
    "where no body is needed": b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of one process with two threads, which three slow clients can block."""
    home = tmp_path_factory.mktemp("slow")
    copy_demo(demo, home)
    serve = ("serve", "--workers", "1", "--threads", "2")
    settings = {"REQUEST_SECONDS": str(SECONDS), "TRUSTED_PROXIES": "127.0.0.1"}
    with running_server(home, *serve, PASSWORD_MIN_LENGTH="6", **settings) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture(scope="module")
def proxy(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    nginx_path()
    with nginx_before([server.port], tmp_path_factory.mktemp("nginx"), SECONDS) as port:
        yield port


@contextmanager
def connections(port: int, count: int) -> Iterator[Sequence[socket.socket]]:
    with ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS))
            for _ in range(count)
        ]


def are_customers_served(port: int) -> bool:
    started = time.monotonic()
    login = status(port, "POST", "/api/auth/login", json.dumps(CUSTOMER))
    shows = [status(port, "GET", "/api/shows/1") for _ in range(3)]
    return [login, *shows] == [200] * 4 and (time.monotonic() - started) / 4 < MAX_RESPONSE_SECONDS


def status(port: int, method: str, path: str, body: str | None = None) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection.getresponse().status


def everything_from(line: socket.socket) -> bytes:
    """Return everything that is received until the connection is closed."""
    return b"".join(iter(lambda: line.recv(2**16), b""))


@pytest.fixture(scope="module")
def map_of_hall(server: RunningServer) -> bytes:
    """Return a request for the seat map of a large hall."""
    show = {
        "movie_id": 1,
        "screen_name": "Arena",
        "starts_at": "2099-06-01T20:00Z",
        "total_seats": HALL,
    }
    token = server.call("POST", "/api/auth/login", ADMIN).json["access"]
    created = server.call("POST", "/api/shows", show, token)
    path = f"/api/shows/{created.json['id']}/seats"
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


class TestBehindTheProxy:
    def test_hundreds_of_stalled_bodies_hold_no_thread_and_are_closed(self, proxy):
        with connections(proxy, 300) as lines:
            for turn, line in enumerate(lines):
                line.sendall(list(STALLS.values())[turn % len(STALLS)])

            assert are_customers_served(proxy)
            for line in lines:
                assert b" 200 " not in everything_from(line)

    def test_hundreds_of_silent_connections_hold_no_thread_and_are_closed(self, proxy):
        with connections(proxy, 300) as lines:
            assert are_customers_served(proxy)
            assert {everything_from(line) for line in lines} == {b""}

    def test_clients_that_read_nothing_hold_no_thread(self, proxy, map_of_hall):
        with connections(proxy, 20) as lines:
            for line in lines:
                line.sendall(map_of_hall)
            assert are_customers_served(proxy)

    def test_a_slow_reader_receives_the_whole_answer(self, proxy, map_of_hall):
        with connections(proxy, 1) as [line]:
            line.sendall(map_of_hall)
            time.sleep(SECONDS / 2)
            with closing(HTTPResponse(line)) as response:
                response.begin()
                assert len(json.loads(response.read())["seats"]) == HALL

    def test_headers_with_underscores_are_ignored(self, proxy):
        def id_with(header: bytes) -> bytes:
            with connections(proxy, 1) as [line]:
                line.sendall(
                    b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + header
                    + b": mine\r\n\r\n"
                )
                [found] = [
                    field.partition(b": ")[2]
                    for field in everything_from(line).split(b"\r\n")
                    if field.lower().startswith(b"x-request-id")
                ]
                return found

        assert id_with(b"X-Request-ID") == b"mine"
        assert id_with(b"X_Request_ID") != b"mine"

    def test_too_large_a_body_gets_the_problem_of_the_api(self, proxy):
        with connections(proxy, 1) as [line]:
            line.sendall(LOG_IN + b"Content-Length: 3000000\r\n\r\n")
            with closing(HTTPResponse(line)) as response:
                response.begin()
                assert (response.status, json.loads(response.read())["code"]) == (
                    413,
                    "body_too_large",
                )


class TestWithoutProxy:
    @pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost:", b"PRI * HT"])
    def test_a_connection_without_a_complete_head_is_closed(self, server, sent):
        with connections(server.port, 1) as [line]:
            line.sendall(sent)

            assert everything_from(line) == b""

    def test_a_head_that_is_sent_slowly_is_closed(self, server):
        with connections(server.port, 1) as [line], pytest.raises(OSError, match=r"reset|pipe"):
            line.sendall(b"GET /healthz HTTP/1.1\r\n")
            for turn in range(10 * int(TIMEOUT_SECONDS)):
                line.sendall(f"X-{turn}: 1\r\n".encode())
                time.sleep(SECONDS / 10)

    def test_idle_connections_hold_no_thread_and_are_closed(self, server):
        with connections(server.port, 900) as lines:
            for line in lines:
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

            assert are_customers_served(server.port)
            assert all(everything_from(line).endswith(b'{"status":"ok"}\n') for line in lines)

    def test_clients_that_hang_up_free_their_threads(self, server):
        for sent in STALLS.values():
            with connections(server.port, 20) as lines:
                for line in lines:
                    line.sendall(sent)

        assert are_customers_served(server.port)

    @pytest.mark.parametrize(
        "sent",
        [
            LOG_IN + b"Content-Length: 99\r\n\r\n" + json.dumps(CUSTOMER).encode(),
            LOG_IN + b'Transfer-Encoding: chunked\r\n\r\nb\r\n{"username"\r\n',
        ],
        ids=["length", "chunks"],
    )
    def test_an_incomplete_body_is_refused(self, server, sent):
        with connections(server.port, 1) as [line]:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)

            assert everything_from(line).startswith(b"HTTP/1.1 400")
