"""Importing a programme: all of it or nothing, and as often as wanted.

A movie is known by its title, a screen by its name, a show by its screen, start and movie. What is
there already is left as it is: a show that was called off is not put on again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from ticketing.domain.programme.import_entries import (
    Entry,
    Fault,
    ImportRefused,
    MovieEntry,
    Programme,
    ScreenEntry,
    ShowEntry,
    faults_of,
)
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.timetable import overlapping, shows_around
from ticketing.domain.text import comparison_key

Progress = Callable[[int], None]
"""Is told how many entries are done; from 1 again when a busy store has to be asked anew."""


@dataclass(slots=True)
class Tally:
    """How many are new, and how many were there already."""

    added: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    movies: Tally = field(default_factory=Tally)
    screens: Tally = field(default_factory=Tally)
    shows: Tally = field(default_factory=Tally)


def import_programme(
    uow: ProgrammeWork,
    programme: Programme,
    faults: Sequence[Fault],
    cleaning: timedelta,
    progress: Progress,
) -> Imported:
    """Raises ImportRefused that names every faulty entry, after the ``faults`` known before."""
    uow.movies.lock_all()  # of two imports at once, the second finds what the first made
    run = _Import(uow, programme, cleaning)
    run.work_through(programme, progress)
    if faults or run.faults:  # which takes back whatever was added
        raise ImportRefused([*faults, *run.faults])
    return run.imported


class _Import:
    """One try, within one unit of work.

    Entries that are wrong by themselves are passed over; what they name is not missed.
    """

    def __init__(self, uow: ProgrammeWork, programme: Programme, cleaning: timedelta) -> None:
        self._uow = uow
        self._cleaning = cleaning
        self._unread = {fault.where for fault in programme.faults}
        self._spoilt: set[str] = set()
        self._movies: dict[str, Movie] = {}
        self._screens: dict[str, Screen] = {}
        self._seen: dict[str, MovieEntry] = {}
        self.faults: list[Fault] = []
        self.imported = Imported()

    def work_through(self, programme: Programme, progress: Progress) -> None:
        """Shows last, for they may be of movies and screens that are new."""
        steps = chain(
            map(self._add_movie, programme.movies),
            map(self._add_screen, programme.screens),
            map(self._add_show, programme.shows),
        )
        for done, _ in enumerate(steps, start=1):
            progress(done)

    def _add_movie(self, entry: MovieEntry) -> None:
        if self._is_passed_over(entry, entry.title):
            return
        key = comparison_key(entry.title)
        first = self._seen.setdefault(key, entry)
        if first is not entry:  # written twice, as in a table with one line a show
            if first.duration_minutes != entry.duration_minutes:
                says = f"{first.where} says {first.duration_minutes}."
                self._fault(entry.where, "duration_minutes", says)
        elif self._movie(entry.title):
            self.imported.movies.known += 1
        else:
            self._movies[key] = self._uow.movies.add(entry.checked())
            self.imported.movies.added += 1

    def _add_screen(self, entry: ScreenEntry) -> None:
        if self._is_passed_over(entry, entry.name):
            return
        key = comparison_key(entry.name)
        wanted = entry.checked()
        written_twice = key in self._screens
        known = self._screen(entry.name)
        if known is None:
            self._screens[key] = self._uow.screens.add(wanted)
            self.imported.screens.added += 1
        elif known.plan != wanted.plan:
            has = f"{known.plan.total_seats} seats in rows of {known.plan.seats_per_row}"
            self._fault(entry.where, "rows", f"This screen is there already and has {has}.")
        elif not written_twice:
            self.imported.screens.known += 1

    def _add_show(self, entry: ShowEntry) -> None:
        if self._is_passed_over(entry):
            return
        movie, screen = self._movie(entry.movie), self._screen(entry.screen)
        if movie is None and comparison_key(entry.movie) not in self._spoilt:
            self._fault(entry.where, "movie", "There is no movie of this title.")
        if screen is None and comparison_key(entry.screen) not in self._spoilt:
            self._fault(entry.where, "screen", "There is no screen of this name.")
        if movie is None or screen is None:
            return
        show = Show.new(movie, screen, entry.starts_at)
        around = shows_around(self._uow, show, self._cleaning)
        if any((other.starts_at, other.movie.id) == (show.starts_at, movie.id) for other in around):
            self.imported.shows.known += 1
        elif in_the_way := overlapping(show, around, self._cleaning):
            shown = in_the_way[0].movie.title
            self._fault(entry.where, "starts_at", f"{shown!r} is shown there then already.")
        else:
            self._uow.shows.add(show)
            self.imported.shows.added += 1

    def _is_passed_over(self, entry: Entry, name: str = "") -> bool:
        is_good = entry.where not in self._unread and not any(faults_of(entry))
        if not is_good:
            self._spoilt.add(comparison_key(name[:200]))  # the longest that are good
        return not is_good

    def _movie(self, title: str) -> Movie | None:
        key = comparison_key(title)
        if key not in self._movies and (found := self._uow.movies.find_title(title)):
            self._movies[key] = found
        return self._movies.get(key)

    def _screen(self, name: str) -> Screen | None:
        key = comparison_key(name)
        if key not in self._screens and (found := self._uow.screens.find_name(name)):
            self._screens[key] = found
        return self._screens.get(key)

    def _fault(self, where: str, field_name: str, fault: str) -> None:
        self.faults.append(Fault(where, field_name, fault))
