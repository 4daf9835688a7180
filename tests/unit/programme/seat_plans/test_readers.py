"""Files: their formats and encodings, and CSV, one cell a place."""

import json

import pytest

from tests.unit.programme.seat_plans.rooms import labels
from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.model import Feature, Side
from ticketing.domain.programme.seat_plans.readers import MAX_BYTES, plan_from_file

TOML = b"""
stage = "bottom"

[[sections]]
name = "Stalls"
rows = '''
A: 1..3
B: 1..3
'''
"""


def faults_of(content: bytes, suffix: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidPlan) as refusal:
        plan_from_file(content, suffix)
    errors: dict[str, list[str]] = refusal.value.facts["errors"]
    return errors


def test_toml_and_json_have_the_same_structure():
    plan = plan_from_file(TOML, ".toml").plan
    assert labels(plan) == ["A1", "A2", "A3", "B1", "B2", "B3"]
    document = {"stage": "bottom", "sections": [{"name": "Stalls", "rows": "A: 1..3\nB: 1..3"}]}
    assert plan_from_file(json.dumps(document).encode(), ".json").plan == plan


@pytest.mark.parametrize(
    ("content", "suffix", "fault"),
    [
        (b"rows = ", ".toml", "This is not TOML: "),
        (b'name = """\n' + b"." * 1001, ".toml", "This is not TOML: Line 2 has more than 1000"),
        (b"{", ".json", "This is not JSON: "),
        (b"[" * 100_000, ".json", "The nesting is too deep."),
        (b"1" * 5000, ".json", "This is not JSON: "),
        (b"", ".txt", "The file name must end in .csv, .toml or .json."),
        (b" " * (MAX_BYTES + 1), ".json", "The file is larger than 10 MiB."),
        ("A1,A2".encode("utf-16"), ".csv", "Line 1 is not UTF-8: save the file as UTF-8."),
        (b"A1,\nA2,\xff", ".csv", "Line 2 is not UTF-8: save the file as UTF-8."),
    ],
)
def test_files_that_cannot_be_read(content, suffix, fault):
    assert faults_of(content, suffix)[""][0].startswith(fault)


@pytest.mark.parametrize(
    "content",
    [
        b"Stalls:A1,,Stalls:B1+\n,Stalls:A2,Stalls:B2",
        b"Stalls:A1;;Stalls:B1+\r\n;Stalls:A2;Stalls:B2\r\n",
        b'\xef\xbb\xbfA1,,B1+\n,A2," B2 "\n\n',
    ],
)
def test_csv_has_one_cell_for_each_place(content):
    plan = plan_from_file(content, ".csv", stage=Side.BOTTOM).plan
    assert labels(plan) == ["A1", "A2", "B1", "B2"]
    assert [(seat.x, seat.y) for seat in plan.seats()] == [(0, 0), (25, 25), (50, 0), (50, 25)]
    assert plan.seat(3).features == {Feature.WHEELCHAIR_SPACE}
    assert plan.sections[0].name == "Stalls"
    assert plan.stage is Side.BOTTOM


def test_the_first_line_of_csv_may_have_one_cell():
    assert labels(plan_from_file(b"A1\nB1;B2", ".csv").plan) == ["A1", "B1", "B2"]


def test_csv_has_sections_and_rows_as_its_labels_do():
    plan = plan_from_file(b"Left:7-1,Left:7-2,Right:7-1\nLeft:8B", ".csv").plan
    assert labels(plan) == ["Left 7-1", "Left 7-2", "Left 8B", "Right 7-1"]
    assert [row.name for row in plan.rows] == ["7", "8", "7"]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"A1,A2\nB,B2", {"A2": ["A cell is a row and a seat, like B12 or Stalls:B12."]}),
        (b"A1,12", {"B1": ["A cell is a row and a seat, like B12 or Stalls:B12."]}),
        (b"A1,+", {"B1": ["A cell is a row and a seat, like B12 or Stalls:B12."]}),
        (b"A1,</script>:A2", {"B1": ['A name may not contain <, > or ".']}),
        ("A1,\u200b2".encode(), {"B1": ["A name may not contain invisible characters."]}),
        (b"A1,a1", {"B1": ["The seat at A1 has the same label, 'Stalls a1'."]}),
        (b'A1,"A2', {"line 1": ["This is not CSV: unexpected end of data."]}),
        (b"", {"": ["A room has 1 to 20000 seats."]}),
    ],
)
def test_faults_are_named_by_their_cells(content, faults):
    assert faults_of(content, ".csv") == faults


def test_a_file_of_too_many_cells_is_refused():
    line = ",".join(f"A{n}" for n in range(20_001)).encode()
    assert faults_of(line, ".csv") == {"": ["A room has 1 to 20000 seats."]}
