"""Seat plans as rows. They never change, so a process parses each one once."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, insert, select

from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow, SeatPlanCache
from ticketing.adapters.sql.tables import seat_plans
from ticketing.domain.programme.errors import PlanNotFound
from ticketing.domain.programme.seat_plans.model import PlanId, Seat, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document


class SqlSeatPlans:
    """The plans, over one connection."""

    def __init__(self, connection: Connection, cache: SeatPlanCache) -> None:
        self._connection = connection
        self._cache = cache
        # Not cached: they may be rolled back, and then SQLite gives their ids to other plans.
        self._added: dict[PlanId, SeatPlan] = {}

    def id_of(self, plan: SeatPlan) -> PlanId:
        """Return the id of the plan, which is stored unless one of equal content is."""
        if plan.id:
            return plan.id
        same = select(seat_plans.c.id).where(seat_plans.c.content_hash == plan.content_hash)
        if (known := self._connection.scalar(same)) is not None:
            return PlanId(known)
        added = insert(seat_plans).returning(seat_plans.c.id)
        values = {"content": plan.content, "content_hash": plan.content_hash}
        plan_id = PlanId(self._connection.execute(added, values).scalar_one())
        self._added[plan_id] = replace(plan, id=plan_id)
        return plan_id

    def get(self, plan_id: PlanId) -> SeatPlan:
        """Raises PlanNotFound."""
        if plan_id in self._added:
            return self._added[plan_id]
        return self._cache.plan(plan_id, lambda: self._read(plan_id))

    def of(self, row: PlanOfRow) -> SeatPlan:
        """Return the plan of a screen or show."""
        plan_id, total_seats, seats_per_row = row
        if plan_id is not None:
            plan = self.get(plan_id)
            longest_row = min(total_seats, seats_per_row)
            if (plan.total_seats, plan.longest_row) == (total_seats, longest_row):
                return plan
        return plain_grid(total_seats, seats_per_row)

    def seats(
        self, numbers: Sequence[SeatNumber], plan_id: PlanId | None, plan: SeatPlan
    ) -> tuple[Seat, ...]:
        """Return the seats of a booking or hold, made in another plan than the show's ``plan``
        if it has a ``plan_id``.
        """
        made_in = plan if plan_id is None else self.get(plan_id)
        last = max(numbers, default=0)
        if last > made_in.total_seats:  # held when a previous release made the show smaller
            made_in = plain_grid(last, made_in.longest_row)
        return tuple(made_in.seat(number) for number in numbers)

    def _read(self, plan_id: PlanId) -> SeatPlan:
        content = select(seat_plans.c.content).where(seat_plans.c.id == plan_id)
        found = self._connection.scalar(content)
        if found is None:
            raise PlanNotFound()
        return replace(plan_from_document(json.loads(found)).plan, id=plan_id)
