"""End the waits for a server that froze, and refuse new ones until it answers.

The kernel of a frozen machine or of a stopped process still acknowledges what is sent, so neither
keepalives nor ``tcp_user_timeout`` notice anything, and ``statement_timeout`` is the server's own.
libpq has no time limit for an answer; a wait callback of psycopg2 could have one, but libpq then
ignores ``connect_timeout``, and does not go on to the next host.
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

from psycopg2 import OperationalError
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ticketing.adapters.sql.postgresql.address import with_host_first
from ticketing.domain.errors import Unreachable

_IDLE = float("inf")
_WATCHED = "ticketing_watched"
_CHECKS_PER_LIMIT = 20

logger = logging.getLogger(__name__)


def restart_clock(connection: Connection) -> None:
    """Allow the whole time for the answer to the next message."""
    if watched := connection.info.get(_WATCHED):
        watched.restart_clock()


class Watchdog:
    """Shuts down connections in use that wait for an answer for longer than ``max_seconds``.

    The time starts when a connection is opened or checked out, and again with each message. The
    thread that waits then gets the driver's error for a lost connection. All other connections of
    the pool are replaced before their next use. While the server cannot be reached, a request that
    needs a new connection gets Unreachable at once, and a thread in the background tries to
    connect: else requests, and those that wait for them, would wait for one connection after the
    other.

    One daemon thread watches, as long as there are connections.
    """

    def __init__(self, max_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._max_seconds = max_seconds
        self._clock = clock
        self._guard = Lock()
        self._watched: set[_Watched] = set()
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
            if not self._is_running:  # not earlier: server processes are forked
                Thread(target=self._run, name="database-watchdog", daemon=True).start()
                self._is_running = True
            record.info[_WATCHED] = watched = _Watched(opened, self._clock)
            self._watched.add(watched)
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
            try:
                with suppress(OperationalError):
                    connect().close()
            except Exception:
                logger.exception("The database cannot be connected to.")
            finally:
                self._trial.release()

        if self._trial.acquire(blocking=False):
            try:
                Thread(target=run, name="database-trial", daemon=True).start()
            except RuntimeError as error:
                self._trial.release()
                logger.warning("The database is not tried: %s.", error)

    def _check_out(self, _connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if watched := record.info.get(_WATCHED):
            if watched.opened_at <= self._lost_at:
                raise exc.InvalidatePoolError
            watched.restart_clock()

    def _check_in(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        if watched := record.info.get(_WATCHED):
            watched.busy_since = _IDLE

    def _forget(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        with self._guard:
            if watched := record.info.pop(_WATCHED, None):
                self._discard(watched)

    def _discard(self, watched: "_Watched") -> None:
        self._watched.discard(watched)
        watched.socket.close()

    def _run(self) -> None:
        while True:
            sleep(self._max_seconds / _CHECKS_PER_LIMIT)
            with self._guard:
                self.check()
                if not self._watched:
                    self._is_running = False
                    return

    def check(self) -> None:
        """Shut down the connections whose time is over, and discard those that were closed."""
        now = self._clock()
        for watched in list(self._watched):
            if watched.opened.closed:  # by the pool without an event, as it failed at its start
                self._discard(watched)
            elif now - watched.busy_since > self._max_seconds:
                logger.warning(
                    "A connection is closed: the database did not answer within %g s.",
                    self._max_seconds,
                )
                self._is_down, self._lost_at = True, now
                watched.shut_down()


class _Watched:
    """A connection, with a handle of our own on its socket: libpq may close its own at any time."""

    def __init__(self, opened: Any, clock: Callable[[], float]) -> None:
        # It is only shut down, so the family does not matter. On Windows, os.dup takes no sockets.
        self.socket = socket.fromfd(opened.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        self.opened = opened
        self._clock = clock
        self.opened_at = self.busy_since = clock()

    def restart_clock(self) -> None:
        self.busy_since = self._clock()

    def shut_down(self) -> None:
        self.busy_since = _IDLE
        with suppress(OSError):  # the other end has closed it
            self.socket.shutdown(socket.SHUT_RDWR)
