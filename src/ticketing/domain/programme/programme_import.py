"""Import a programme: all of it or nothing. Repeating an import changes nothing.

A movie is identified by its title, a screen by its name, a show by its screen, start and movie.
Existing ones are not changed: a cancelled show stays cancelled.
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
"""Receives the number of entries done; starts from 1 again when the transaction is retried."""


@dataclass(slots=True)
class Tally:
    """How many entries were added, and how many existed."""

    added: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

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
    """Raises ImportRefused with ``faults`` and those found here."""
    uow.movies.lock_all()  # of two concurrent imports, the second sees the first's movies
    run = _Import(uow, programme, cleaning)
    run.work_through(programme, progress)
    if faults or run.faults:  # rolls back everything that was added
        raise ImportRefused([*faults, *run.faults])
    return run.imported


class _Import:
    """One attempt, within one transaction.

    Invalid entries are skipped; shows that name a skipped movie or screen are no further fault.
    """

    def __init__(self, uow: ProgrammeWork, programme: Programme, cleaning: timedelta) -> None:
        self._uow = uow
        self._cleaning = cleaning
        self._unread = {fault.where for fault in programme.faults}
        self._skipped: set[str] = set()
        self._movies: dict[str, Movie] = {}
        self._screens: dict[str, Screen] = {}
        self._seen: dict[str, MovieEntry] = {}
        self.faults: list[Fault] = []
        self.imported = Imported()

    def work_through(self, programme: Programme, progress: Progress) -> None:
        """Add movies and screens before shows, which may refer to new ones."""
        steps = chain(
            map(self._add_movie, programme.movies),
            map(self._add_screen, programme.screens),
            map(self._add_show, programme.shows),
        )
        for done, _ in enumerate(steps, start=1):
            progress(done)

    def _add_movie(self, entry: MovieEntry) -> None:
        if self._is_skipped(entry, entry.title):
            return
        key = comparison_key(entry.title)
        first = self._seen.setdefault(key, entry)
        if first is not entry:  # repeated, as in a table with one line per show
            if first.duration_minutes != entry.duration_minutes:
                fault = f"{first.where} has {first.duration_minutes}."
                self._fault(entry.where, "duration_minutes", fault)
        elif self._movie(entry.title):
            self.imported.movies.known += 1
        else:
            self._movies[key] = self._uow.movies.add(entry.checked())
            self.imported.movies.added += 1

    def _add_screen(self, entry: ScreenEntry) -> None:
        if self._is_skipped(entry, entry.name):
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
            self._fault(entry.where, "rows", f"This screen exists and has {has}.")
        elif not written_twice:
            self.imported.screens.known += 1

    def _add_show(self, entry: ShowEntry) -> None:
        if self._is_skipped(entry):
            return
        movie, screen = self._movie(entry.movie), self._screen(entry.screen)
        if movie is None and comparison_key(entry.movie) not in self._skipped:
            self._fault(entry.where, "movie", "There is no movie of this title.")
        if screen is None and comparison_key(entry.screen) not in self._skipped:
            self._fault(entry.where, "screen", "There is no screen of this name.")
        if movie is None or screen is None:
            return
        show = Show.new(movie, screen, entry.starts_at)
        around = shows_around(self._uow, show, self._cleaning)
        if any((other.starts_at, other.movie.id) == (show.starts_at, movie.id) for other in around):
            self.imported.shows.known += 1
        elif overlaps := overlapping(show, around, self._cleaning):
            shown = overlaps[0].movie.title
            self._fault(entry.where, "starts_at", f"The screen shows {shown!r} at that time.")
        else:
            self._uow.shows.add(show)
            self.imported.shows.added += 1

    def _is_skipped(self, entry: Entry, name: str = "") -> bool:
        is_good = entry.where not in self._unread and not any(faults_of(entry))
        if not is_good:
            self._skipped.add(comparison_key(name[:200]))  # no valid name is longer
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
