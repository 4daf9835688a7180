"""Where the primary's log ends: a replica that has replayed it that far is current."""

from collections.abc import Callable
from threading import Lock
from time import monotonic as system_monotonic
from typing import NamedTuple

from sqlalchemy import text

from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.domain.errors import Busy

FRESH_SECONDS = 0.5  # how old what is known may be, and what a replica tells


class WalPosition(NamedTuple):
    """Up to where which log goes, and whose it is, in PostgreSQL's words.

    Positions say nothing without their ``timeline`` (eight hex digits), which each promotion
    begins anew. No two servers have the same ``started_at``.
    """

    position: str
    timeline: str
    started_at: str


# Not the end of what is written: with synchronous_commit = off, changes are seen before that.
_END = text("""
    SELECT CAST(pg_current_wal_insert_lsn() AS text),
           left(pg_walfile_name(pg_current_wal_lsn()), 8),
           CAST(pg_postmaster_start_time() AS text)
    WHERE NOT pg_is_in_recovery()
""")


def read_wal_position(primary: Database) -> WalPosition | None:
    """None where the server is no primary (any more), or busy."""
    try:
        with connect(primary.engine) as connection:
            end = connection.execute(_END).first()
            return WalPosition(*end) if end else None
    except Busy:
        return None


class PrimaryWalPosition:
    """Where the primary's log ended, half a second ago at most; ``ask`` asks it."""

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
        """None where the primary cannot tell, or while somebody else asks it."""
        asked_at, end = self._known
        if self._expired_at < asked_at and self._monotonic() < asked_at + FRESH_SECONDS:
            return end
        if not self._guard.acquire(blocking=False):
            return None
        try:
            asked_at = self._monotonic()  # before: the answer may be that old
            end = self._ask()
            self._known = (asked_at, end)
            return end
        finally:
            self._guard.release()

    def expire(self) -> None:
        """What was committed until now is to be seen from now on."""
        self._expired_at = self._monotonic()
