"""Where movies and screens are kept. All of it happens within one unit of work.

Names are for the services to compare. Where a rival takes one in between, or removes what is
referred to, the store is Busy: the work is repeated and sees what the rival did.
"""

from typing import Protocol

from ticketing.domain.movie import Movie, MovieId
from ticketing.domain.screen import Screen, ScreenId


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
