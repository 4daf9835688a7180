"""Turn the records of a programme file into entries, whatever its format.

A value that cannot be read is reported as a fault and replaced by a valid one, so that the rest
of the entry is checked too. A programme with faults is never imported.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ticketing.domain.programme.import_entries import (
    Fault,
    ImportRefused,
    MovieEntry,
    Programme,
    ScreenEntry,
    ShowEntry,
)
from ticketing.domain.times import EARLIEST, moment_from

T = TypeVar("T")

MOVIE = ("title", "duration_minutes", "rating", "language", "description")
SCREEN = ("name", "rows", "seats_per_row")
SHOW = ("movie", "screen", "starts_at")


def refused(where: str, fault: str) -> ImportRefused:
    """Return the refusal of a file that cannot be read."""
    return ImportRefused([Fault(where, "", fault)])


class ProgrammeReader:
    """Collects entries and faults, record by record. None stands for a missing value."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._movies: list[MovieEntry] = []
        self._screens: list[ScreenEntry] = []
        self._shows: list[ShowEntry] = []
        self._faults: list[Fault] = []

    def programme(self) -> Programme:
        return Programme(
            movies=self._movies, screens=self._screens, shows=self._shows, faults=self._faults
        )

    def fault(self, where: str, fault: str) -> None:
        self._faults.append(Fault(where, "", fault))

    def movie(self, where: str, record: Mapping[str, Any]) -> None:
        cells = _Cells(where, record, self._faults)
        self._movies.append(
            MovieEntry(
                where=where,
                title=cells.text("title"),
                duration_minutes=cells.number("duration_minutes"),
                rating=cells.text("rating", ""),
                language=cells.text("language", ""),
                description=cells.text("description", ""),
            )
        )

    def screen(self, where: str, record: Mapping[str, Any]) -> None:
        cells = _Cells(where, record, self._faults)
        rows, width = cells.number("rows"), cells.number("seats_per_row")
        name = cells.text("name")
        self._screens.append(ScreenEntry(where=where, name=name, rows=rows, seats_per_row=width))

    def show(self, where: str, record: Mapping[str, Any]) -> None:
        cells = _Cells(where, record, self._faults)
        movie, screen = cells.text("movie"), cells.text("screen")
        starts_at = cells.moment("starts_at", self._zone)
        self._shows.append(ShowEntry(where=where, movie=movie, screen=screen, starts_at=starts_at))


class _Cells:
    """The values of one record."""

    def __init__(self, where: str, record: Mapping[str, Any], faults: list[Fault]) -> None:
        self._where = where
        self._record = record
        self._faults = faults

    def text(self, field: str, preset: str | None = None) -> str:
        value = self._record.get(field)
        if value is None and preset is not None:
            return preset
        return (
            value if isinstance(value, str) else self._invalid(field, "A string is required.", "-")
        )

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
