"""Reading: what is asked of the store, and what it answers. Reads change nothing, lock nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from ticketing.domain.account import Account, AccountId
from ticketing.domain.audit import AuditEntry
from ticketing.domain.booking import Booking, BookingId, BookingStatus
from ticketing.domain.movie import Movie, MovieId
from ticketing.domain.screen import Screen, ScreenId
from ticketing.domain.seating import SeatNumber, SeatPlan
from ticketing.domain.session import Session, SessionId
from ticketing.domain.show import Show, ShowId, ShowStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, and how long the whole of it is."""

    items: Sequence[T]
    total: int


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
class ShowOnOffer:
    """A show as customers see it."""

    show: Show
    available_seats: int
    status: ShowStatus


@dataclass(frozen=True, slots=True)
class SeatMap:
    """A show's room: ``booked`` are the numbers of the seats that are sold."""

    show_id: ShowId
    plan: SeatPlan
    booked: Collection[SeatNumber]


class Queries(Protocol):
    """Every list has a total order, so that no row is skipped or repeated between pages.

    Lists and counts in them may be a second old; the seat map and a customer's own bookings are
    always current. Raises Busy when the store does not answer.
    """

    def movies(self, text: str, window: Window) -> Page[Movie]:
        """Movies by title; only those whose title contains ``text``, if there is any."""

    def movie(self, movie_id: MovieId) -> Movie:
        """Raises MovieNotFound."""

    def screens(self, window: Window) -> Page[Screen]:
        """Screens by name."""

    def shows(self, wanted: ShowFilter, window: Window) -> Page[ShowOnOffer]:
        """Shows, soonest first."""

    def show(self, show_id: ShowId) -> ShowOnOffer:
        """Raises ShowNotFound."""

    def seat_map(self, show_id: ShowId) -> SeatMap:
        """Contains every sale confirmed before the call. Raises ShowNotFound."""

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        """A customer's bookings, newest first."""

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        """A customer's bookings, oldest first, from the one after ``last`` on."""

    def booking(self, booking_id: BookingId) -> Booking:
        """Raises BookingNotFound."""

    def bookings_called(self, reference: str) -> Sequence[Booking]:
        """The bookings of that reference, which is unique within a show only; the newest first.

        Looks through every show's, so it is for the staff.
        """

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        """A show's bookings, newest first; of one that was called off, first those that stood."""

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        """The seats of a show that are sold, by number, each with the booking that has it."""

    def account(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""

    def account_named(self, name: str) -> Account | None:
        """The account of that username or e-mail address, whatever text is given."""

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        """What the staff did, the latest first."""

    def sessions(self, account_id: AccountId) -> list[Session]:
        """The sessions of an account that are still kept, by when they end."""

    def actions_of(self, account_id: AccountId) -> list[AuditEntry]:
        """What one of the staff did, from the first on."""

    def revoked_sessions(self, since: datetime) -> frozenset[SessionId]:
        """The sessions that were revoked at or after ``since``."""
