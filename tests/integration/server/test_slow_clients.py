"""Clients that send or read slowly, or not at all: they are ended, and hold nobody else up."""

import json
import select
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.integration.running_server import (
    COMMAND,
    Answer,
    RunningServer,
    environment,
    running_server,
)

SECONDS = 1  # that a client of the server has for the head of a request, and for its body
ANSWER_SECONDS = 6
SOON = 5.0  # seconds that honest customers wait at most, on a machine that is busy
PATIENCE = 30.0
HALL = 20_000  # seats, whose map has 1.5 MB
MAPS = 4  # more than the kernel keeps for a client that reads nothing
CUSTOMER = {"username": "customer", "password": "popcorn-customer"}
ADMIN = {"username": "admin", "password": "popcorn-admin"}

LOG_IN = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
STALLS = {
    "without a byte": LOG_IN + b"Content-Length: 99\r\n\r\n",
    "in the middle": LOG_IN + b'Content-Length: 99\r\n\r\n{"username":',
    "before it continues": LOG_IN + b"Content-Length: 99\r\nExpect: 100-continue\r\n\r\n",
    "between chunks": LOG_IN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "within a chunk": LOG_IN + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
    "where no body is wanted": b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """With one process of two threads, so that three slow clients could stop it."""
    home = tmp_path_factory.mktemp("slow")
    subprocess.run([*COMMAND, "demo"], env=environment(home), check=True, capture_output=True)
    serve = ("serve", "--workers", "1", "--threads", "2")
    settings = {"REQUEST_SECONDS": str(SECONDS), "RATELIMIT": "off"}
    with running_server(home, *serve, PASSWORD_MIN_LENGTH="6", **settings) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture(autouse=True)
def leaves_nothing_behind(server: RunningServer) -> Iterator[None]:
    def open_sockets() -> int:
        files = Path(f"/proc/{server.workers()[0]}/fd").iterdir()
        return sum(
            str(file.readlink()).startswith("socket:") for file in files if file.is_symlink()
        )

    before = open_sockets()
    yield
    deadline = time.monotonic() + PATIENCE
    while open_sockets() > before:
        assert time.monotonic() < deadline, "connections are left over"
        time.sleep(0.05)


@contextmanager
def connections(server: RunningServer, count: int) -> Iterator[Sequence[socket.socket]]:
    with ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            for _ in range(count)
        ]


def honest_customers_are_served(server: RunningServer) -> bool:
    begun = time.monotonic()
    answers = [
        server.call("POST", "/api/auth/login", CUSTOMER),
        *(server.call("GET", "/api/shows/1") for _ in range(3)),
    ]
    waited = (time.monotonic() - begun) / len(answers)
    return [answer.status for answer in answers] == [200] * len(answers) and waited < SOON


def answer_on(line: socket.socket) -> Answer:
    """The answer, after which the server has hung up."""
    with closing(HTTPResponse(line)) as response:
        response.begin()
        answer = Answer(response.status, response.headers, response.read())
    assert line.recv(1) == b""
    return answer


def all_that_comes(line: socket.socket) -> bytes:
    """Until the server hangs up."""
    return b"".join(iter(lambda: line.recv(2**16), b""))


def until_hung_up_on(line: socket.socket) -> None:
    """Wait for it without reading anything."""
    news = select.poll()
    news.register(line, 0)
    assert news.poll(PATIENCE * 1000), "nobody hangs up"


@pytest.mark.parametrize("sent", STALLS.values(), ids=STALLS)
def test_a_body_that_does_not_come_is_waited_for_no_longer(server, sent):
    with connections(server, 1) as [line]:
        begun = time.monotonic()
        line.sendall(sent)

        refused = answer_on(line)

        assert (refused.status, refused.json["code"]) == (408, "request_timeout")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["X-Request-ID"] == refused.json["request_id"]
        assert refused.headers["Connection"] == "close"
        assert time.monotonic() - begun >= SECONDS


def test_a_body_that_comes_in_drips_is_not_waited_for_to_its_end(server):
    with connections(server, 50) as lines:
        for line in lines:
            line.sendall(LOG_IN + b"Content-Length: 1000\r\n\r\n")
            line.setblocking(False)
        stop = Event()
        thread = Thread(target=drip, args=[lines, stop])
        thread.start()
        try:
            assert honest_customers_are_served(server)
            for line in lines:
                line.settimeout(PATIENCE)
                assert line.recv(12) == b"HTTP/1.1 408"
        finally:
            stop.set()
            thread.join()


