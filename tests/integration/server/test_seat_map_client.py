"""Reading seat maps over HTTP, from servers that answer in all kinds of ways."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.integration.postgresql_server import free_port
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web.seat_events import MapState
from ticketing.entrypoints.live.seat_maps import SeatMapClient, SeatMapUnavailable

MAP = json.dumps({"seats": [{"number": 1, "status": "HELD"}]}).encode()
UNKNOWN = b'{"status":404,"code":"show_not_found"}\n'


class Server(ThreadingHTTPServer):
    """Gives every request the same answer; without one, it hangs up. Keeps the ``requests``."""

    daemon_threads = True

    def __init__(self, status: int = 0, body: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = status, body
        self.requests: list[tuple[str, str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        sent = self.headers
        self.server.requests.append((self.path, sent["Host"], sent["If-None-Match"]))
        status, body = self.server.answer
        if status:
            self.send_response(status)
            self.send_header("ETag", '"e"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def running(*servers: Server) -> Iterator[Sequence[str]]:
    """Run the servers and return their URLs."""
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield [server.url for server in servers]


def read(client: SeatMapClient, etag: str = "") -> MapState | None:
    return asyncio.run(client.read(ShowId(1), etag))


def test_a_map_is_read_unless_it_is_the_same():
    with running(server := Server(200, MAP)) as urls:
        client = SeatMapClient(urls)
        state = read(client)
        assert state and (state.etag, len(state.statuses)) == ('"e"', 1)
        server.answer = 304, b""
        assert read(client, '"e"') is None

    path, host = "/api/shows/1/seats", server.url.removeprefix("http://")
    assert server.requests == [(path, host, None), (path, host, '"e"')]


def test_servers_get_the_name_that_they_answer_to():
    with running(server := Server(304)) as urls:
        read(SeatMapClient(urls, "tickets.example.org"))

    assert server.requests[0][1] == "tickets.example.org"


def test_an_unknown_show_is_not_found():
    with running(Server(404, UNKNOWN)) as urls, pytest.raises(ShowNotFound):
        read(SeatMapClient(urls))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (0, b""),
        (200, b"<html>"),
        (404, b"<html>"),
        (404, b"[]"),
        (404, b"{}"),
        (308, b""),
        (503, MAP),
    ],
)
def test_a_server_that_has_no_map_is_left_for_the_next(status, body):
    with running(bad := Server(status, body), good := Server(200, MAP)) as urls:
        client = SeatMapClient(urls)
        for _ in range(3):
            assert read(client)

    assert (len(bad.requests), len(good.requests)) == (1, 3)


def test_no_server_is_logged_once(caplog):
    away = f"http://127.0.0.1:{free_port()}"
    with running(server := Server(503)) as urls:
        client = SeatMapClient([away, *urls])
        for _ in range(2):
            with pytest.raises(SeatMapUnavailable):
                read(client)
        server.answer = 200, MAP
        for _ in range(2):
            assert read(client)

    gone, back = caplog.messages
    assert "refused" in gone
    assert f"{server.url}: HTTP status 503" in gone
    assert back == "Seat maps can be read again."
