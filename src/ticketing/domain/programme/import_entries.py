"""The entries of a programme to import."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ticketing.domain.errors import Invalid, InvalidFields, refuse_faults
from ticketing.domain.programme.movie import Movie, title_fault
from ticketing.domain.programme.screen import Screen, screen_name_fault
from ticketing.domain.times import moment_fault


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieEntry:
    """A movie; ``where`` is its place in the source ("line 7")."""

    where: str
    title: str
    duration_minutes: int
    description: str = ""
    rating: str = ""
    language: str = ""

    def checked(self) -> Movie:
        """Raises InvalidFields."""
        return Movie.new(
            self.title, self.duration_minutes, self.description, self.rating, self.language
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEntry:
    """A screen with full rows."""

    where: str
    name: str
    rows: int
    seats_per_row: int

    def checked(self) -> Screen:
        """Raises InvalidFields."""
        return Screen.new(self.name, self.rows, self.seats_per_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEntry:
    """A show, with the title of its movie and the name of its screen."""

    where: str
    movie: str
    screen: str
    starts_at: datetime

    def checked(self) -> "ShowEntry":
        """Raises InvalidFields."""
        refuse_faults(
            movie=title_fault(self.movie),
            screen=screen_name_fault(self.screen),
            starts_at=moment_fault(self.starts_at),
        )
        return self


Entry = MovieEntry | ScreenEntry | ShowEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The entries to import. ``faults`` were found when the source was parsed."""

    movies: Sequence[MovieEntry] = ()
    screens: Sequence[ScreenEntry] = ()
    shows: Sequence[ShowEntry] = ()
    faults: Sequence[Fault] = ()

    def __len__(self) -> int:
        return len(self.movies) + len(self.screens) + len(self.shows)

    def all_faults(self) -> Iterator[Fault]:
        """Yield ``faults``, and the faults of entries that are invalid whatever the store has."""
        yield from self.faults
        entries: list[Entry] = [*self.movies, *self.screens, *self.shows]
        for entry in entries:
            yield from faults_of(entry)


def faults_of(entry: Entry) -> Iterator[Fault]:
    """Yield the faults of an entry that do not depend on the store."""
    try:
        entry.checked()
    except InvalidFields as refusal:
        for name, faults in refusal.facts["errors"].items():
            yield from (Fault(entry.where, name, fault) for fault in faults)
