"""The examples in docs/seat-plans.md are valid plans."""

import re
from pathlib import Path

import pytest

from tests.unit.programme.seat_plans.rooms import labels
from ticketing.domain.programme.seat_plans.readers import plan_from_file

TEXT = (Path(__file__).parents[4] / "docs/seat-plans.md").read_text("utf-8")
PLANS = re.sub(r"\n## Over HTTP\n.*?(?=\n## )", "", TEXT, flags=re.DOTALL)  # has responses
EXAMPLES = re.findall(r"```(toml|json|csv)\n(.*?)```", PLANS, re.DOTALL)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_an_example_is_a_valid_plan(kind, example):
    assert plan_from_file(example.encode(), f".{kind}").warnings == {}


def test_there_are_examples_of_each_kind():
    assert {kind for kind, _ in EXAMPLES} == {"toml", "json", "csv"}


def test_the_first_example_has_the_rows_that_it_draws():
    plan = plan_from_file(EXAMPLES[0][1].encode(), ".toml").plan
    assert labels(plan)[:9] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "B1"]
    assert [len(block) for block in plan.blocks] == [8, 10, 10, 10, 5, 4]
