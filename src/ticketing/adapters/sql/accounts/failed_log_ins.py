"""Failed and unfinished log-ins as rows."""

from datetime import datetime

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    delete,
    select,
    text,
    update,
)

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import UtcDateTime, failed_log_ins
from ticketing.domain.accounts.ports import Attempts

# One statement: a concurrent attempt waits for the row and adds to what the first one wrote.
_RESERVE_ATTEMPT = (
    text(
        "INSERT INTO failed_log_ins AS kept (key, failures, unfinished, since, reserved_at)"
        " VALUES (:key, 0, 1, :now, :now) ON CONFLICT (key) DO UPDATE SET"
        " failures = CASE WHEN kept.since > :expired THEN kept.failures ELSE 0 END,"
        " unfinished = CASE WHEN kept.reserved_at > :abandoned THEN kept.unfinished ELSE 0 END + 1,"
        " since = CASE WHEN kept.since > :expired AND kept.failures > 0 THEN kept.since"
        " ELSE :now END,"
        " reserved_at = :now RETURNING failures, unfinished, since"
    )
    .bindparams(*(bindparam(name, type_=UtcDateTime) for name in ("now", "expired", "abandoned")))
    .columns(
        failures=failed_log_ins.c.failures.type,
        unfinished=failed_log_ins.c.unfinished.type,
        since=UtcDateTime,
    )
)
_columns = failed_log_ins.c
_OF_KEY = _columns.key == bindparam("counted_key")
_one_less = case((_columns.unfinished > 0, _columns.unfinished - 1), else_=0)
_FAIL_ATTEMPT = (
    update(failed_log_ins)
    .where(_OF_KEY)
    .values(failures=_columns.failures + 1, unfinished=_one_less)
)
_CLEAR_LAST_ATTEMPT = delete(failed_log_ins).where(_OF_KEY, _columns.unfinished <= 1)
_CLEAR_FAILURES = update(failed_log_ins).where(_OF_KEY).values(failures=0, unfinished=_one_less)


class SqlFailedLogIns:
    """The ``FailedLogIns`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reserve(
        self, key: str, now: datetime, *, expired: datetime, abandoned: datetime
    ) -> Attempts:
        attempt = {"key": key, "now": now, "expired": expired, "abandoned": abandoned}
        made = self._connection.execute(_RESERVE_ATTEMPT, attempt).one()
        return Attempts(**made._mapping)

    def fail(self, key: str) -> None:
        self._connection.execute(_FAIL_ATTEMPT, {"counted_key": key})

    def clear(self, key: str) -> None:
        if self._connection.execute(_CLEAR_LAST_ATTEMPT, {"counted_key": key}).rowcount == 0:
            self._connection.execute(_CLEAR_FAILURES, {"counted_key": key})

    def purge_old(self, before: datetime) -> int:
        old = failed_log_ins.c.since < before
        some = select(failed_log_ins.c.key).where(old).limit(MAX_ROWS_PER_DELETE)
        keys = self._connection.scalars(some).all()
        these = (failed_log_ins.c.key.in_(keys), old)
        self._connection.execute(delete(failed_log_ins).where(*these))
        return len(keys)