def drip(lines: Sequence[socket.socket], stop: Event) -> None:
    while not stop.wait(SECONDS / 5):
        for line in lines:
            with suppress(OSError):  # the server has hung up
                line.send(b" ")


def test_hundreds_who_stall_hold_nobody_up(server):
    with connections(server, 500) as lines:
        for turn, line in enumerate(lines):
            line.sendall(list(STALLS.values())[turn % len(STALLS)])

        assert honest_customers_are_served(server)
        statuses = {all_that_comes(line).split(b"HTTP/1.1 ")[-1][:3] for line in lines}

        assert statuses == {b"408"}


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost:", b"PRI * HT"])
def test_a_request_that_does_not_begin_is_waited_for_no_longer(server, sent):
    with connections(server, 1) as [line]:
        line.sendall(sent)

        assert all_that_comes(line) == b""


def test_a_head_that_comes_in_drips_is_not_waited_for_to_its_end(server):
    with connections(server, 1) as [line], pytest.raises(OSError, match=r"reset|pipe"):
        line.sendall(b"GET /healthz HTTP/1.1\r\n")
        for turn in range(10 * int(PATIENCE)):
            line.sendall(f"X-{turn}: 1\r\n".encode())
            time.sleep(SECONDS / 10)


def test_idle_connections_hold_nobody_up_and_are_closed(server):
    with connections(server, 900) as lines:
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

        assert honest_customers_are_served(server)
        assert all(all_that_comes(line).endswith(b'{"status":"ok"}\n') for line in lines)


def test_those_who_hang_up_hold_nobody_up(server):
    for sent in STALLS.values():
        with connections(server, 20) as lines:
            for line in lines:
                line.sendall(sent)

    assert honest_customers_are_served(server)


@pytest.mark.parametrize(
    "sent",
    [
        LOG_IN + b"Content-Length: 99\r\n\r\n" + json.dumps(CUSTOMER).encode(),
        LOG_IN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
    ids=["length", "chunks"],
)
def test_a_body_that_is_broken_off_is_not_taken_for_a_whole_one(server, sent):
    with connections(server, 1) as [line]:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)

        assert answer_on(line).status == 400


def test_a_body_in_crumbs_is_too_large(server):
    crumbs = b"1\r\n \r\n" * 5000 + b"2\r\n{}\r\n0\r\n\r\n"
    with connections(server, 1) as [line]:
        line.sendall(LOG_IN + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):  # refused before it was all sent
            line.sendall(crumbs)

        assert line.recv(12) == b"HTTP/1.1 413"


def test_headers_do_not_pass_themselves_off_as_others(server):
    def id_with(header: str) -> str:
        return str(server.send("GET", "/healthz", {header: "mine"}).headers["X-Request-ID"])

    assert id_with("X-Request-ID") == "mine"
    assert id_with("X_Request_ID") != "mine"


@pytest.fixture(scope="module")
def map_of_hall(server: RunningServer) -> bytes:
    """The request for the seat map of a large hall."""
    show = {
        "movie_id": 1,
        "screen_name": "Arena",
        "starts_at": "2099-06-01T20:00Z",
        "total_seats": HALL,
    }
    token = server.call("POST", "/api/auth/login", ADMIN).json["access"]
    made = server.call("POST", "/api/shows", show, token)
    path = f"/api/shows/{made.json['id']}/seats"
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_who_reads_nothing_is_hung_up_on(server, map_of_hall):
    with connections(server, 20) as lines:
        for line in lines:
            line.sendall(map_of_hall * MAPS)
        assert honest_customers_are_served(server)
        time.sleep(ANSWER_SECONDS / 2)
        assert honest_customers_are_served(server)

        for line in lines:
            until_hung_up_on(line)
            with pytest.raises(ConnectionResetError):
                all_that_comes(line)


def test_who_reads_slowly_has_it_all(server, map_of_hall):
    with connections(server, 1) as [line]:
        line.sendall(map_of_hall)
        time.sleep(SECONDS * 2)
        with closing(HTTPResponse(line)) as response:
            response.begin()

            assert len(json.loads(response.read())["seats"]) == HALL
