"""Live seat maps from `ticketing serve-live`, behind the shipped nginx."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import pytest

from tests.integration.nginx_proxy import nginx_before, nginx_path
from tests.integration.polling import until
from tests.integration.postgresql_server import free_port
from tests.integration.running_server import RunningServer, copy_demo, running_server, spawn

TIMEOUT_SECONDS = 30.0
STREAM = "/api/shows/1/seats/stream"
CUSTOMER = {"username": "customer", "password": "popcorn-customer"}
MAX_STREAMS_OF_AN_ADDRESS = 200


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("server")
    copy_demo(demo, home)
    serve = ("serve", "--workers", "1", "--threads", "4")
    with running_server(home, *serve, TRUSTED_PROXIES="127.0.0.1") as server:
        yield server


@pytest.fixture
def live(server: RunningServer, tmp_path: Path) -> Iterator[RunningServer]:
    port = free_port()
    process = spawn(tmp_path, "serve-live", "--port", str(port), SERVER_URLS=server.url)
    live = RunningServer(process, port, tmp_path / "server.log")

    def runs() -> bool:
        assert process.poll() is None, live.printed
        with suppress(OSError, HTTPException):
            return live.call("GET", "/healthz").status == 200
        return False

    try:
        until(runs)
        yield live
        assert "Traceback" not in live.printed, live.printed
    finally:
        process.kill()
        process.wait()


@contextmanager
def followed(
    port: int, event_id: str = "", path: str = STREAM, source: str = "127.0.0.1"
) -> Iterator[HTTPResponse]:
    line = HTTPConnection("127.0.0.1", port, TIMEOUT_SECONDS, (source, 0))
    with closing(line):
        line.request("GET", path, headers={"Last-Event-ID": event_id} if event_id else {})
        yield line.getresponse()


def next_event(stream: HTTPResponse) -> dict[str, str]:
    """Return the fields of the next event; comments are skipped."""
    fields: dict[str, str] = {}
    for line in iter(stream.readline, b""):
        name, _, value = line.decode().rstrip("\n").partition(": ")
        fields[name] = value
        if not name and "data" in fields:
            return fields
    raise AssertionError("the stream has ended")


def test_streams_behind_nginx(server, live, tmp_path):
    """One process of each kind for all checks, since they take long to start."""
    nginx_path()
    with nginx_before([server.port], tmp_path, live=live.port) as proxy:
        last_id = follow_a_booking(server, proxy)
        open_too_many(proxy)
        come_back_to_a_server(live, proxy, last_id)


def follow_a_booking(server: RunningServer, proxy: int) -> str:
    """Return the id of the last event."""
    token = server.call("POST", "/api/auth/login", CUSTOMER).json["access"]
    with followed(proxy) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert "Content-Length" not in stream.headers, "a server has answered"
        first = next_event(stream)
        assert first["event"] == "snapshot"

        party = {"best_available": {"count": 1}}
        booked = server.call("POST", "/api/shows/1/book", party, token).json
        second = next_event(stream)
        assert second["event"] == "change"
        seat = str(booked["seats"][0]["number"])
        assert json.loads(second["data"])["seats"] == {seat: "BOOKED"}
        assert second["id"] == server.call("GET", "/api/shows/1/seats").headers["ETag"]

    with followed(proxy, first["id"]) as stream:
        assert next_event(stream)["event"] == "change"
    with followed(proxy, path="/api/shows/999/seats/stream") as unknown:
        assert (unknown.status, json.loads(unknown.read())["code"]) == (404, "show_not_found")
    return second["id"]


def open_too_many(proxy: int) -> None:
    with ExitStack() as opened:
        for _ in range(MAX_STREAMS_OF_AN_ADDRESS):
            assert opened.enter_context(followed(proxy, source="127.0.0.2")).status == 200
        with followed(proxy, source="127.0.0.2") as refused:
            assert (refused.status, json.loads(refused.read())["code"]) == (429, "rate_limited")


def come_back_to_a_server(live: RunningServer, proxy: int, last_id: str) -> None:
    """A process that stops ends its streams in good order, and a server takes its place."""
    with followed(proxy) as stream:
        next_event(stream)
        live.process.send_signal(signal.SIGTERM)
        stream.read()  # raises an error unless the end is orderly
    assert live.process.wait(TIMEOUT_SECONDS) == 0

    with followed(proxy, last_id) as answer:
        assert answer.headers["Content-Length"]
        assert answer.read() == b"retry: 2000\n:\n\n"
