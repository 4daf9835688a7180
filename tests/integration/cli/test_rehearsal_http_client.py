"""How the customers of a rehearsal speak to a server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from ticketing.entrypoints.cli.rehearse.http_client import Answer, HttpClient, Request
from ticketing.entrypoints.cli.rehearse.statistics import Statistics

BOOK = Request(kind="book", method="POST", path="/book", token="t", key="k", body={"seats": [1]})


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, object]]] = []
    meeting: ClassVar[threading.Barrier]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.client_address))
        if self.path.endswith("/hang-up"):
            self.close_connection = True
            return
        self.answer(200, b'{"ok": true}' if not self.path.endswith("/text") else b"<html>")

    def do_POST(self) -> None:
        names = ("Authorization", "Idempotency-Key", "Content-Type")
        self.seen.append((self.path, [self.headers[name] for name in names]))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.meeting.wait(20)
        self.answer(503, b'{"code": "busy", "was": %s}' % body)

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "2")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def url() -> Iterator[str]:
    Server.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/base/"
        server.shutdown()
        thread.join()


@pytest.fixture
def statistics() -> Statistics:
    return Statistics()


@pytest.fixture
def transport(url: str, statistics: Statistics) -> Iterator[HttpClient]:
    with HttpClient(url, statistics) as transport:
        yield transport


def get(path: str) -> Request:
    return Request(kind="seat map", method="GET", path=path)


def test_a_connection_is_kept(transport, statistics):
    for _ in range(3):
        assert transport.send(get("/map")) == [Answer(200, {"ok": True}, 2.0)]
    assert {path for path, _ in Server.seen} == {"/base/map"}
    assert len({address for _, address in Server.seen}) == 1
    assert len(statistics.seconds["seat map"]) == 3


def test_a_request_is_sent_twice_at_the_same_instant(transport, statistics):
    Server.meeting = threading.Barrier(2)  # either is answered once both are there
    first, second = transport.send(BOOK, times=2)
    assert first == second == Answer(503, {"code": "busy", "was": {"seats": [1]}}, 2.0)
    assert first.code == "busy"
    assert Server.seen == [("/base/book", ["Bearer t", "k", "application/json"])] * 2
    assert statistics.errors == {"503 busy": 2}


def test_only_one_connection_is_kept(transport):
    """The others would be idle for long, and the server would close them."""
    for _ in range(3):
        transport.send(get("/map"), times=2)
    assert len({address for _, address in Server.seen}) == 4


def test_no_answer_is_told_and_the_next_request_is_answered(transport, statistics):
    assert transport.send(get("/hang-up")) == [None]
    assert transport.send(get("/map")) == [Answer(200, {"ok": True}, 2.0)]
    assert statistics.errors == {"no answer to seat map": 1}
    assert statistics.requests == 1


def test_what_is_no_json_has_no_content(transport):
    assert transport.send(get("/text")) == [Answer(200, None, 2.0)]


def test_nobody_there(statistics):
    with HttpClient("http://127.0.0.1:9", statistics) as transport:
        assert transport.send(get("/map")) == [None]
