"""Properties of programme files with any content, and of drawn seat maps."""

import csv
import io
import json
from zoneinfo import ZoneInfo

import click
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.domain.programme.programme_import import ImportRefused
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.entrypoints.cli.programme_file import COLUMNS, in_csv_terms, read_programme
from ticketing.entrypoints.cli.seat_map import draw_seat_map

ZONE = ZoneInfo("Europe/Berlin")

cells = st.sampled_from(["", "Dune", "155", "-1", "2030-06-01T19:30", "Screen 1", '"', "\n", "é,"])
tables = st.lists(st.lists(cells | st.text(max_size=5), max_size=10), max_size=4).map(
    lambda rows: [list(COLUMNS[: len(rows[0])]) if rows else [], *rows[1:]]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | cells | st.text(max_size=5)
records = st.dictionaries(
    st.sampled_from(["title", "duration_minutes", "name", "rows", "movie", "starts_at", "x"]),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=2), max_leaves=3),
)
documents = st.dictionaries(
    st.sampled_from(["movies", "screens", "shows"]), st.lists(records | scalars, max_size=3)
)


def written(rows):
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def read(tmp_path_factory, name, content):
    """Return the refusal with all faults."""
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(content)
    try:
        programme = read_programme(file, ZONE)
    except ImportRefused as refusal:
        return refusal
    return ImportRefused(list(programme.all_faults()))


@given(st.binary(max_size=200) | tables.map(lambda rows: written(rows).encode("utf-8", "replace")))
def test_any_csv_is_read_or_its_faults_are_reported_by_line(tmp_path_factory, content):
    refusal = read(tmp_path_factory, "programme.csv", content)
    if all(fault["where"] != "programme.csv" for fault in refusal.facts["faults"]):
        in_csv_terms(refusal)
    assert all(fault["fault"] for fault in refusal.facts["faults"])


@given(st.binary(max_size=200) | documents.map(lambda document: json.dumps(document).encode()))
def test_any_json_is_read_or_its_faults_are_reported(tmp_path_factory, content):
    refusal = read(tmp_path_factory, "programme.json", content)
    assert all(fault["fault"] for fault in refusal.facts["faults"])


@settings(max_examples=40)
@given(
    st.builds(plain_grid, st.integers(1, 300), st.integers(1, 120)),
    st.integers(1, 200),
    st.data(),
)
def test_each_seat_is_drawn_once_and_no_line_is_wider_than_the_terminal(plan, columns, data):
    sold = data.draw(st.sets(st.sampled_from(plan.numbers)))

    lines = [click.unstyle(line) for line in draw_seat_map(plan, sold, columns)]

    seats = "".join(lines)
    assert (seats.count("#"), seats.count(".")) == (len(sold), plan.total_seats - len(sold))
    assert max(map(len, lines)) <= max(columns, 20)
