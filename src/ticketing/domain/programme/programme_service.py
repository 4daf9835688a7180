"""Manage the programme: movies, screens and shows."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit import differences, record
from ticketing.domain.programme.errors import ShowHasBookings
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.programme_import import (
    Imported,
    Programme,
    Progress,
    import_programme,
)
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.programme.show_draft import ShowDraft, drafted
from ticketing.domain.programme.timetable import on_open_screen, require_free_screen
from ticketing.domain.unit_of_work import Transactions


class ProgrammeService:
    """For the cinema's staff. Each call runs in one transaction, which also records who made it.

    ``cleaning`` is the time that a screen needs after a show. ``by`` is the account of the caller,
    None for the command line.
    """

    def __init__(self, transactions: Transactions[ProgrammeWork], cleaning: timedelta) -> None:
        self._transact = transactions
        self._cleaning = cleaning

    def add_movie(self, movie: Movie, *, by: AccountId | None = None) -> Movie:
        def work(uow: ProgrammeWork) -> Movie:
            added = uow.movies.add(movie)
            record(uow, by, "movie.added", "movie", added.id, **_facts_of_movie(added))
            return added

        return self._transact(work)

    def change_movie(
        self, movie_id: MovieId, change: Callable[[Movie], Movie], *, by: AccountId | None = None
    ) -> Movie:
        """Replace the movie by ``change(movie)``. Raises MovieNotFound, and what ``change`` raises.

        Its shows keep their times, even if the movie gets longer.
        """

        def work(uow: ProgrammeWork) -> Movie:
            movie = uow.movies.lock(movie_id)
            changed = change(movie)
            if changed != movie:
                uow.movies.save(changed)
                changes = differences(_facts_of_movie(movie), _facts_of_movie(changed))
                record(uow, by, "movie.changed", "movie", movie_id, **changes)
            return changed

        return self._transact(work)

    def remove_movie(self, movie_id: MovieId, *, by: AccountId | None = None) -> None:
        """Remove a movie and its shows. Raises MovieNotFound and ShowHasBookings."""

        def work(uow: ProgrammeWork) -> None:
            movie = uow.movies.lock(movie_id)
            for show_id in uow.shows.of_movie(movie_id):
                _remove_show(uow, show_id, by)
            uow.movies.remove(movie_id)
            record(uow, by, "movie.removed", "movie", movie_id, title=movie.title)

        self._transact(work)

    def add_show(self, draft: ShowDraft, *, by: AccountId | None = None) -> Show:
        """Add a show; an unknown ``screen_name`` with ``total_seats`` creates the screen.

        Raises ScreenRetired, ShowOverlaps, and InvalidFields for all missing, invalid or unknown
        values.
        """

        def work(uow: ProgrammeWork) -> Show:
            show = on_open_screen(uow, drafted(uow, draft, None, by))
            require_free_screen(uow, show, self._cleaning)
            added = uow.shows.add(show)
            record(uow, by, "show.added", "show", added.id, **_facts_of_show(added))
            return added

        return self._transact(work)

    def change_show(
        self, show_id: ShowId, draft: ShowDraft, *, by: AccountId | None = None
    ) -> Show:
        """Reschedule a show without bookings, or cancel a show and its bookings, with a message.

        Then its holds end, because they are of the show as it was, and the waiting list of a
        cancelled show. Raises ShowNotFound, ShowHasBookings, ShowCancelled, ScreenRetired,
        ShowOverlaps and InvalidFields. The rule about orphans changes at any time.
        """

        def work(uow: ProgrammeWork) -> Show:
            show = uow.shows.lock(show_id)
            changed = drafted(uow, draft, show, by)
            if changed != show:
                if uow.bookings.any_of_show(show_id):
                    raise ShowHasBookings()
                if changed.screen.id != show.screen.id:
                    changed = on_open_screen(uow, changed)
                require_free_screen(uow, changed, self._cleaning)
            if draft.cancelled:
                changed = changed.cancelled(uow.now())
                uow.outbox.add_show_cancelled(show_id, uow.now())
                uow.bookings.cancel_all(show_id, uow.now())
                uow.waiting_list.close_all(show_id, uow.now())
            if changed != show:
                uow.holds.release_all(show_id, uow.now())
            changed = replace(changed, orphan_rule=draft.orphan_rule or show.orphan_rule)
            if changed != show:
                uow.shows.save(changed)
                action = "show.cancelled" if draft.cancelled else "show.changed"
                changes = differences(_facts_of_show(show), _facts_of_show(changed))
                record(uow, by, action, "show", show_id, **changes)
            return changed

        return self._transact(work)

    def remove_show(self, show_id: ShowId, *, by: AccountId | None = None) -> None:
        """Delete a show. Raises ShowNotFound and ShowHasBookings."""
        self._transact(lambda uow: _remove_show(uow, show_id, by))

    def load(self, programme: Programme, progress: Progress = lambda done: None) -> Imported:
        """Import the new entries of ``programme``, all or nothing.

        Raises ImportRefused with every fault.
        """
        faults = list(programme.all_faults())

        def work(uow: ProgrammeWork) -> Imported:
            imported = import_programme(uow, programme, faults, self._cleaning, progress)
            record(uow, None, "programme.imported", "programme", None, **asdict(imported))
            return imported

        return self._transact(work)


def _remove_show(uow: ProgrammeWork, show_id: ShowId, by: AccountId | None) -> None:
    show = uow.shows.lock(show_id)
    if uow.bookings.any_of_show(show_id):
        raise ShowHasBookings()
    uow.shows.remove(show_id)
    record(uow, by, "show.removed", "show", show_id, **_facts_of_show(show))


def _facts_of_movie(movie: Movie) -> dict[str, Any]:
    return {name: value for name, value in asdict(movie).items() if name != "id"}


def _facts_of_show(show: Show) -> dict[str, Any]:
    cancelled_at = show.cancelled_at
    return {
        "movie": show.movie.title,
        "screen": show.screen.name,
        "starts_at": show.starts_at.isoformat(),
        "seats": show.plan.total_seats,
        "orphan_rule": str(show.orphan_rule),
        "cancelled_at": cancelled_at.isoformat() if cancelled_at else None,
    }
