"""The real server for tests: a process of its own on 127.0.0.1, with a store of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path
from typing import Any

from tests.integration.postgresql_server import LIBC, PR_SET_PDEATHSIG, free_port

COMMAND = [sys.executable, "-P", "-m", "ticketing"]
DEMO = ("demo", "--serve", "--workers", "2")
SOURCE = Path(__file__).parents[2] / "src"
TIMEOUT_SECONDS = 60.0  # seconds for a server to start or stop


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)


class RunningServer:
    """A server that answers, and what can be done to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    @property
    def home(self) -> Path:
        """The folder with its store."""
        return self._log.parent

    @property
    def printed(self) -> str:
        """Its output and its log."""
        return self._log.read_text()

    def call(
        self, method: str, path: str, body: object = None, token: str = "", **headers: str
    ) -> Answer:
        """Send a request; ``body`` as JSON unless it is bytes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return self.send(method, path, sent, body)

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Send a request just as it is given."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def stop(self, how: signal.Signals = signal.SIGTERM, *, whole_group: bool = False) -> int:
        """Return its exit status. Ctrl-C sends the signal to the ``whole_group`` of processes."""
        (os.killpg if whole_group else os.kill)(self.process.pid, how)
        return self.process.wait(TIMEOUT_SECONDS)


@contextmanager
def running_server(home: Path, *args: str, **settings: str) -> Iterator[RunningServer]:
    """A server that ``ticketing ARGS`` starts; it ends with the block, or else with us."""
    server = _started(home, args or DEMO, settings)
    try:
        yield server
    finally:
        _end(server.process)


def _started(home: Path, args: tuple[str, ...], settings: Mapping[str, str]) -> RunningServer:
    """Try again if it ends at once: another process may have taken the port that was free."""
    log = home / "server.log"
    for _ in range(3):
        port = free_port()
        server = RunningServer(spawn(home, *args, "--port", str(port), **settings), port, log)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while server.process.poll() is None and time.monotonic() < deadline:
            if is_ready(server):
                return server
            time.sleep(0.02)
        _end(server.process)
    raise RuntimeError(f"The server does not start:\n{server.printed[-2000:]}")


def spawn(home: Path, *args: str, **settings: str) -> "subprocess.Popen[bytes]":
    """``ticketing ARGS`` in ``home``, where it writes server.log."""
    with (home / "server.log").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, *args],
            env=environment(home, **settings),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's Ctrl-C is for the tests
            preexec_fn=_end_with_parent,
        )


@contextmanager
def spawned(home: Path, *args: str, **settings: str) -> "Iterator[subprocess.Popen[bytes]]":
    """As ``spawn``, but it ends with the block."""
    process = spawn(home, *args, **settings)
    try:
        yield process
    finally:
        _end(process)


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKETING_")}
    given = {"RATELIMIT": "off"} | settings  # all tests come from one address
    named = {f"TICKETING_{name}": value for name, value in given.items()}
    return kept | {"PYTHONPATH": str(SOURCE), "TICKETING_HOME": str(home)} | named


def _end_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell makes background processes ignore it
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def is_ready(server: RunningServer) -> bool:
    try:
        return server.call("GET", "/readyz").status == 200
    except (OSError, HTTPException):
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """In good order if it can be had, and its workers with it."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # without the pause of SIGTERM
        try:
            process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def copy_demo(demo: Path, home: Path) -> None:
    """Copy the store of a demo that has ended."""
    for file in demo.glob("ticketing.db*"):
        shutil.copy(file, home)
