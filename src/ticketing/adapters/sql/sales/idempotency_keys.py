"""Idempotency keys as rows."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, SaleStatements
from ticketing.adapters.sql.tables import idempotency_keys
from ticketing.domain.errors import Busy
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey

_KEY = [idempotency_keys.c[field.name] for field in fields(RequestKey)]
_REST = [column for column in _KEY if column.name != "show_id"]
_IS_KEY = [column == bindparam(f"its_{column.name}") for column in _KEY]

# Built once: building such a statement takes longer than running it.
_KEPT = select(idempotency_keys.c.fingerprint, idempotency_keys.c.answer).where(*_IS_KEY)
_RELEASED = delete(idempotency_keys).where(*_IS_KEY)


class SqlIdempotencyKeys:
    """The ``IdempotencyKeys`` port. The row locks the key: other inserts wait for its commit."""

    def __init__(self, connection: Connection, sale: SaleStatements, time: StoreClock) -> None:
        self._connection = connection
        self._sale = sale
        self._time = time

    def claim(self, keys: Mapping[RequestKey, str]) -> dict[RequestKey, KeptAnswer]:
        new = self._sale.claim_keys(self._connection, keys, self._time.stamp())
        return {key: self._kept(key) for key in keys if key not in new}

    def _kept(self, key: RequestKey) -> KeptAnswer:
        kept = self._connection.execute(_KEPT, _its(key)).first()
        if kept is None:
            raise Busy()  # it expired and was deleted in between
        return KeptAnswer(kept.fingerprint, kept.answer)

    def keep(self, answers: Mapping[RequestKey, str]) -> None:
        self._sale.keep_answers(self._connection, answers)

    def release(self, keys: Collection[RequestKey]) -> None:
        self._connection.execute(_RELEASED, [_its(key) for key in keys])

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
