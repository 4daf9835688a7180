"""End the waits for a server that froze, and refuse new ones until it answers.

The kernel of a frozen machine or of a stopped process still acknowledges what is sent, so neither
keepalives nor ``tcp_user_timeout`` notice anything, and ``statement_timeout`` is the server's own.
libpq has no time limit for an answer; a wait callback of psycopg2 could have one, but libpq then
ignores ``connect_timeout``, and does not go on to the next host.
"""

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

from psycopg2 import OperationalError
from sqlalchemy import Engine, event, exc
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ticketing.adapters.sql.postgresql.address import with_host_first
from ticketing.domain.errors import Unreachable

_IDLE = float("inf")
_CHECKS_PER_LIMIT = 20

logger = logging.getLogger(__name__)


class Watchdog:
    """Shuts down connections that are checked out for longer than ``max_seconds``.

    Their threads then get the driver's error for a lost connection. All other connections of the
    pool are replaced before their next use. While the server cannot be reached, whoever needs a new
    connection gets Unreachable at once, and a thread in the background tries to connect: else
    requests, and those that wait for them, would wait for one connection after the other.

    One daemon thread watches, as long as there are connections.
    """

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds
        self._guard = Lock()
        self._watched: dict[ConnectionPoolEntry, _Connection] = {}
        self._is_running = False
        self._is_down = False
        self._trial = Lock()
        self._lost_at = float("-inf")
        self._host: tuple[str, int] | None = None

    def watch(self, engine: Engine) -> None:
        """Watch the connections of the engine, which must not have any yet."""
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "checkout", self._check_out)
        event.listen(engine, "checkin", self._check_in)
        event.listen(engine, "close", self._forget)
        event.listen(engine, "detach", self._forget)

    def _connect(
        self, dialect: Dialect, record: ConnectionPoolEntry, args: Any, parameters: dict[str, Any]
    ) -> DBAPIConnection:
        connect = partial(self._try, dialect.connect, args, parameters)
        if self._is_down:
            self._try_in_background(connect)
            raise Unreachable() from ConnectionError("the database did not respond before")
        opened: DBAPIConnection = connect()
        with self._guard:
            self._watched[record] = _Connection(opened)
            if not self._is_running:  # not earlier: server processes are forked
                self._is_running = True
                Thread(target=self._run, name="database-watchdog", daemon=True).start()
        return opened

    def _try(self, connect: Callable[..., Any], args: Any, parameters: dict[str, Any]) -> Any:
        try:
            opened = connect(*args, **with_host_first(parameters, self._host))
        except OperationalError:
            self._is_down = True
            raise
        self._is_down = False
        self._host = (opened.info.host, opened.info.port)
        return opened

    def _try_in_background(self, connect: Callable[[], Any]) -> None:
        def run() -> None:
            with suppress(OperationalError):
                connect().close()
            self._trial.release()

        if self._trial.acquire(blocking=False):
            Thread(target=run, name="database-trial", daemon=True).start()

    def _check_out(self, _connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if watched := self._watched.get(record):
            if watched.opened_at <= self._lost_at:
                raise exc.InvalidatePoolError
            watched.busy_since = monotonic()

    def _check_in(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        if watched := self._watched.get(record):
            watched.busy_since = _IDLE

    def _forget(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        with self._guard:
            if watched := self._watched.pop(record, None):
                watched.socket.close()

    def _run(self) -> None:
        while True:
            sleep(self._max_seconds / _CHECKS_PER_LIMIT)
            with self._guard:
                if not self._watched:
                    self._is_running = False
                    return
                self._shut_down_frozen()

    def _shut_down_frozen(self) -> None:
        now = monotonic()
        for watched in self._watched.values():
            if now - watched.busy_since > self._max_seconds:
                logger.warning(
                    "A connection is closed: the database did not answer within %g s.",
                    self._max_seconds,
                )
                self._is_down, self._lost_at = True, now
                watched.shut_down()


class _Connection:
    """A handle of its own on a connection's socket: libpq may close its own at any time."""

    def __init__(self, opened: Any) -> None:
        self.socket = socket.socket(fileno=os.dup(opened.fileno()))
        self.opened_at = self.busy_since = monotonic()

    def shut_down(self) -> None:
        self.busy_since = _IDLE
        with suppress(OSError):  # the other end has closed it
            self.socket.shutdown(socket.SHUT_RDWR)
