"""SQLite in a file: the processes of one machine, one writer at a time.

SQLite's writers poll for the lock, and some starve. Python's driver begins transactions too late,
so that two readers may both try to write. So we begin transactions, and writers queue before that.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Table, create_engine, event

from ticketing.adapters.sql.engine.database import CHANGES_SCHEMA, pool_options, translate_errors
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.adapters.sql.sqlite.sale import SqliteSale
from ticketing.adapters.sql.sqlite.write_queue import FileLockQueue, WriteQueue
from ticketing.domain.errors import Busy, NotReady, OutcomeUnknown, StorageFull

MAX_WAIT_SECONDS = 2.0  # for a writer's turn

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL may lose a confirmed sale with the power
    "PRAGMA foreign_keys=ON",
)
_WRITES = "ticketing_writes"


class SqliteDatabase:
    """The embedded default."""

    clock = None  # the process's own clock is the database's

    def __init__(self, url: URL, pool_size: int, telemetry: Telemetry = NO_TELEMETRY) -> None:
        self.telemetry = telemetry
        self.pool_size = pool_size
        self.file = Path(url.database or "")
        self.engine = create_engine(
            url.set(drivername="sqlite"),
            connect_args={
                "timeout": MAX_WAIT_SECONDS,
                "isolation_level": None,
                "check_same_thread": False,
            },
            **pool_options(pool_size),
        )
        self._queue = WriteQueue()
        self._sale = SqliteSale()
        self._file_queue = FileLockQueue(self.file.with_name(self.file.name + ".turn"))
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        translate_errors(self.engine, self.refusal)

    @contextmanager
    def write_turn(self) -> Iterator[None]:
        """Wait for a turn among the threads, in order of arrival, then among the processes."""
        deadline = monotonic() + MAX_WAIT_SECONDS
        with ExitStack() as turn:
            with self.telemetry.lock_wait():
                turn.enter_context(self._queue.turn(MAX_WAIT_SECONDS))
                turn.enter_context(self._file_queue.turn(max(0, deadline - monotonic())))
            yield

    is_distributed = False

    def begin(self, connection: Connection, *, brief: bool = False) -> None:
        connection.execution_options(**{_WRITES: True}).begin()

    def sale(self, connection: Connection) -> SqliteSale:
        return self._sale

    def commit(self, connection: Connection) -> None:
        connection.commit()

    def roll_back(self, connection: Connection) -> None:
        connection.rollback()

    def lock_table(self, connection: Connection, table: Table) -> None:
        """A writer has locked the whole file."""

    def refusal(self, error: BaseException) -> Busy | None:
        if not isinstance(error, sqlite3.Error):
            return None
        if str(error).startswith(("no such table", "no such column")):
            return NotReady()
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")):
            return StorageFull()
        again = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL")
        meanwhile = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY",
                     "SQLITE_CONSTRAINT_FOREIGNKEY")  # fmt: skip
        return Busy() if name.startswith(again + meanwhile) else None

    def refusal_of_commit(self, error: BaseException) -> Busy:
        """A refused commit was not made, except after I/O errors."""
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith("SQLITE_IOERR"):
            return OutcomeUnknown()
        return self.refusal(error) or OutcomeUnknown()


def _prepare(dbapi_connection: Any, _record: Any) -> None:
    for pragma in _PRAGMAS:
        dbapi_connection.execute(pragma)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = _WRITES in options or CHANGES_SCHEMA in options
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
