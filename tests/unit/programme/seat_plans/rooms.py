"""Small rooms for tests."""

from typing import Any

import pytest

from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.readers import plan_from_document


def section(rows: Any = "A: 1..3", **fields: Any) -> dict[str, Any]:
    return {"rows": rows, **fields}


def room(*sections: Any, **fields: Any) -> SeatPlan:
    """Return the plan with these sections; any other value than a dict is its rows."""
    return plan_from_document(document(*sections, **fields)).plan


def document(*sections: Any, **fields: Any) -> dict[str, Any]:
    listed = [item if isinstance(item, dict) else section(item) for item in sections]
    return {"sections": listed, **fields}


def row(*places: tuple[float, float], name: str = "A", **fields: Any) -> dict[str, Any]:
    """Return a row with seats 1, 2, 3 … at these places."""
    seats = [{"name": str(n), "x": x, "y": y} for n, (x, y) in enumerate(places, start=1)]
    return {"name": name, "seats": seats, **fields}


def labels(plan: SeatPlan) -> list[str]:
    return [seat.label for seat in plan.seats()]


def faults_of(source: Any, **options: Any) -> dict[str, list[str]]:
    """Return the faults of a document, by place."""
    with pytest.raises(InvalidPlan) as refusal:
        plan_from_document(source, **options)
    errors: dict[str, list[str]] = refusal.value.facts["errors"]
    return errors
