"""The HTTP client of a rehearsal's customers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from ticketing.entrypoints.cli.rehearse.http_client import Answer, HttpClient, Measurement, Request

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
        """Print no access log."""


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
def measurements() -> list[Measurement]:
    return []


@pytest.fixture
def client(url: str, measurements: list[Measurement]) -> Iterator[HttpClient]:
    with HttpClient(url, measurements) as client:
        yield client


def get(path: str) -> Request:
    return Request(kind="seat map", path=path)


def test_a_connection_is_kept(client, measurements):
    for _ in range(3):
        assert client.send(get("/map")) == [Answer(200, {"ok": True}, 2.0)]
    assert {path for path, _ in Server.seen} == {"/base/map"}
    assert len({address for _, address in Server.seen}) == 1
    assert [(each.kind, each.status) for each in measurements] == [("seat map", 200)] * 3
    assert all(0 < each.seconds < each.ended_at for each in measurements)


def test_a_request_is_sent_twice_at_the_same_instant(client, measurements):
    Server.meeting = threading.Barrier(2)  # both requests arrive before either is answered
    first, second = client.send(BOOK, times=2)
    assert first == second == Answer(503, {"code": "busy", "was": {"seats": [1]}}, 2.0)
    assert first.code == "busy"
    assert Server.seen == [("/base/book", ["Bearer t", "k", "application/json"])] * 2
    assert [(each.status, each.code) for each in measurements] == [(503, "busy")] * 2


def test_only_one_connection_is_kept(client):
    """The server would close the others, which are idle for long."""
    for _ in range(3):
        client.send(get("/map"), times=2)
    assert len({address for _, address in Server.seen}) == 4


def test_a_missing_answer_is_measured_and_the_next_request_is_answered(client, measurements):
    assert client.send(get("/hang-up")) == [None]
    assert client.send(get("/map")) == [Answer(200, {"ok": True}, 2.0)]
    assert [each.status for each in measurements] == [0, 200]


def test_an_answer_that_is_not_json_has_no_content(client):
    assert client.send(get("/text")) == [Answer(200, None, 2.0)]


def test_without_a_server_there_is_no_answer(measurements):
    with HttpClient("http://127.0.0.1:9", measurements) as client:
        assert client.send(get("/map")) == [None]
