"""Seat plans as CSV: one cell a place, ``section:label``; ``+`` after it is a wheelchair space."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from ticketing.domain.programme.seat_plans.draft import Draft, DraftRow, DraftSeat, DraftSection
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.layouts import PITCH, WHEELCHAIR_MARK
from ticketing.domain.programme.seat_plans.model import Feature
from ticketing.domain.programme.seat_plans.names import (
    MAX_NAME,
    MAX_SHORT_NAME,
    name_fault,
    row_label,
)
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plan_format import DEFAULT_CATEGORY, DEFAULT_SECTION

_LABEL = re.compile(r"(.*\D)(\d+)|(.*\d)(\D+)", re.DOTALL)
"""A row and a seat: "B12", "7-12", or "12B"."""


def read_csv(text: str, findings: Findings) -> Draft:
    """Return the draft of a plan. Cells are separated by commas or by semicolons."""
    delimiter = ";" if text.count(";") > text.count(",") else ","
    rows: dict[tuple[str, str], DraftRow] = {}
    cells = _cells(text, delimiter, findings)
    for where, column, line, cell in islice(cells, MAX_SEATS + 1):  # one more is a fault
        section, row_name, name = _parts(cell.removesuffix(WHEELCHAIR_MARK), where, findings)
        seat = DraftSeat(where, name, column * PITCH, line * PITCH, DEFAULT_CATEGORY.name)
        if cell.endswith(WHEELCHAIR_MARK):
            seat.features = frozenset({Feature.WHEELCHAIR_SPACE})
        key = section, row_name
        rows.setdefault(key, DraftRow(where, row_name)).seats.append(seat)
    sections: dict[str, DraftSection] = {}
    for (name, _), row in rows.items():
        sections.setdefault(name, DraftSection(row.where, name, "")).rows.append(row)
    return Draft([DEFAULT_CATEGORY], [*sections.values()])


def _cells(text: str, delimiter: str, findings: Findings) -> Iterator[tuple[str, int, int, str]]:
    """Yield the place, column, line and text of each cell that is not empty."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                if stripped := cell.strip():
                    yield f"{row_label(column)}{number + 1}", column, number, stripped
    except csv.Error as error:
        findings.fault(f"line {lines.line_num}", f"This is not CSV: {error}.")


def _parts(label: str, where: str, findings: Findings) -> tuple[str, str, str]:
    """Return the section, the row and the name of a seat."""
    named, _, rest = label.rpartition(":")
    section = named or DEFAULT_SECTION
    if not (match := _LABEL.fullmatch(rest)):
        findings.fault(where, "A cell is a row and a seat, like B12 or Stalls:B12.")
        return section, where, where
    row, name = (part for part in match.groups() if part)
    row = row.removesuffix("-") or row
    for part, length in ((section, MAX_NAME), (row, MAX_SHORT_NAME), (name, MAX_SHORT_NAME)):
        if fault := name_fault(part, length):
            findings.fault(where, fault)
    return section, row, name
