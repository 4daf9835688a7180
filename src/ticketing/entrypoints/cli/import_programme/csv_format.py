"""A programme as CSV: one line per show, which may also define its movie and its screen."""

import csv
import io
from collections.abc import Iterator

from ticketing.domain.programme.import_entries import Fault, ImportRefused
from ticketing.entrypoints.cli.import_programme.programme_reader import (
    MOVIE,
    SCREEN,
    ProgrammeReader,
    refused,
)

COLUMNS = (*MOVIE, "screen", "rows", "seats_per_row", "starts_at")
_COLUMN_OF = {"movie": "title", "name": "screen"}


def read_csv(text: str, reader: ProgrammeReader) -> None:
    lines = _csv_lines(text)
    _, header = next(lines, ("", []))
    names = [name.lower() for name in header]
    while names and not names[-1]:  # left by spreadsheets
        names.pop()
    _check_columns(names)
    for where, cells in lines:
        if any(cells[len(names) :]):
            reader.fault(where, f"This line has more cells than the header ({len(names)}).")
        _read_line(where, {n: c for n, c in zip(names, cells, strict=False) if c}, reader)


def _csv_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the cells of each line that is not blank."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for line in lines:
            cells = [cell.strip() for cell in line]
            if any(cells):
                yield f"line {begins}", cells
            begins = lines.line_num + 1
    except csv.Error as error:
        raise refused(f"line {begins}", f"This is not CSV: {error}.") from None


def _check_columns(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    twice = sorted({name for name in names if names.count(name) > 1} - {*unknown})
    faults = [f"Unknown column {name!r}." for name in unknown]
    faults += [f"Duplicate column {name!r}." for name in twice]
    if faults:
        known = f"The columns are {', '.join(COLUMNS)}, separated by commas."
        raise refused("line 1", " ".join((*faults, known)))


def _read_line(where: str, line: dict[str, str], reader: ProgrammeReader) -> None:
    """Add what the line defines: any of a movie, a screen and a show."""
    is_show = "starts_at" in line or {"title", "screen"} <= line.keys()
    if line.keys() & {*MOVIE[1:]} or ("title" in line and not is_show):
        reader.movie(where, line)
    if line.keys() & {*SCREEN[1:]} or ("screen" in line and not is_show):
        reader.screen(where, line | {"name": line.get("screen")})
    if is_show:
        reader.show(where, line | {"movie": line.get("title")})


def in_csv_terms(refusal: ImportRefused) -> ImportRefused:
    """Return ``refusal`` with column names, sorted by line.

    Duplicates are removed: a line may define an entry of each kind.
    """
    faults = {
        Fault(fault["where"], _COLUMN_OF.get(fault["field"], fault["field"]), fault["fault"]): None
        for fault in refusal.facts["faults"]
    }
    return ImportRefused(sorted(faults, key=lambda fault: int(fault.where.split()[-1])))
