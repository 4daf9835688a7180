"""Read a programme from a CSV or JSON file.

A value that cannot be read is reported as a fault and replaced by a valid one, so that the rest
of the entry is checked too. A programme with faults is never imported.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.programme_import import (
    Fault,
    ImportRefused,
    MovieEntry,
    Programme,
    ScreenEntry,
    ShowEntry,
)
from ticketing.domain.times import EARLIEST, moment_from

MAX_BYTES = 10 * 1024 * 1024
_MOVIE = ("title", "duration_minutes", "rating", "language", "description")
COLUMNS = (*_MOVIE, "screen", "rows", "seats_per_row", "starts_at")
_COLUMN_OF = {"movie": "title", "name": "screen"}
_ENTRIES: dict[str, Callable[..., Any]] = {
    "movies": lambda where, **movie: MovieEntry(where, Movie(**movie)),
    "screens": ScreenEntry,
    "shows": ShowEntry,
}


def read_programme(file: Path, zone: ZoneInfo) -> Programme:
    """Return the programme, with its faults. Raises ImportRefused if the file cannot be read."""
    readers = {".csv": _read_csv, ".json": _read_json}
    read = readers.get(file.suffix.lower())
    if read is None:
        raise _refused(file.name, f"The file name must end in {' or '.join(readers)}.")
    records = _Records(zone)
    read(_content(file), records)
    programme = Programme(**records.entries, faults=records.faults)
    if not programme and not programme.faults:
        raise _refused(file.name, "The file contains no movies, screens or shows.")
    return programme


def in_csv_terms(refusal: ImportRefused) -> ImportRefused:
    """Return ``refusal`` with column names, sorted by line.

    Duplicates are removed: a line may define an entry of each kind.
    """
    faults = {
        Fault(fault["where"], _COLUMN_OF.get(fault["field"], fault["field"]), fault["fault"]): None
        for fault in refusal.facts["faults"]
    }
    return ImportRefused(sorted(faults, key=lambda fault: int(fault.where.split()[-1])))


def _refused(where: str, fault: str) -> ImportRefused:
    return ImportRefused([Fault(where, "", fault)])


def _content(file: Path) -> str:
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(file.name, f"The file is larger than {MAX_BYTES // 1024**2} MiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(f"line {line}", "This is not UTF-8: save the file as UTF-8.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refused(f"line {line}", "This contains a NUL character.")
    return text


class _Records:
    """Collects entries and faults, record by record. None stands for a missing value.

    Each field of a record has a function that reads its value, and a valid value to use instead
    if that raises ValueError. Times without an offset are in ``zone``.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        text, optional_text, number = (_text, "-"), (_optional_text, ""), (_number, 1)
        moment = (lambda value: moment_from(str(value), zone)), EARLIEST
        self.fields: dict[str, dict[str, Any]] = {
            "movies": {
                "title": text,
                "duration_minutes": number,
                "rating": optional_text,
                "language": optional_text,
                "description": optional_text,
            },
            "screens": {"name": text, "rows": number, "seats_per_row": number},
            "shows": {"movie": text, "screen": text, "starts_at": moment},
        }
        self.entries: dict[str, list[Any]] = {kind: [] for kind in self.fields}
        self.faults: list[Fault] = []

    def fault(self, where: str, fault: str) -> None:
        self.faults.append(Fault(where, "", fault))

    def add(self, kind: str, where: str, record: Mapping[str, Any]) -> None:
        values = {}
        for name, (read, replacement) in self.fields[kind].items():
            value = record.get(name)
            try:
                values[name] = read(value)
            except ValueError as error:
                missing = "This is missing. " if value is None else ""
                self.faults.append(Fault(where, name, f"{missing}{error}"))
                values[name] = replacement
        self.entries[kind].append(_ENTRIES[kind](where=where, **values))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("A string is required.")
    return value


def _optional_text(value: Any) -> str:
    return "" if value is None else _text(value)


def _number(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("A positive integer is required.")


def _read_csv(text: str, records: _Records) -> None:
    """Read one line per show, which may also define its movie and its screen."""
    lines = _csv_lines(text)
    _, header = next(lines, ("", []))
    names = [name.lower() for name in header]
    while names and not names[-1]:  # left by spreadsheets
        names.pop()
    _check_columns(names)
    for where, cells in lines:
        if any(cells[len(names) :]):
            records.fault(where, f"This line has more cells than the header ({len(names)}).")
        _read_line(where, {n: c for n, c in zip(names, cells, strict=False) if c}, records)


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
        raise _refused(f"line {begins}", f"This is not CSV: {error}.") from None


def _check_columns(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    twice = sorted({name for name in names if names.count(name) > 1} - {*unknown})
    faults = [f"Unknown column {name!r}." for name in unknown]
    faults += [f"Duplicate column {name!r}." for name in twice]
    if faults:
        known = f"The columns are {', '.join(COLUMNS)}, separated by commas."
        raise _refused("line 1", " ".join((*faults, known)))


def _read_line(where: str, line: dict[str, str], records: _Records) -> None:
    """Add what the line defines: any of a movie, a screen and a show."""
    is_show = "starts_at" in line or {"title", "screen"} <= line.keys()
    if line.keys() & {*_MOVIE[1:]} or ("title" in line and not is_show):
        records.add("movies", where, line)
    if line.keys() & {"rows", "seats_per_row"} or ("screen" in line and not is_show):
        records.add("screens", where, line | {"name": line.get("screen")})
    if is_show:
        records.add("shows", where, line | {"movie": line.get("title")})


def _read_json(text: str, records: _Records) -> None:
    """Read an object with lists of movies, screens and shows."""
    document = _parsed(text)
    if not isinstance(document, dict) or document.keys() - records.fields.keys():
        raise _refused("the file", f"An object with only {', '.join(records.fields)} is required.")
    for kind, fields in records.fields.items():
        values = document.get(kind, [])
        if not isinstance(values, list):
            records.fault(kind, "A list is required.")
            continue
        for number, record in enumerate(values):
            where = f"{kind}[{number}]"
            if not isinstance(record, dict):
                records.fault(where, "An object is required.")
                continue
            for name in sorted(record.keys() - {*fields}):
                known = f"The fields are {', '.join(fields)}."
                records.fault(where, f"Unknown field {name!r}. {known}")
            records.add(kind, where, record)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused(place, f"This is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise _refused("the file", "A number is too long, or the nesting is too deep.") from None
