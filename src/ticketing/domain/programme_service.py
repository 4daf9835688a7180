"""Setting up the programme: movies, screens and shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ticketing.domain.errors import (
    MovieNotFound,
    ScreenNameTaken,
    ScreenNotFound,
    ShowHasBookings,
    refuse_faults,
)
from ticketing.domain.movie import Movie, MovieId
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork
from ticketing.domain.screen import Screen, ScreenId, screen_name_fault
from ticketing.domain.seating import SeatPlan, seats_fault
from ticketing.domain.show import Show, ShowId
from ticketing.domain.times import moment_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDraft:
    """What somebody wants of a show; None is what they did not say.

    The screen is named by its id or by its name. ``total_seats`` other than the screen's gives
    the show a plan of its own, in rows of ten.
    """

    movie_id: MovieId | None = None
    screen_id: ScreenId | None = None
    screen_name: str | None = None
    starts_at: datetime | None = None
    total_seats: int | None = None
    cancelled: bool = False


class ProgrammeService:
    """For the cinema's staff. Each change runs in one transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transact = transactions

    def add_movie(self, movie: Movie) -> Movie:
        return self._transact(lambda uow: uow.movies.add(movie))

    def change_movie(self, movie_id: MovieId, change: Callable[[Movie], Movie]) -> Movie:
        """``change`` is told the movie as it is. Raises MovieNotFound, and what ``change`` does."""

        def work(uow: UnitOfWork) -> Movie:
            changed = change(uow.movies.lock(movie_id))
            uow.movies.save(changed)
            return changed

        return self._transact(work)

    def remove_movie(self, movie_id: MovieId) -> None:
        """Remove a movie and its shows. Raises MovieNotFound and ShowHasBookings."""

        def work(uow: UnitOfWork) -> None:
            uow.movies.lock(movie_id)
            for show_id in uow.shows.of_movie(movie_id):
                _remove_show(uow, show_id)
            uow.movies.remove(movie_id)

        self._transact(work)

    def add_screen(self, screen: Screen) -> Screen:
        """Raises ScreenNameTaken."""

        def work(uow: UnitOfWork) -> Screen:
            if uow.screens.find_name(screen.name):
                raise ScreenNameTaken()
            return uow.screens.add(screen)

        return self._transact(work)

    def add_show(self, draft: ShowDraft) -> Show:
        """A new show. A screen that is known by its name only, and not yet, is made.

        Raises InvalidFields that names what is missing, wrong or unknown.
        """
        return self._transact(lambda uow: uow.shows.add(_drafted(uow, draft, None)))

    def change_show(self, show_id: ShowId, draft: ShowDraft) -> Show:
        """Move a show that has no bookings, or cancel one together with its bookings.

        Raises ShowNotFound, ShowHasBookings, ShowCancelled and InvalidFields.
        """

        def work(uow: UnitOfWork) -> Show:
            show = uow.shows.lock(show_id)
            changed = _drafted(uow, draft, show)
            if changed != show and uow.bookings.any_of_show(show_id):
                raise ShowHasBookings()
            if draft.cancelled:
                changed = changed.cancelled(uow.now())
                uow.bookings.cancel_all(show_id, uow.now())
            if changed != show:
                uow.shows.save(changed)
            return changed

        return self._transact(work)

    def remove_show(self, show_id: ShowId) -> None:
        """Raises ShowNotFound and ShowHasBookings."""
        self._transact(lambda uow: _remove_show(uow, show_id))


def _remove_show(uow: UnitOfWork, show_id: ShowId) -> None:
    uow.shows.lock(show_id)
    if uow.bookings.any_of_show(show_id):
        raise ShowHasBookings()
    uow.shows.remove(show_id)


def _drafted(uow: UnitOfWork, draft: ShowDraft, show: Show | None) -> Show:
    """The show that ``draft`` asks for; where it is silent, as ``show`` is."""
    movie = _movie(uow, draft, show)
    screen = _screen(uow, draft, show)
    starts_at = draft.starts_at or (show.starts_at if show else None)
    refuse_faults(
        movie_id=None if movie else "There is no such movie.",
        starts_at=moment_fault(starts_at) if starts_at else "A show needs a start.",
        **_screen_faults(draft, screen),
    )
    assert movie and screen and starts_at  # or there were faults
    if not screen.id:
        screen = uow.screens.add(screen)
    plan = _plan(draft, screen, show)
    if show is None:
        return Show.new(movie, screen, starts_at, plan)
    return show.rescheduled(movie=movie, screen=screen, starts_at=starts_at, plan=plan)


def _movie(uow: UnitOfWork, draft: ShowDraft, show: Show | None) -> Movie | None:
    if draft.movie_id is None:
        return show.movie if show else None
    try:
        return uow.movies.get(draft.movie_id)
    except MovieNotFound:
        return None


def _screen(uow: UnitOfWork, draft: ShowDraft, show: Show | None) -> Screen | None:
    if draft.screen_name is not None:
        known = uow.screens.find_name(draft.screen_name)
        if known or draft.total_seats is None:
            return known
        return Screen(name=draft.screen_name.strip(), plan=SeatPlan(draft.total_seats))  # new
    if draft.screen_id is None:
        return show.screen if show else None
    try:
        return uow.screens.get(draft.screen_id)
    except ScreenNotFound:
        return None


def _screen_faults(draft: ShowDraft, screen: Screen | None) -> dict[str, str | None]:
    faults: dict[str, str | None] = {}
    if draft.total_seats is not None:
        faults["total_seats"] = seats_fault(draft.total_seats)
    if draft.screen_name is not None:
        faults["screen_name"] = screen_name_fault(draft.screen_name)
    if screen is None and draft.screen_name is not None:
        faults["total_seats"] = "This screen is new: say how many seats it has."
    elif screen is None:
        faults["screen_id"] = "There is no such screen."
    return faults


def _plan(draft: ShowDraft, screen: Screen, show: Show | None) -> SeatPlan:
    if draft.total_seats is None:
        return show.plan if show and show.screen == screen else screen.plan
    same = draft.total_seats == screen.plan.total_seats
    return screen.plan if same else SeatPlan(draft.total_seats)
