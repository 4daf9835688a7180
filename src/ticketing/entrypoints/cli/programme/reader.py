"""Records of a programme file turned into entries, whatever the file's form.

What cannot be read is noted as a fault, and something harmless stands in for it, so that the rest
of the entry is judged as well: a programme with faults is never imported.
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
    """For a file that cannot be read on."""
    return ImportRefused([Fault(where, "", fault)])


class ProgrammeReader:
    """Gathers entries and faults, record by record. A value that is None is not there."""

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
        return value if isinstance(value, str) else self._wanted(field, "A text is wanted.", "-")

    def number(self, field: str) -> int:
        value = self._record.get(field)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._wanted(field, "A positive whole number is wanted.", 1)

    def moment(self, field: str, zone: ZoneInfo) -> datetime:
        """Without an offset it is meant in ``zone``. A bare date is no time of a show."""
        try:
            return moment_from(str(self._record.get(field)), zone)
        except ValueError as error:
            return self._wanted(field, str(error), EARLIEST)

    def _wanted(self, field: str, fault: str, stand_in: T) -> T:
        missing = "" if self._record.get(field) is not None else "This is missing. "
        self._faults.append(Fault(self._where, field, missing + fault))
        return stand_in
