"""Reading the programme: changes nothing, locks nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.show import Show, ShowId, ShowStatus


@dataclass(frozen=True, slots=True)
class ShowFilter:
    """Which shows are wanted; None is no condition.

    ``starts_from`` is inclusive, ``starts_before`` exclusive. Without ``starts_from``, shows
    whose time for sales is over are left out.
    """

    starts_from: datetime | None = None
    starts_before: datetime | None = None
    movie_id: MovieId | None = None
    screen_id: ScreenId | None = None


@dataclass(frozen=True, slots=True)
class ShowAvailability:
    """A show as customers see it."""

    show: Show
    available_seats: int
    status: ShowStatus


class ProgrammeQueries(Protocol):
    """Every list has a total order, so that no row is skipped or repeated between pages.

    Lists and the counts in them may be up to 1 s stale. Raises Busy when the store does not answer.
    """

    def movies(self, text: str, window: Window) -> Page[Movie]:
        """Movies by title; only those whose title contains ``text``, if there is any."""

    def movie(self, movie_id: MovieId) -> Movie:
        """Raises MovieNotFound."""

    def screens(self, window: Window) -> Page[Screen]:
        """Screens by name."""

    def shows(self, wanted: ShowFilter, window: Window) -> Page[ShowAvailability]:
        """Shows, soonest first."""

    def show(self, show_id: ShowId) -> ShowAvailability:
        """Raises ShowNotFound."""
