"""Orphans: what they are, and when a choice is judged."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOW, TOMORROW
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.programme.show import OrphanRule
from ticketing.domain.sales.errors import OrphanSeat
from ticketing.domain.sales.orphans import check_orphans, orphan_seats

PLAN = room("A: 1..6 . 7..9\nB: 1..6")
FORTY = room("A: 1..40")


def seats(names, plan=PLAN):
    return frozenset(plan.find(names.split()))


def all_from(number):
    return " ".join(f"A{n}" for n in range(number, 41))


def free_but(names, plan=PLAN):
    return frozenset(plan.numbers) - seats(names, plan)


@pytest.mark.parametrize(
    ("taken", "chosen", "orphans"),
    [
        ("", "A1", ""),
        ("", "A2", "A1"),
        ("", "A2 A3", "A1"),
        ("", "A3", ""),
        ("", "A2 A5", "A1 A6"),
        ("", "A5", "A6"),  # an aisle ends a block as a wall does
        ("", "A8", "A7 A9"),
        ("", "A1 A3", "A2"),
        ("A4", "A2", "A1 A3"),
        ("A4", "A1 A2 A3", ""),
        ("A2", "A3", ""),  # A1 was alone before
        ("A2", "A4", "A3"),
        ("A2 A4", "A3", ""),
        ("", "A6", ""),
    ],
)
def test_what_a_choice_leaves_alone(taken, chosen, orphans):
    assert orphan_seats(PLAN, free_but(taken), seats(chosen)) == sorted(seats(orphans))


def judged(chosen, taken="", plan=PLAN, kept=frozenset(), **given):
    rule = given.pop("rule", OrphanRule.ENFORCE)
    facts: dict[str, Any] = {"starts_at": TOMORROW, "now": NOW, "is_staff": False} | given
    return check_orphans(
        rule, plan, free_but(taken, plan), kept, sorted(seats(chosen, plan)), **facts
    )


def test_an_enforced_rule_refuses_orphans_and_offers_alternatives():
    with pytest.raises(OrphanSeat) as refusal:
        judged("A2 A3")
    assert refusal.value.facts == {
        "orphans": ["A1"],
        "alternatives": [["A1", "A2"], ["A3", "A4"], ["B1", "B2"]],
    }


def test_a_rule_may_only_warn():
    assert judged("A2 A3", rule=OrphanRule.WARN) == [1]
    assert judged("A1 A2", rule=OrphanRule.WARN) == []


def test_choices_without_orphans_are_good():
    assert judged("A1 A2") == []


@pytest.mark.parametrize(
    "given",
    [
        {"rule": OrphanRule.OFF},
        {"is_staff": True},
        {"now": TOMORROW - timedelta(minutes=59, seconds=59)},
        {"plan": FORTY, "taken": all_from(6)},
    ],
)
def test_when_choices_are_not_judged(given):
    assert judged("A2", **given) == []


def test_choices_are_judged_until_an_hour_before_and_up_to_85_percent():
    with pytest.raises(OrphanSeat):
        judged("A2", now=TOMORROW - timedelta(hours=1))
    with pytest.raises(OrphanSeat):
        judged("A2", all_from(7), plan=FORTY)


def test_a_choice_is_good_where_all_choices_of_that_size_leave_orphans():
    taken = "A4 A5 A6 A7 A8 A9 B4 B5 B6"
    assert judged("A1 A2", taken) == []
    with pytest.raises(OrphanSeat):
        judged("A2", taken)


def test_seats_kept_for_wheelchair_users_neither_are_orphans_nor_count_as_free():
    plan = room(section("A: 1+ 2 3 4\nB: 1..4"))
    kept = seats("A1", plan)
    assert orphan_seats(plan, free_but("", plan) - kept, seats("A2", plan)) == []
    with pytest.raises(OrphanSeat) as refusal:
        judged("A3 A4", plan=plan, kept=kept)
    assert refusal.value.facts["orphans"] == ["A2"]
