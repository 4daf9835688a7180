"""Where movies and screens are kept. All of it happens within one unit of work.

Names are for the services to compare. Where a rival takes one in between, or removes what is
referred to, the store is Busy: the work is repeated and sees what the rival did.
"""

from datetime import datetime
from typing import Protocol

from ticketing.domain.audit.ports import AuditedWork
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.show import Show, ShowId


class Movies(Protocol):
    """The films of the programme."""

    def add(self, movie: Movie) -> Movie:
        """Keep a new movie; answers it with its id."""

    def get(self, movie_id: MovieId) -> Movie:
        """Raises MovieNotFound."""

    def lock(self, movie_id: MovieId) -> Movie:
        """The movie, held so that nobody else changes it. Raises MovieNotFound."""

    def lock_all(self) -> None:
        """Let nobody else add or change movies meanwhile, who read one after another."""

    def find_title(self, title: str) -> Movie | None:
        """The first movie of that title, compared by its key."""

    def save(self, movie: Movie) -> None:
        """Keep a changed movie."""

    def remove(self, movie_id: MovieId) -> None:
        """Forget a movie that has no shows."""


class Screens(Protocol):
    """The rooms of the cinema, each with a name of its own."""

    def add(self, screen: Screen) -> Screen:
        """Keep a new screen; answers it with its id."""

    def get(self, screen_id: ScreenId) -> Screen:
        """Raises ScreenNotFound."""

    def lock(self, screen_id: ScreenId) -> None:
        """Let nobody else put shows on the screen meanwhile."""

    def find_name(self, name: str) -> Screen | None:
        """The screen of that name, compared by its key."""


class Shows(Protocol):
    """The shows of the programme, each with one row a seat."""

    def add(self, show: Show) -> Show:
        """Keep a new show and all of its seats, free; answers it with its id."""

    def get(self, show_id: ShowId) -> Show:
        """The show as it stands, unlocked. Raises ShowNotFound."""

    def lock(self, show_id: ShowId) -> Show:
        """Hold the show and all of its seats for changing it. Raises ShowNotFound."""

    def of_movie(self, movie_id: MovieId) -> list[ShowId]:
        """The shows of a movie, ascending."""

    def on_screen(
        self, screen_id: ScreenId, starts_from: datetime, starts_before: datetime
    ) -> list[Show]:
        """The shows on that screen that start in that time, soonest first.

        Also those that are cancelled, but no rehearsals.
        """

    def save(self, show: Show) -> None:
        """Keep a changed show, which is locked; another plan makes its seats anew."""

    def remove(self, show_id: ShowId) -> None:
        """Forget a show that is locked and has no bookings, with its seats."""


class BookingsOfShow(Protocol):
    """What a change of the programme needs to know of bookings."""

    def any_of_show(self, show_id: ShowId) -> bool:
        """Whether the show was ever booked."""

    def cancel_all(self, show_id: ShowId, at: datetime) -> None:
        """Cancel every booking of a show that is locked, and free all of its seats."""


class ProgrammeWork(AuditedWork, Protocol):
    """The slice of the store that the programme changes."""

    @property
    def movies(self) -> Movies: ...
    @property
    def screens(self) -> Screens: ...
    @property
    def shows(self) -> Shows: ...
    @property
    def bookings(self) -> BookingsOfShow: ...
