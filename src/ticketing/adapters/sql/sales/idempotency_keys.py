"""Idempotency keys as rows."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text, tuple_, update

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.adapters.sql.tables import idempotency_keys
from ticketing.domain.errors import Busy
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey

_NAMED = ("show_id", "account_id", "operation", "key")
_REST = [idempotency_keys.c[name] for name in _NAMED if name != "show_id"]
_BY_KEY = [idempotency_keys.c[name] == bindparam(f"its_{name}") for name in _NAMED]

# Built once: building such a statement takes longer than running it.
_CLAIM = text(
    "INSERT INTO idempotency_keys (show_id, account_id, operation, key, fingerprint, created_at)"
    " VALUES (:show_id, :account_id, :operation, :key, :fingerprint, :created_at)"
    " ON CONFLICT DO NOTHING"
).bindparams(bindparam("created_at", type_=idempotency_keys.c.created_at.type))
_KEPT = select(idempotency_keys.c.fingerprint, idempotency_keys.c.answer).where(*_BY_KEY)
_KEEP = update(idempotency_keys).where(*_BY_KEY).values(answer=bindparam("its_answer"))


class SqlIdempotencyKeys:
    """The ``IdempotencyKeys`` port. The row locks the key: other inserts wait for its commit."""

    def __init__(self, connection: Connection, time: StoreClock) -> None:
        self._connection = connection
        self._time = time

    def claim(self, key: RequestKey, fingerprint: str) -> KeptAnswer | None:
        row = {**asdict(key), "fingerprint": fingerprint, "created_at": self._time.stamp()}
        if self._connection.execute(_CLAIM, row).rowcount:
            return None
        kept = self._connection.execute(_KEPT, _its(key)).first()
        if kept is None:
            raise Busy()  # it expired and was deleted in between
        return KeptAnswer(kept.fingerprint, kept.answer)

    def keep(self, key: RequestKey, answer: str) -> None:
        self._connection.execute(_KEEP, {**_its(key), "its_answer": answer})

    def purge(self, before: datetime) -> int:
        table = idempotency_keys.c
        old = table.created_at < before
        show_id = self._connection.scalar(select(table.show_id).where(old).limit(1))
        its_old = (table.show_id == show_id, old)
        some = select(*_REST).where(*its_old).limit(MAX_ROWS_PER_DELETE)
        purged = delete(idempotency_keys).where(*its_old, tuple_(*_REST).in_(some))
        return self._connection.execute(purged).rowcount


def _its(key: RequestKey) -> dict[str, object]:
    return {f"its_{name}": value for name, value in asdict(key).items()}
