"""The primary's WAL position: a replica that has replayed it is current."""

from collections.abc import Callable
from threading import Lock
from time import monotonic as system_monotonic
from typing import NamedTuple

from sqlalchemy import text

from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.domain.errors import Busy

FRESH_SECONDS = 0.5  # how stale a position, and so a read on a replica, may be


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
