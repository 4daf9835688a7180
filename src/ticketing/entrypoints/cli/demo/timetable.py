"""The demo's screens, movies and timetable, the same in every demo."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen

SCREENS = (
    Screen.new("Screen 1", rows=12, seats_per_row=10),
    Screen.new("Screen 2", rows=14, seats_per_row=14),
    Screen.new("Screen 3", rows=8, seats_per_row=12),
    Screen.new("Screen 4", rows=6, seats_per_row=8),
)
FIRST_START, LAST_START = time(11), time(22, 30)
CLEANING = timedelta(minutes=20)
STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Slot:
    """A movie on a screen at a time."""

    movie: Movie
    screen: Screen
    starts_at: datetime


def movies() -> list[Movie]:
    """Return real movies with their true running times and ratings (see docs/demo-data.md)."""
    with Path(__file__).with_name("movies.csv").open(encoding="utf-8", newline="") as file:
        return [
            Movie.new(
                title=row["title"],
                duration_minutes=int(row["duration_minutes"]),
                description=row["description"],
                rating=row["rating"],
                language=row["language"],
            )
            for row in csv.DictReader(file)
        ]


@dataclass(frozen=True, slots=True)
class Timetable:
    """What runs where and when. The first screen shows the first movie every other time."""

    movies: Sequence[Movie]
    screens: Sequence[Screen]
    zone: ZoneInfo

    def day(self, day: date, number: int) -> Iterator[Slot]:
        """Yield what screen ``number`` (from 0) shows that day, with time for cleaning."""
        start = datetime.combine(day, FIRST_START, self.zone).astimezone(UTC) + number * 2 * STEP
        last = datetime.combine(day, LAST_START, self.zone).astimezone(UTC)
        turn = 0
        while start <= last:
            movie = self._movie(day, number, turn)
            yield Slot(movie, self.screens[number], start)
            start = _rounded_up(start + timedelta(minutes=movie.duration_minutes) + CLEANING)
            turn += 1

    def first_show(self, now: datetime) -> Slot:
        """Return a slot of the first movie on the first screen, 2 to 24 hours from ``now``.

        The last one of today if possible. There always is one, since the movie runs at eleven and
        again in the evening. Five minutes are left for loading the demo.
        """
        earliest, latest = (
            now + timedelta(hours=2, minutes=5),
            now + timedelta(hours=23, minutes=55),
        )
        today = now.astimezone(self.zone).date()
        slots = (self.day(today + timedelta(days=ahead), 0) for ahead in range(2))
        fitting = [
            [s for s in day if s.movie == self.movies[0] and earliest <= s.starts_at <= latest]
            for day in slots
        ]
        return (fitting[0] or fitting[1])[-1]

    def _movie(self, day: date, number: int, turn: int) -> Movie:
        """Rotate the other movies within a week; none runs on two screens at the same time."""
        if number == 0 and turn % 2 == 0:
            return self.movies[0]
        others = self.movies[1:]
        return others[(day.toordinal() * 5 + number * 8 + turn) % len(others)]


def _rounded_up(moment: datetime) -> datetime:
    """Return ``moment`` rounded up to five minutes."""
    return moment + (datetime.min.replace(tzinfo=UTC) - moment) % STEP
