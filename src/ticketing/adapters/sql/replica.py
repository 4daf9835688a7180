"""Read the programme on a PostgreSQL replica, while it keeps up with the primary.

A connection to the replica that has replayed the primary's WAL position may serve reads while
that position is fresh, so reads are at most 0.5 s stale. Each connection checks for itself: they
may lead to several replicas, some of which may follow another primary.
"""

import logging
from collections.abc import Callable
from threading import Lock, Thread
from time import monotonic as system_monotonic
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, text

from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.domain.errors import Busy, NotFound, root_cause

T = TypeVar("T")

FRESH_SECONDS = 0.5  # how stale a position, and so a read on a replica, may be
CATCH_UP_SECONDS = 0.05  # before a replica that lagged is used again
AWAY_SECONDS = 5.0  # before one that was unreachable is tried again

logger = logging.getLogger(__name__)


class WalPosition(NamedTuple):
    """The end of a server's write-ahead log.

    Positions are comparable only on one ``timeline`` (eight hex digits); each promotion starts a
    new one. No two servers have the same ``started_at``.
    """

    position: str
    timeline: str
    started_at: str


# The insert position: with synchronous_commit = off, changes are visible before they are written.
_END = text("""
    SELECT CAST(pg_current_wal_insert_lsn() AS text),
           left(pg_walfile_name(pg_current_wal_lsn()), 8),
           CAST(pg_postmaster_start_time() AS text)
    WHERE NOT pg_is_in_recovery()
""")


def read_wal_position(primary: Database) -> WalPosition | None:
    """Read the position; None if the server is not a primary, or busy."""
    try:
        with connect(primary.engine) as connection:
            end = connection.execute(_END).first()
            return WalPosition(*end) if end else None
    except Busy:
        return None


class PrimaryWalPosition:
    """The primary's WAL position, cached for FRESH_SECONDS; ``ask`` reads it."""

    def __init__(
        self,
        ask: Callable[[], WalPosition | None],
        monotonic: Callable[[], float] = system_monotonic,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._guard = Lock()
        self._known: tuple[float, WalPosition | None] = (float("-inf"), None)
        self._expired_at = float("-inf")

    def __call__(self) -> WalPosition | None:
        """Return the position; None if it is unknown, or while another thread reads it."""
        asked_at, end = self._known
        if self._expired_at < asked_at and self._monotonic() < asked_at + FRESH_SECONDS:
            return end
        if not self._guard.acquire(blocking=False):
            return None
        try:
            asked_at = self._monotonic()  # before the query: the answer may be that old
            end = self._ask()
            self._known = (asked_at, end)
            return end
        finally:
            self._guard.release()

    def expire(self) -> None:
        """Expire the cached position, so that reads see all commits until now."""
        self._expired_at = self._monotonic()


# A standby of a lost primary may have replayed more than the new one has written, and an old
# primary that is back replays nothing: both show sales that never happened. The timeline is that
# of the last checkpoint, so a standby that follows a promotion serves from its next one on.
_IS_CURRENT = text("""
    SELECT CASE WHEN pg_is_in_recovery()
        THEN pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn) AND :timeline =
            (SELECT lpad(upper(to_hex(timeline_id)), 8, '0') FROM pg_control_checkpoint())
        ELSE pg_postmaster_start_time() = CAST(:started_at AS timestamptz) END
""")
_ANY = WalPosition("0/0", "", "-infinity")
_SEEN = "ticketing_replayed"


def in_a_thread(work: Callable[[], None]) -> None:
    Thread(target=work, daemon=True).start()


class ReplicaReader(Reader):
    """Reads on the replica while it is current, else on the primary.

    No read waits for a replica that lags or is known to be unreachable; the read that finds it
    vanished waits for two seconds. ``run_in_background`` runs the reconnection in the background.
    """

    def __init__(
        self,
        replica: Database,
        primary: Reader,
        wal_position: Callable[[], WalPosition | None],
        monotonic: Callable[[], float] = system_monotonic,
        run_in_background: Callable[[Callable[[], None]], None] = in_a_thread,
    ) -> None:
        super().__init__(replica)
        self._primary = primary
        self._wal_position = wal_position
        self._monotonic = monotonic
        self._run_in_background = run_in_background
        self._is_away = True  # until the first answer
        self._rests_until = float("-inf")

    def __call__(self, read: Callable[[Connection], T]) -> T:
        end = self._wal_position() if self._may_serve() else None
        if end is None:
            return self._primary(read)
        try:
            return self._once(lambda connection: read(_current(connection, end)))
        except NotFound:
            pass  # it may be newer than the replica's data
        except _Behind:
            self._rests_until = self._monotonic() + CATCH_UP_SECONDS
        except Busy as busy:
            self._lose(busy)
        return self._primary(read)

    def _may_serve(self) -> bool:
        if self._monotonic() < self._rests_until:
            return False
        if self._is_away:
            self._rests_until = self._monotonic() + AWAY_SECONDS  # no other thread tries meanwhile
            self._run_in_background(self._try_again)
        return not self._is_away

    def _try_again(self) -> None:
        try:
            self._once(lambda connection: connection.scalar(_IS_CURRENT, _ANY._asdict()))
        except Busy as busy:
            self._lose(busy)
        else:
            logger.info("The replica answers.")
            self._is_away = False
            self._rests_until = float("-inf")

    def _lose(self, busy: Busy) -> None:
        logger.warning("The replica is not used for %d s: %s", AWAY_SECONDS, root_cause(busy))
        self._is_away = True
        self._rests_until = self._monotonic() + AWAY_SECONDS


class _Behind(Exception):
    """The replica lags too much, or follows another primary."""


def _current(connection: Connection, end: WalPosition) -> Connection:
    """Return the connection if its server has replayed up to ``end``. Raises _Behind."""
    if connection.info.get(_SEEN) is not end:  # identity: an equal, later position is checked again
        if not connection.scalar(_IS_CURRENT, end._asdict()):
            raise _Behind
        connection.info[_SEEN] = end
    return connection
