"""Whatever a document contains, it is a plan or is refused with places of faults."""

import copy
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.programme.seat_plans.test_model import PLANS
from tests.unit.programme.seat_plans.test_pretix import PLAN
from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.pretix import pretix_document
from ticketing.domain.programme.seat_plans.readers import plan_from_document, plan_from_file

GENERATED = {
    "sections": [
        {"name": "Left", "grid": {"rows": 2, "seats_per_row": 3, "row_names": "A..B"}},
        {
            "name": "Right",
            "position": [100, 0],
            "arc": {"rows": 2, "seats_per_row": [3, 4], "radius": 90, "degrees": 45},
            "exceptions": [{"rows": "B", "seats": "1..2", "remove": True}],
        },
    ]
}
LISTED = json.loads(plan_from_document(PLANS[2]).plan.content)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["A", "1..3", "A..Z: 1..9", "roman", 10**400, 10**9, "1..99999", ".", "A: ,"])
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in a document."""
    items: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = enumerate(value)
    found = [path]
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


@st.composite
def documents(draw: Any) -> Any:
    """Valid documents with some values replaced by any others."""
    document = {"": copy.deepcopy(draw(st.sampled_from([*PLANS, PLAN, GENERATED, LISTED])))}
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(document)[1:]))
        target: Any = document
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = draw(values)
        if path == ("",):
            break
    return document[""]


@given(documents())
@example([])
def test_a_document_is_a_plan_or_is_refused(document):
    try:
        plan = plan_from_document(document).plan
    except InvalidPlan as refusal:
        errors = refusal.facts["errors"]
        assert errors
        assert all(where == "" or where.startswith("/") for where in errors)
        assert all(fault.isprintable() for faults in errors.values() for fault in faults)
    else:
        assert plan_from_document(json.loads(plan.content)).plan == plan
        exported = pretix_document(plan, "Room")
        if not any(section.level for section in plan.sections):  # levels may lie above each other
            assert pretix_document(plan_from_document(exported).plan, "Room") == exported


@given(st.binary() | st.text().map(str.encode), st.sampled_from([".toml", ".json", ".csv"]))
def test_a_file_is_a_plan_or_is_refused(content, suffix):
    try:
        plan_from_file(content, suffix)
    except InvalidPlan as refusal:
        assert refusal.facts["errors"]


cells = st.sampled_from(
    ["", "A1", "A2", "B1+", "Left:A1", "7-1", "7-2", "x", ":", "+", "A1;B2", '"']
)


@given(st.lists(st.lists(cells, max_size=4), max_size=4))
def test_a_csv_file_is_a_plan_or_is_refused(lines):
    content = "\n".join(",".join(line) for line in lines).encode()
    try:
        plan = plan_from_file(content, ".csv").plan
    except InvalidPlan as refusal:
        assert refusal.facts["errors"]
    else:
        assert plan_from_document(json.loads(plan.content)).plan == plan
