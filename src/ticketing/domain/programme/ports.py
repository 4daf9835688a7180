"""The stores of movies, screens and shows, within one transaction.

``add`` returns the entity with its id. ``get`` and ``lock`` raise MovieNotFound, ScreenNotFound or
ShowNotFound.

Services check that names are unique. If a concurrent transaction takes the name, or removes a
referenced row, the store raises Busy: the retry sees the other's change.
"""

from datetime import datetime
from typing import Protocol

from ticketing.domain.audit import AuditedWork
from ticketing.domain.messages.ports import Outbox
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId


class Movies(Protocol):
    def add(self, movie: Movie) -> Movie: ...
    def get(self, movie_id: MovieId) -> Movie: ...
    def lock(self, movie_id: MovieId) -> Movie: ...

    def lock_all(self) -> None:
        """Keep other transactions from adding or changing movies; reads are not affected."""

    def find_title(self, title: str) -> Movie | None:
        """Return the first movie whose title has the same comparison key."""

    def save(self, movie: Movie) -> None: ...

    def remove(self, movie_id: MovieId) -> None:
        """Delete a movie without shows."""


class Screens(Protocol):
    def add(self, screen: Screen) -> Screen: ...
    def get(self, screen_id: ScreenId) -> Screen: ...

    def lock(self, screen_id: ScreenId) -> Screen:
        """Keep other transactions from changing the screen, and from adding shows to it."""

    def find_name(self, name: str) -> Screen | None:
        """Return the screen whose name has the same comparison key."""

    def save(self, screen: Screen) -> Screen:
        """Update a locked screen; a new plan gets its id."""


class Shows(Protocol):
    """The shows of the programme, each with one row per seat."""

    def add(self, show: Show) -> Show:
        """Insert a show with all its seats, free."""

    def get(self, show_id: ShowId) -> Show: ...

    def lock(self, show_id: ShowId) -> Show:
        """Lock the show and all of its seats to change it."""

    def of_movie(self, movie_id: MovieId) -> list[ShowId]:
        """Return the ids of a movie's shows, ascending."""

    def on_screen(
        self, screen_id: ScreenId, starts_from: datetime, starts_before: datetime
    ) -> list[Show]:
        """Return the shows on that screen that start in that time, soonest first.

        Cancelled ones are included, rehearsals are not.
        """

    def upcoming_on(self, screen_id: ScreenId, now: datetime) -> list[ShowId]:
        """Return the shows on that screen that start after ``now``, ascending by id.

        Cancelled ones and rehearsals are not included.
        """

    def seats_in_use(self, show: Show, now: datetime) -> list[SeatNumber]:
        """Return the seats that are sold, held, or blocked though not out of order, ascending."""

    def save(self, show: Show) -> None:
        """Update a locked show; a different plan replaces its seats."""

    def remove(self, show_id: ShowId) -> None:
        """Delete a locked show without bookings, its seats and its holds."""


class BookingsOfShow(Protocol):
    """What programme changes do with bookings."""

    def any_of_show(self, show_id: ShowId) -> bool:
        """Return whether the show has bookings, cancelled ones included."""

    def cancel_all(self, show_id: ShowId, at: datetime) -> None:
        """Cancel every booking of a locked show, and free all of its seats."""


class HoldsOfShow(Protocol):
    """What programme changes do with holds."""

    def release_all(self, show_id: ShowId, at: datetime) -> None:
        """Release every hold of a locked show that is not booked, and free its seats."""


class WaitingListOfShow(Protocol):
    """What programme changes do with the waiting list."""

    def close_all(self, show_id: ShowId, at: datetime) -> None:
        """Close the entries of a locked show that wait, or whose offer is still active."""


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
    @property
    def holds(self) -> HoldsOfShow: ...
    @property
    def waiting_list(self) -> WaitingListOfShow: ...
    @property
    def outbox(self) -> Outbox: ...
