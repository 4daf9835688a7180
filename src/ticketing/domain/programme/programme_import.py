"""Import a programme: all of it or nothing. Repeating an import changes nothing.

A movie is identified by its title, a screen by its name, a show by its screen, start and movie.
Existing ones are not changed: a cancelled show stays cancelled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from ticketing.domain.errors import Invalid, InvalidFields, refuse_faults
from ticketing.domain.programme.movie import Movie, title_fault
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.screen import Screen, screen_name_fault
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.plain_grid import grid_sides
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.timetable import overlapping, shows_around
from ticketing.domain.text import comparison_key
from ticketing.domain.times import moment_fault

Progress = Callable[[int], None]
"""Receives the number of entries done; starts from 1 again when the transaction is retried."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry; ``field`` is "" for the whole entry."""

    where: str
    field: str
    fault: str


class ImportRefused(Invalid):
    """``facts["faults"]`` lists every fault: the place, the field and what is wrong."""

    code = "import_refused"
    default = "Nothing was imported."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=[asdict(fault) for fault in faults])


@dataclass(frozen=True, slots=True)
class MovieEntry:
    """A movie; ``where`` is its place in the source ("line 7")."""

    where: str
    movie: Movie

    def checked(self) -> Movie:
        return self.movie.checked()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEntry:
    """A screen with full rows."""

    where: str
    name: str
    rows: int
    seats_per_row: int

    def checked(self) -> Screen:
        return Screen.new(self.name, self.rows, self.seats_per_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEntry:
    """A show, with the title of its movie and the name of its screen."""

    where: str
    movie: str
    screen: str
    starts_at: datetime

    def checked(self) -> "ShowEntry":
        refuse_faults(
            movie=title_fault(self.movie),
            screen=screen_name_fault(self.screen),
            starts_at=moment_fault(self.starts_at),
        )
        return self


Entry = MovieEntry | ScreenEntry | ShowEntry
"""``checked`` raises InvalidFields for values that are invalid in every store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The entries to import. ``faults`` were found when the source was parsed."""

    movies: Sequence[MovieEntry] = ()
    screens: Sequence[ScreenEntry] = ()
    shows: Sequence[ShowEntry] = ()
    faults: Sequence[Fault] = ()

    def __len__(self) -> int:
        return len(self.movies) + len(self.screens) + len(self.shows)

    def all_faults(self) -> list[Fault]:
        """Return ``faults``, and the faults of the entries that do not depend on the store."""
        entries: list[Entry] = [*self.movies, *self.screens, *self.shows]
        return [*self.faults, *chain.from_iterable(map(_faults_of, entries))]


def _size(plan: SeatPlan) -> str:
    size = f"{plan.total_seats} seats"
    if sides := grid_sides(plan):
        return f"{size} in rows of {sides[1]}"
    return f"{size} in a plan of its own"


def _faults_of(entry: Entry) -> Iterator[Fault]:
    try:
        entry.checked()
    except InvalidFields as refusal:
        for name, faults in refusal.facts["errors"].items():
            yield from (Fault(entry.where, name, fault) for fault in faults)


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
    steps = chain(  # movies and screens first: shows may refer to new ones
        map(run.add_movie, programme.movies),
        map(run.add_screen, programme.screens),
        map(run.add_show, programme.shows),
    )
    for done, _ in enumerate(steps, start=1):
        progress(done)
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

    def add_movie(self, entry: MovieEntry) -> None:
        title = entry.movie.title
        if self._is_skipped(entry, title):
            return
        key = comparison_key(title)
        first = self._seen.setdefault(key, entry)
        if first is not entry:  # repeated, as in a table with one line per show
            minutes = first.movie.duration_minutes
            if minutes != entry.movie.duration_minutes:
                self._fault(entry, "duration_minutes", f"{first.where} has {minutes}.")
        elif self._movie(title):
            self.imported.movies.known += 1
        else:
            self._movies[key] = self._uow.movies.add(entry.checked())
            self.imported.movies.added += 1

    def add_screen(self, entry: ScreenEntry) -> None:
        if self._is_skipped(entry, entry.name):
            return
        key = comparison_key(entry.name)
        new = entry.checked()
        is_repeated = key in self._screens
        known = self._screen(entry.name)
        if known is None:
            self._screens[key] = self._uow.screens.add(new)
            self.imported.screens.added += 1
        elif known.plan != new.plan:
            has = _size(known.plan)
            self._fault(entry, "rows", f"This screen exists and has {has}.")
        elif not is_repeated:
            self.imported.screens.known += 1

    def add_show(self, entry: ShowEntry) -> None:
        if self._is_skipped(entry):
            return
        movie, screen = self._movie(entry.movie), self._screen(entry.screen)
        if movie is None and comparison_key(entry.movie) not in self._skipped:
            self._fault(entry, "movie", "There is no movie of this title.")
        if screen is None and comparison_key(entry.screen) not in self._skipped:
            self._fault(entry, "screen", "There is no screen of this name.")
        if screen and screen.is_retired:
            self._fault(entry, "screen", "This screen is retired.")
        elif movie and screen:
            self._add_show(entry, movie, screen)

    def _add_show(self, entry: ShowEntry, movie: Movie, screen: Screen) -> None:
        show = Show.new(movie, screen, entry.starts_at)
        around = shows_around(self._uow, show, self._cleaning)
        if any((other.starts_at, other.movie.id) == (show.starts_at, movie.id) for other in around):
            self.imported.shows.known += 1
        elif overlaps := overlapping(show, around, self._cleaning):
            shown = overlaps[0].movie.title
            self._fault(entry, "starts_at", f"The screen shows {shown!r} at that time.")
        else:
            self._uow.shows.add(show)
            self.imported.shows.added += 1

    def _is_skipped(self, entry: Entry, name: str = "") -> bool:
        is_skipped = entry.where in self._unread or any(_faults_of(entry))
        if is_skipped:
            self._skipped.add(comparison_key(name[:200]))  # no valid name is longer
        return is_skipped

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

    def _fault(self, entry: Entry, field_name: str, fault: str) -> None:
        self.faults.append(Fault(entry.where, field_name, fault))
