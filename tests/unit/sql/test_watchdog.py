"""The watchdog of connections, on connections that only look like those of PostgreSQL."""

import socket
import sqlite3
import threading
from types import SimpleNamespace

import pytest
from psycopg2 import OperationalError
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import QueuePool

from ticketing.adapters.sql.postgresql.transactions import manage_transactions, send
from ticketing.adapters.sql.postgresql.watchdog import Watchdog
from ticketing.domain.errors import Unreachable

MAX_SECONDS = 600  # its thread does not look while a test runs
TIMEOUT_SECONDS = 10


class Opened(sqlite3.Connection):
    """A connection with a socket, like psycopg2's."""

    info = SimpleNamespace(host="127.0.0.1", port=5432)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.closed = 0
        self._socket, self.server = socket.socketpair()
        self.server.setblocking(False)

    def fileno(self):
        return self._socket.fileno()

    def get_transaction_status(self):
        return 0

    def close(self):
        self.closed = 1
        self._socket.close()
        super().close()


def is_shut_down(opened):
    try:
        return opened.server.recv(1) == b""
    except BlockingIOError:
        return False


class Server:
    """Opens connections, and closes those that it has opened."""

    def __init__(self):
        self.error = None
        self.opened = []

    def open(self, *arguments, **options):
        if self.error:
            raise self.error
        self.opened.append(Opened(*arguments, **options))
        return self.opened[-1]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def server():
    server = Server()
    yield server
    for opened in server.opened:
        opened.close()
        opened.server.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watching(clock):
    return Watchdog(MAX_SECONDS, clock)


@pytest.fixture
def engine(server, watching):
    options = {"factory": server.open, "check_same_thread": False}
    engine = create_engine("sqlite://", poolclass=QueuePool, connect_args=options)
    watching.watch(engine)
    manage_transactions(engine)
    yield engine
    engine.dispose()


def refused(engine):
    """Connect to a server that was down, and wait for the trial in the background."""
    with pytest.raises(Unreachable):
        engine.connect()
    for thread in threading.enumerate():
        if thread.name == "database-trial":
            thread.join(TIMEOUT_SECONDS)


@pytest.fixture
def was_down(engine, server):
    server.error = OperationalError()
    with pytest.raises(OperationalError):
        engine.connect()
    server.error = None


@pytest.mark.usefixtures("was_down")
class TestTrial:
    def test_reconnects(self, engine):
        refused(engine)
        engine.connect().close()

    def test_is_repeated_after_any_error(self, engine, server, caplog):
        server.error = UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "a message in Latin-1")
        refused(engine)
        assert "a message in Latin-1" in caplog.text
        server.error = None
        refused(engine)
        engine.connect().close()

    def test_is_repeated_after_no_thread_could_start(self, engine, monkeypatch):
        def start(_thread):
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", start)
            refused(engine)
        refused(engine)
        engine.connect().close()


def test_a_connection_that_failed_at_its_start_is_not_watched(engine, server, clock, watching):
    fails = iter([True, False])

    @event.listens_for(engine, "connect")
    def fail(*_):
        if next(fails):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        engine.connect()
    clock.now += 2 * MAX_SECONDS
    watching.check()
    assert is_shut_down(server.opened[0])  # no handle is left
    engine.connect().close()  # and the database is not down


def test_the_start_of_a_connection_is_bounded(engine, server, clock, watching):
    @event.listens_for(engine, "connect")
    def freeze(*_):
        clock.now += 2 * MAX_SECONDS
        watching.check()
        assert is_shut_down(server.opened[0])

    refused(engine)


@pytest.mark.parametrize(
    "ask", [lambda connection: connection.execute(text("SELECT 1")),
            lambda connection: send(connection, "SELECT 1")],
    ids=["execute", "send"],
)  # fmt: skip
def test_each_message_has_the_whole_time(engine, server, clock, watching, ask):
    with engine.connect() as connection:
        for _ in range(3):
            ask(connection)
            clock.now += 0.9 * MAX_SECONDS
            watching.check()
            assert not is_shut_down(server.opened[0])
        clock.now += 0.2 * MAX_SECONDS
        watching.check()
        assert is_shut_down(server.opened[0])


def test_idle_connections_have_no_limit(engine, server, clock, watching):
    engine.connect().close()
    clock.now += 2 * MAX_SECONDS
    watching.check()
    assert not is_shut_down(server.opened[0])


def test_a_socket_is_not_duplicated_as_a_file_which_fails_on_windows(engine, monkeypatch):
    def dup(_number):
        raise OSError("Bad file descriptor")

    monkeypatch.setattr("os.dup", dup)
    engine.connect().close()
