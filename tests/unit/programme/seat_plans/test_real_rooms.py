"""Rooms of real houses, and what an importer must find in them (shared/data/seatplans)."""

import json
from pathlib import Path

import pytest

from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.pretix import Identity, pretix_document
from ticketing.domain.programme.seat_plans.readers import plan_from_document, plan_from_file

ROOT = Path(__file__).parents[4]
FOLDERS = [shared / "shared/data/seatplans" for shared in (ROOT.parent, Path("/work"))]
FOLDER = next((folder for folder in FOLDERS if folder.exists()), FOLDERS[0])
STADIUM = "original/seatmap-canvas_stadium.pretix.json"
ROOMS = [
    (STADIUM, 2, 90, 738, 90),
    ("pretix/concert-hall.pretix.json", 7, 108, 1867, 108),
    ("pretix/dcc308.pretix.json", 3, 46, 495, 46),
    ("pretix/playhouse.pretix.json", 8, 40, 347, 40),
    ("pretix/ull-paraninfo.pretix.json", 4, 29, 603, 53),
    ("pretix/swiss-national-council.pretix.json", 1, 1, 200, 200),
    ("original/audience1st_valid_seatmap.csv", 1, 2, 4, 2),
]


def content_of(name: str) -> bytes:
    if not FOLDER.exists():
        pytest.skip(f"THE REAL ROOMS ARE NOT TESTED: {FOLDER} does not exist.")
    return (FOLDER / name).read_bytes()


def read(name: str):
    identity: Identity = "uuid" if name == STADIUM else "guid"
    return plan_from_file(content_of(name), Path(name).suffix, identity=identity)


@pytest.mark.parametrize(("name", "sections", "rows", "seats", "blocks"), ROOMS)
def test_a_real_room(name, sections, rows, seats, blocks):
    plan = read(name).plan
    found = len(plan.sections), len(plan.rows), plan.total_seats, len(plan.blocks)
    assert found == (sections, rows, seats, blocks)


@pytest.mark.parametrize("name", [name for name, *_ in ROOMS])
def test_a_real_room_is_stored_and_exported(name):
    plan = read(name).plan
    assert plan_from_document(json.loads(plan.content)).plan == plan
    if name.endswith(".json"):  # pretix has no wheelchair spaces
        exported = pretix_document(plan, "Room")
        assert plan_from_document(exported).plan == plan
        assert pretix_document(plan_from_document(exported).plan, "Room") == exported


def test_only_the_rows_of_the_council_are_no_lines():
    for name, *_ in ROOMS:
        assert bool(read(name).warnings) == ("swiss" in name)


def test_the_stadium_is_refused_with_its_duplicate_guids():
    with pytest.raises(InvalidPlan) as refusal:
        plan_from_file(content_of(STADIUM), ".json")
    errors = refusal.value.facts["errors"]
    assert len(errors) == 420
    assert all(place.endswith("/seat_guid") for place in errors)
    assert "/zones/0/rows/0/seats/0/seat_guid" in errors["/zones/0/rows/6/seats/0/seat_guid"][0]


def test_rows_of_one_name_are_told_apart():
    rows = [row.name for row in read(STADIUM).plan.sections[0].rows]
    assert len(set(rows)) == 72
    assert rows.count("A/2") == rows.count("A/8") == 1


def test_an_aisle_is_where_seats_are_far_apart():
    plan = read("pretix/ull-paraninfo.pretix.json").plan
    row = plan.sections[0].rows[0]
    assert [len(block) for block in row.blocks] == [12, 12]
    assert [seat.name for seat in row.seats[10:14]] == ["4", "2", "1", "3"]
