"""Setting up the programme: movies, screens and shows."""

from collections.abc import Callable

from ticketing.domain.errors import ScreenNameTaken, ShowHasBookings
from ticketing.domain.movie import Movie, MovieId
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork
from ticketing.domain.screen import Screen
from ticketing.domain.show import Show, ShowId
from ticketing.domain.show_draft import ShowDraft, drafted


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
        return self._transact(lambda uow: uow.shows.add(drafted(uow, draft, None)))

    def change_show(self, show_id: ShowId, draft: ShowDraft) -> Show:
        """Move a show that has no bookings, or cancel one together with its bookings.

        Raises ShowNotFound, ShowHasBookings, ShowCancelled and InvalidFields.
        """

        def work(uow: UnitOfWork) -> Show:
            show = uow.shows.lock(show_id)
            changed = drafted(uow, draft, show)
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
