"""Counts of failed log-ins."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import failed_log_ins
from ticketing.adapters.sql.tables.columns import UtcDateTime
from ticketing.domain.accounts.ports import Failures

# One statement: a concurrent attempt waits for the row and adds to what the first one wrote.
_COUNT = (
    text(
        "INSERT INTO failed_log_ins AS kept (key, failures, since) VALUES (:key, 1, :now)"
        " ON CONFLICT (key) DO UPDATE SET"
        " failures = CASE WHEN kept.since > :expired THEN kept.failures + 1 ELSE 1 END,"
        " since = CASE WHEN kept.since > :expired THEN kept.since ELSE :now END"
        " RETURNING failures, since"
    )
    .bindparams(bindparam("now", type_=UtcDateTime), bindparam("expired", type_=UtcDateTime))
    .columns(failures=failed_log_ins.c.failures.type, since=UtcDateTime)
)
_CLEAR = delete(failed_log_ins).where(failed_log_ins.c.key == bindparam("its_key"))


class SqlFailedLogIns:
    """The ``FailedLogIns`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, key: str, now: datetime, *, expired: datetime) -> Failures:
        counted = self._connection.execute(
            _COUNT, {"key": key, "now": now, "expired": expired}
        ).one()
        return Failures(counted.failures, counted.since)

    def clear(self, key: str) -> None:
        self._connection.execute(_CLEAR, {"its_key": key})

    def purge_old(self, before: datetime) -> int:
        old = failed_log_ins.c.since < before
        some = select(failed_log_ins.c.key).where(old).limit(MAX_ROWS_PER_DELETE)
        keys = self._connection.scalars(some).all()
        these = (failed_log_ins.c.key.in_(keys), old)
        self._connection.execute(delete(failed_log_ins).where(*these))
        return len(keys)
