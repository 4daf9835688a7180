"""Open pages that follow shows live while something else is measured."""

import resource
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from itertools import cycle
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks.attacks import TIMEOUT_SECONDS, attacking
from benchmarks.booking_workloads import MANY_SHOWS
from benchmarks.environment import Environment
from benchmarks.http_messages import request
from tests.integration.postgresql_server import free_port
from tests.integration.running_server import RunningServer, spawned

STREAMS = 1000


@dataclass(frozen=True, slots=True)
class Pages:
    """Streams of the shows in turn. They have started when each has received something."""

    port: int
    shows: Sequence[int]

    def run(self, started: Event) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        with selectors.DefaultSelector() as streams:
            silent = set()
            for show, _ in zip(cycle(self.shows), range(STREAMS), strict=False):
                stream = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)
                stream.sendall(request("GET", f"/api/shows/{show}/seats/stream"))
                streams.register(stream, selectors.EVENT_READ)
                silent.add(stream)
            while True:
                for key, _ in streams.select():
                    assert isinstance(key.fileobj, socket.socket)
                    if not key.fileobj.recv(2**16):
                        return  # which stops the benchmark
                    silent.discard(key.fileobj)
                if not silent:
                    started.set()


@contextmanager
def open_pages(environment: Environment) -> Iterator[None]:
    """Have ``STREAMS`` pages follow the shows that were added last, through `serve-live`."""
    newest = text("SELECT id FROM shows ORDER BY id DESC LIMIT :number")
    with environment.engine.connect() as connection:
        shows = connection.scalars(newest, {"number": MANY_SHOWS}).all()
    port, url = free_port(), environment.server.url
    with (
        TemporaryDirectory(prefix="bench-") as directory,
        spawned(Path(directory), "serve-live", "--port", str(port), SERVER_URLS=url) as process,
    ):
        _wait_for(RunningServer(process, port, Path(directory, "server.log")))
        with attacking(lambda _: Pages(port, shows), environment):
            yield


def _wait_for(live: RunningServer) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while live.process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, HTTPException):
            if live.call("GET", "/healthz").status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"serve-live does not start:\n{live.printed[-2000:]}")
