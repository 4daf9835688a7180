"""Idempotency keys as rows."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, astuple, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, tuple_

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, SaleStatements
from ticketing.adapters.sql.tables import idempotency_keys
from ticketing.domain.errors import Busy
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey, UsedKeys

_KEY = [idempotency_keys.c[field.name] for field in fields(RequestKey)]
_REST = [column for column in _KEY if column.name != "show_id"]

# Built once: building such a statement takes longer than running it.
_IS_ONE_OF = tuple_(*_KEY).in_(bindparam("keys", expanding=True))
_KEPT = select(*_KEY, idempotency_keys.c.fingerprint, idempotency_keys.c.answer).where(_IS_ONE_OF)
_USED = select(func.count(), func.min(idempotency_keys.c.created_at)).where(
    idempotency_keys.c.show_id == bindparam("show_id"),
    idempotency_keys.c.operation == bindparam("operation"),
    idempotency_keys.c.created_at > bindparam("after"),
)
_RELEASE = delete(idempotency_keys).where(_IS_ONE_OF)


class SqlIdempotencyKeys:
    """The ``IdempotencyKeys`` port. The row locks the key: other inserts wait for its commit."""

    def __init__(self, connection: Connection, sale: SaleStatements, time: StoreClock) -> None:
        self._connection = connection
        self._sale = sale
        self._time = time

    def claim(self, keys: Mapping[RequestKey, str]) -> dict[RequestKey, KeptAnswer]:
        new = self._sale.claim_keys(self._connection, keys, self._time.stamp())
        used = [astuple(key) for key in keys if key not in new]
        if not used:
            return {}
        rows = self._connection.execute(_KEPT, {"keys": used}).all()
        if len(rows) < len(used):
            raise Busy()  # one expired and was deleted in between
        return {RequestKey(*row[:4]): KeptAnswer(row.fingerprint, row.answer) for row in rows}

    def keep(self, answers: Mapping[RequestKey, str]) -> None:
        self._sale.keep_answers(self._connection, answers)

    def used(self, key: RequestKey, after: datetime) -> UsedKeys:
        return UsedKeys(*self._connection.execute(_USED, {**asdict(key), "after": after}).one())

    def release(self, keys: Collection[RequestKey]) -> None:
        self._connection.execute(_RELEASE, {"keys": [astuple(key) for key in keys]})

    def purge(self, before: datetime) -> int:
        table = idempotency_keys.c
        old = table.created_at < before
        show_id = self._connection.scalar(select(table.show_id).where(old).limit(1))
        its_old = (table.show_id == show_id, old)
        some = select(*_REST).where(*its_old).limit(MAX_ROWS_PER_DELETE)
        purged = delete(idempotency_keys).where(*its_old, tuple_(*_REST).in_(some))
        return self._connection.execute(purged).rowcount
