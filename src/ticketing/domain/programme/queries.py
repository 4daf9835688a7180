"""Queries of the programme; they take no locks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.show import Show, ShowId, ShowStatus


@dataclass(frozen=True, slots=True)
class ShowFilter:
    """Conditions on shows; None means any.

    ``starts_from`` is inclusive, ``starts_before`` exclusive. Without ``starts_from``, shows whose
    sales have ended by time are excluded.
    """

    starts_from: datetime | None = None
    starts_before: datetime | None = None
    movie_id: MovieId | None = None
    screen_id: ScreenId | None = None


@dataclass(frozen=True, slots=True)
class ShowAvailability:
    """A show with its status, and the numbers of seats that are free, held and sold."""

    show: Show
    available_seats: int
    status: ShowStatus
    held_seats: int
    sold_seats: int


class ProgrammeQueries(Protocol):
    """Every list has a total order, so that no row is skipped or repeated between pages.

    Lists and the counts in them may be up to 1 s stale. Raises Busy when the store does not answer.
    """

    def movies(self, text: str, window: Window) -> Page[Movie]:
        """Return movies by title, only those whose title contains ``text``."""

    def movie(self, movie_id: MovieId) -> Movie:
        """Raises MovieNotFound."""

    def plan(self, plan_id: PlanId) -> SeatPlan:
        """Raises PlanNotFound."""

    def screen(self, screen_id: ScreenId) -> Screen:
        """Raises ScreenNotFound."""

    def screens(self, window: Window) -> Page[Screen]:
        """Return screens by name."""

    def shows(self, conditions: ShowFilter, window: Window) -> Page[ShowAvailability]:
        """Return shows, soonest first."""

    def show(self, show_id: ShowId) -> ShowAvailability:
        """Raises ShowNotFound."""
