"""Read a programme from a CSV or JSON file.

A value that cannot be read is reported as a fault and replaced by a valid one, so that the rest
of the entry is checked too. A programme with faults is never imported.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
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
_SCREEN = ("name", "rows", "seats_per_row")
_SHOW = ("movie", "screen", "starts_at")
COLUMNS = (*_MOVIE, "screen", "rows", "seats_per_row", "starts_at")
_COLUMN_OF = {"movie": "title", "name": "screen"}

T = TypeVar("T")


def read_programme(file: Path, zone: ZoneInfo) -> Programme:
    """Return the programme, with its faults. Raises ImportRefused if the file cannot be read."""
    readers = {".csv": _read_csv, ".json": _read_json}
    read = readers.get(file.suffix.lower())
    if read is None:
        raise _refused(file.name, f"The file name must end in {' or '.join(readers)}.")
    entries = _Entries(zone)
    read(_text(file), entries)
    programme = Programme(
        movies=entries.movies, screens=entries.screens, shows=entries.shows, faults=entries.faults
    )
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


def _text(file: Path) -> str:
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


class _Entries:
    """Collects entries and faults, record by record."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.movies: list[MovieEntry] = []
        self.screens: list[ScreenEntry] = []
        self.shows: list[ShowEntry] = []
        self.faults: list[Fault] = []

    def fault(self, where: str, fault: str) -> None:
        self.faults.append(Fault(where, "", fault))

    def movie(self, where: str, record: Mapping[str, Any]) -> None:
        values = _Values(where, record, self.faults)
        self.movies.append(
            MovieEntry(
                where,
                Movie(
                    title=values.text("title"),
                    duration_minutes=values.number("duration_minutes"),
                    rating=values.text("rating", ""),
                    language=values.text("language", ""),
                    description=values.text("description", ""),
                ),
            )
        )

    def screen(self, where: str, record: Mapping[str, Any]) -> None:
        values = _Values(where, record, self.faults)
        rows, width = values.number("rows"), values.number("seats_per_row")
        name = values.text("name")
        self.screens.append(ScreenEntry(where=where, name=name, rows=rows, seats_per_row=width))

    def show(self, where: str, record: Mapping[str, Any]) -> None:
        values = _Values(where, record, self.faults)
        movie, screen = values.text("movie"), values.text("screen")
        starts_at = values.moment("starts_at", self._zone)
        self.shows.append(ShowEntry(where=where, movie=movie, screen=screen, starts_at=starts_at))


class _Values:
    """The values of one record. None stands for a missing value."""

    def __init__(self, where: str, record: Mapping[str, Any], faults: list[Fault]) -> None:
        self._where = where
        self._record = record
        self._faults = faults

    def text(self, field: str, default: str | None = None) -> str:
        value = self._record.get(field)
        if value is None and default is not None:
            return default
        if isinstance(value, str):
            return value
        return self._invalid(field, "A string is required.", "-")

    def number(self, field: str) -> int:
        value = self._record.get(field)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._invalid(field, "A positive integer is required.", 1)

    def moment(self, field: str, zone: ZoneInfo) -> datetime:
        """Read a date and time, in ``zone`` if it has no offset."""
        try:
            return moment_from(str(self._record.get(field)), zone)
        except ValueError as error:
            return self._invalid(field, str(error), EARLIEST)

    def _invalid(self, field: str, fault: str, replacement: T) -> T:
        missing = "" if self._record.get(field) is not None else "This is missing. "
        self._faults.append(Fault(self._where, field, missing + fault))
        return replacement


def _read_csv(text: str, entries: _Entries) -> None:
    """Read one line per show, which may also define its movie and its screen."""
    lines = _csv_lines(text)
    _, header = next(lines, ("", []))
    names = [name.lower() for name in header]
    while names and not names[-1]:  # left by spreadsheets
        names.pop()
    _check_columns(names)
    for where, cells in lines:
        if any(cells[len(names) :]):
            entries.fault(where, f"This line has more cells than the header ({len(names)}).")
        _read_line(where, {n: c for n, c in zip(names, cells, strict=False) if c}, entries)


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


def _read_line(where: str, line: dict[str, str], entries: _Entries) -> None:
    """Add what the line defines: any of a movie, a screen and a show."""
    is_show = "starts_at" in line or {"title", "screen"} <= line.keys()
    if line.keys() & {*_MOVIE[1:]} or ("title" in line and not is_show):
        entries.movie(where, line)
    if line.keys() & {*_SCREEN[1:]} or ("screen" in line and not is_show):
        entries.screen(where, line | {"name": line.get("screen")})
    if is_show:
        entries.show(where, line | {"movie": line.get("title")})


def _read_json(text: str, entries: _Entries) -> None:
    """Read an object with lists of movies, screens and shows."""
    kinds = {
        "movies": (_MOVIE, entries.movie),
        "screens": (_SCREEN, entries.screen),
        "shows": (_SHOW, entries.show),
    }
    document = _parsed(text)
    if not isinstance(document, dict) or document.keys() - kinds.keys():
        raise _refused("the file", f"An object with only {', '.join(kinds)} is required.")
    for kind, (fields, add) in kinds.items():
        records = document.get(kind, [])
        if not isinstance(records, list):
            entries.fault(kind, "A list is required.")
            continue
        for number, record in enumerate(records):
            where = f"{kind}[{number}]"
            if not isinstance(record, dict):
                entries.fault(where, "An object is required.")
                continue
            for name in sorted(record.keys() - {*fields}):
                known = f"The fields are {', '.join(fields)}."
                entries.fault(where, f"Unknown field {name!r}. {known}")
            add(where, record)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused(place, f"This is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise _refused("the file", "A number is too long, or the nesting is too deep.") from None
