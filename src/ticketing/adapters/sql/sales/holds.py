"""Holds as rows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    literal,
    select,
    update,
)

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, SaleStatements
from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    hold_is_live,
    hold_is_unended,
    holds,
    show_seats,
    shows,
)
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import HoldNotFound
from ticketing.domain.sales.hold import Hold, HoldId, HoldStatus, show_of_hold

HOLD_COLUMNS = [
    holds.c.id.label("hold_id"),
    holds.c.account_id,
    holds.c.seat_numbers,
    holds.c.created_at,
    holds.c.expires_at,
    holds.c.extendable_until,
    holds.c.released_at,
    holds.c.booking_id,
    holds.c.is_offer,
    holds.c.plan_id.label("hold_plan_id"),
    *SHOW_COLUMNS,
]


def hold_of(row: Row[Any], plans: SqlSeatPlans) -> Hold:
    show = show_of(row, plans)
    return Hold(
        id=row.hold_id,
        show=show,
        customer=row.account_id,
        seats=plans.seats(row.seat_numbers, row.hold_plan_id, show.plan),
        created_at=row.created_at,
        expires_at=row.expires_at,
        extendable_until=row.extendable_until,
        released_at=row.released_at,
        booking_id=row.booking_id,
        is_offer=row.is_offer,
    )


def select_holds(*more: ColumnElement[Any]) -> Select[Any]:
    joined = SHOWS_WITH_ALL.join(holds, holds.c.show_id == shows.c.id)
    return select(*HOLD_COLUMNS, *more).select_from(joined)


def select_hold(hold_id: HoldId) -> Select[Any]:
    """Raises HoldNotFound for a malformed id."""
    its_show = holds.c.show_id == show_of_hold(hold_id)
    return select_holds().where(its_show, holds.c.id == hold_id)


def hold_or_refusal(row: Row[Any] | None, plans: SqlSeatPlans) -> Hold:
    """Return the hold of the row. Raises HoldNotFound for None."""
    if row is None:
        raise HoldNotFound()
    return hold_of(row, plans)


# Built once: building such a statement takes longer than running it.
_FIND_ALL = select_holds().where(
    holds.c.show_id.in_(bindparam("show_ids", expanding=True)),
    holds.c.id.in_(bindparam("ids", expanding=True)),
)
_UNBOOKED_OF = select_holds().where(
    holds.c.show_id == bindparam("show_id"),
    holds.c.account_id.in_(bindparam("customers", expanding=True)),
    holds.c.expires_at > bindparam("expiring_after"),
    holds.c.booking_id.is_(None),
)


class SqlHolds:
    """The ``Holds`` port."""

    def __init__(
        self, connection: Connection, sale: SaleStatements, plans: SqlSeatPlans, time: StoreClock
    ) -> None:
        self._connection = connection
        self._sale = sale
        self._plans = plans
        self._time = time
        self._changes: Counter[HoldStatus] = Counter()
        self._offers = 0

    def report(self, telemetry: Telemetry) -> None:
        """Report the holds that this transaction made and ended, after the commit."""
        if self._offers:
            telemetry.offered(self._offers)
        for status, number in self._changes.items():
            if status is HoldStatus.ACTIVE:
                telemetry.held(number)
            else:
                telemetry.hold_ended(status.lower(), number)

    def get(self, hold_id: HoldId) -> Hold:
        row = self._connection.execute(select_hold(hold_id)).first()
        return hold_or_refusal(row, self._plans)

    def find_all(self, hold_ids: Collection[HoldId]) -> dict[HoldId, Hold]:
        of_shows = {show_of_hold(hold_id) for hold_id in hold_ids}
        values = {"show_ids": list(of_shows), "ids": list(hold_ids)}
        rows = self._connection.execute(_FIND_ALL, values)
        return {row.hold_id: hold_of(row, self._plans) for row in rows}

    def unbooked_of(
        self, show_id: ShowId, customers: Collection[AccountId], expiring_after: datetime
    ) -> dict[AccountId, list[Hold]]:
        values = {
            "show_id": show_id,
            "customers": list(customers),
            "expiring_after": expiring_after,
        }
        found = defaultdict[AccountId, list[Hold]](list)
        for row in self._connection.execute(_UNBOOKED_OF, values):
            found[row.account_id].append(hold_of(row, self._plans))
        return found

    def add_all(self, holds: Sequence[Hold]) -> None:
        if holds:
            self._sale.add_holds(self._connection, holds, self._time.now())
        made = [hold for hold in holds if not hold.show.rehearsal]
        self._changes[HoldStatus.ACTIVE] += len(made)
        self._offers += sum(hold.is_offer for hold in made)

    def save_all(self, holds: Sequence[Hold]) -> None:
        if holds:
            self._sale.save_holds(self._connection, holds, self._time.now())
        ended = (hold for hold in holds if hold.is_ended and not hold.show.rehearsal)
        self._changes.update(hold.status(hold.expires_at) for hold in ended)

    def release_all(self, show_id: ShowId, at: datetime) -> None:
        unended = update(holds).where(holds.c.show_id == show_id, hold_is_unended)
        released = self._connection.execute(unended.values(released_at=at)).rowcount
        self._changes[HoldStatus.RELEASED] += released
        carrying = (show_seats.c.show_id == show_id, show_seats.c.hold_id.is_not(None))
        freed = update(show_seats).where(*carrying).values(hold_id=None, held_until=at)
        self._connection.execute(freed)

    def live_of(self, customer: AccountId) -> list[HoldId]:
        now = literal(self._time.now(), UtcDateTime)
        live = select(holds.c.id).where(holds.c.account_id == customer, hold_is_live(now))
        return list(self._connection.scalars(live.order_by(holds.c.created_at, holds.c.id)))

    def of_show(self, show_id: ShowId) -> list[Hold]:
        wanted = select_holds().where(holds.c.show_id == show_id)
        oldest_first = wanted.order_by(holds.c.created_at, holds.c.id)
        return [hold_of(row, self._plans) for row in self._connection.execute(oldest_first)]

    def purge(self, before: datetime) -> int:
        old = holds.c.expires_at < before
        show_id = self._connection.scalar(select(holds.c.show_id).where(old).limit(1))
        its_old = (holds.c.show_id == show_id, old)
        some = select(holds.c.id).where(*its_old).limit(MAX_ROWS_PER_DELETE)
        purged = delete(holds).where(*its_old, holds.c.id.in_(some))
        return self._connection.execute(purged).rowcount
