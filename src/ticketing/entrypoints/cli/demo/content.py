"""What the demo contains, the same in every demo: screens, movies, timetable, sold seats."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import shake_128
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.readers import plan_from_file

FIRST_START, LAST_START = time(11), time(22, 30)
CLEANING = timedelta(minutes=20)
STEP = timedelta(minutes=5)
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Slot:
    """A movie on a screen at a time."""

    movie: Movie
    screen: Screen
    starts_at: datetime


def movies() -> list[Movie]:
    """Return real movies with their true running times and ratings (see docs/demo-data.md)."""
    with (_FOLDER / "movies.csv").open(encoding="utf-8", newline="") as file:
        rows: Iterator[dict[str, Any]] = csv.DictReader(file)
        return [Movie(**row | {"duration_minutes": int(row["duration_minutes"])}) for row in rows]


@cache
def screens() -> tuple[Screen, ...]:
    """Return rooms of different kinds: the plan of "Screen 1" is in ``screen-1.toml``."""
    return tuple(
        Screen(
            name=file.stem.replace("-", " ").capitalize(),
            plan=plan_from_file(file.read_bytes(), file.suffix).plan,
        )
        for file in sorted(_FOLDER.glob("screen-*.toml"))
    )


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
            start += timedelta(minutes=movie.duration_minutes) + CLEANING
            start += (datetime.min.replace(tzinfo=UTC) - start) % STEP  # rounded up
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

        def fitting(day: date) -> list[Slot]:
            slots = (slot for slot in self.day(day, 0) if slot.movie == self.movies[0])
            return [slot for slot in slots if earliest <= slot.starts_at <= latest]

        return (fitting(today) or fitting(today + timedelta(days=1)))[-1]

    def sold_out_show(self, now: datetime) -> Slot:
        """Return the slot of the last show on the first screen in two days."""
        *_, last = self.day(now.astimezone(self.zone).date() + timedelta(days=2), 0)
        return last

    def _movie(self, day: date, number: int, turn: int) -> Movie:
        """Rotate the other movies within a week; none runs on two screens at the same time."""
        if number == 0 and turn % 2 == 0:
            return self.movies[0]
        others = self.movies[1:]
        return others[(day.toordinal() * 5 + number * 8 + turn) % len(others)]


def parties(
    plan: SeatPlan, name: str, free_rows: int = 0, *, is_sold_out: bool = False
) -> Iterator[list[SeatNumber]]:
    """Yield parties of 1 to 5 neighbours that fill 10 to 70 % of the seats.

    ``name`` is what varies between shows. The first ``free_rows`` rows stay free, and so do
    wheelchair spaces and companion seats. With ``is_sold_out``, all other seats are filled.
    """
    chance = iter(shake_128(name.encode()).digest(2 * plan.total_seats + 1))
    percent = 15 + next(chance) % 51
    remaining = plan.total_seats * (100 if is_sold_out else percent) // 100
    for _, group in sorted(_groups(plan, free_rows, chance), key=lambda group: group[0]):
        if len(group) <= remaining:
            remaining -= len(group)
            yield group


def _groups(
    plan: SeatPlan, free_rows: int, chance: Iterator[int]
) -> Iterator[tuple[int, list[SeatNumber]]]:
    """Divide the seats into groups of neighbours, each with a number to sort by."""
    accessible = {seat.number for seat in plan.accessible_seats}
    for block in chain.from_iterable(row.blocks for row in plan.rows[free_rows:]):
        row = [number for number in map(SeatNumber, block) if number not in accessible]
        while row:
            size = 1 + next(chance) % 5
            yield next(chance), row[:size]
            row = row[size:]
