"""The content of the store in memory."""

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TypeVar

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.ports import Attempts
from ticketing.domain.accounts.session import Session, SessionId
from ticketing.domain.audit import AuditEntry
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.messages.message import Message
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import BookingNotFound, HoldNotFound
from ticketing.domain.sales.hold import Hold, HoldId
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey
from ticketing.domain.sales.selling import SeatHold, ShowSeat, kept_time
from ticketing.domain.sales.waiting_list.entry import EntryId, WaitingListEntry
from ticketing.domain.sales.waiting_list.errors import EntryNotFound
from ticketing.domain.text import comparison_key, is_wellformed

K = TypeVar("K")
V = TypeVar("V")
E = TypeVar("E")


@dataclass
class State:
    """One dictionary per table. ``sold``, ``held`` and ``blocked`` have seats of each show.

    Entities are frozen, and collections of seats are replaced, never changed, so that a copy
    shares them all.
    """

    movies: dict[MovieId, Movie] = field(default_factory=dict)
    screens: dict[ScreenId, Screen] = field(default_factory=dict)
    plans: dict[str, SeatPlan] = field(default_factory=dict)
    """By the hash of their content."""
    shows: dict[ShowId, Show] = field(default_factory=dict)
    sold: dict[ShowId, Mapping[SeatNumber, BookingId]] = field(default_factory=dict)
    held: dict[ShowId, Mapping[SeatNumber, tuple[HoldId | None, datetime]]] = field(
        default_factory=dict
    )
    """The holds that seats carry, and until when; or when they were freed."""
    blocked: dict[ShowId, frozenset[SeatNumber]] = field(default_factory=dict)
    bookings: dict[BookingId, Booking] = field(default_factory=dict)
    holds: dict[HoldId, Hold] = field(default_factory=dict)
    entries: dict[EntryId, WaitingListEntry] = field(default_factory=dict)
    """Of waiting lists, each with its offer as it was made."""
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    sessions: dict[SessionId, Session] = field(default_factory=dict)
    answers: dict[RequestKey, tuple[KeptAnswer, datetime]] = field(default_factory=dict)
    audit: dict[int, AuditEntry] = field(default_factory=dict)
    attempts: dict[str, tuple[Attempts, datetime]] = field(default_factory=dict)
    """Attempts to log in, and when the last one was reserved."""
    messages: dict[tuple[int | str, str], Message] = field(default_factory=dict)
    """By the show or the hash of the name, and their id."""
    last_id: int = 0

    def copy(self) -> "State":
        return State(*(copy(getattr(self, family.name)) for family in fields(self)))

    def next_id(self) -> int:
        """Return the next id; ids are never reused."""
        self.last_id += 1
        return self.last_id

    def plan(self, plan: SeatPlan) -> SeatPlan:
        """Return the stored plan of that content; a new one is added."""
        if plan.content_hash not in self.plans:
            self.plans[plan.content_hash] = replace(plan, id=PlanId(self.next_id()))
        return self.plans[plan.content_hash]

    def show(self, show_id: ShowId) -> Show:
        """Return the show with its current movie and screen, as a join does."""
        show = found(self.shows, show_id, ShowNotFound)
        return replace(show, movie=self.movies[show.movie.id], screen=self.screens[show.screen.id])

    def seats(self, show_id: ShowId) -> list[ShowSeat]:
        """Return every seat of the show, ascending."""
        show = found(self.shows, show_id, ShowNotFound)
        sold, held, blocked = self.sold[show_id], self.held[show_id], self.blocked[show_id]

        def hold_of(number: SeatNumber) -> SeatHold | None:
            if number not in held:
                return None
            hold_id, until = held[number]
            hold = self.holds.get(hold_id) if hold_id else None
            return SeatHold(hold_id, hold.customer if hold else None, until)

        return [
            ShowSeat(
                seat,
                sold.get(seat.number),
                hold_of(seat.number),
                seat.number in blocked,
                kept_time(show),
            )
            for seat in show.plan.seats()
        ]

    def hold(self, hold_id: HoldId) -> Hold:
        hold = found(self.holds, hold_id, HoldNotFound)
        return replace(hold, show=self.show(hold.show.id))

    def booking(self, booking_id: BookingId, show_id: ShowId | None = None) -> Booking:
        booking = found(self.bookings, booking_id, BookingNotFound)
        if show_id not in (None, booking.show.id):
            raise BookingNotFound()
        return replace(booking, show=self.show(booking.show.id))

    def entry(self, entry_id: EntryId) -> WaitingListEntry:
        """Return the entry with its current offer. It ends when that is purged."""
        entry = found(self.entries, entry_id, EntryNotFound)
        if entry.offer and entry.offer.id not in self.holds:
            raise EntryNotFound()
        offer = self.hold(entry.offer.id) if entry.offer else None
        return replace(entry, show=self.show(entry.show.id), offer=offer)

    def current_entries(self) -> list[WaitingListEntry]:
        """Return all entries, by position."""
        return [
            self.entry(entry.id)
            for entry in self.entries.values()
            if entry.offer is None or entry.offer.id in self.holds
        ]

    def entries_of(self, show_id: ShowId) -> list[WaitingListEntry]:
        return [entry for entry in self.current_entries() if entry.show.id == show_id]

    def bookings_of(self, show_id: ShowId) -> list[Booking]:
        return [booking for booking in self.bookings.values() if booking.show.id == show_id]

    def holds_of(self, show_id: ShowId) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.show.id == show_id]

    def carry(
        self, show_id: ShowId, numbers: Collection[SeatNumber], hold_id: HoldId, until: datetime
    ) -> None:
        """Let the seats carry the hold until that time."""
        carried = dict.fromkeys(numbers, (hold_id, until))
        self.held[show_id] = {**self.held[show_id], **carried}

    def free(self, show_id: ShowId, numbers: Collection[SeatNumber], at: datetime) -> None:
        freed = dict.fromkeys(numbers, (None, at))
        self.held[show_id] = {**self.held[show_id], **freed}


def found(family: Mapping[K, V], key: K, missing: type[DomainError]) -> V:
    if key not in family:
        raise missing()
    return family[key]


def require(kept: bool) -> None:
    """Raise Busy where a database's constraint would be violated, so that the work is retried."""
    if not kept:
        raise Busy()


def named(entities: Iterable[E], name: str, keys: Callable[[E], Collection[str]]) -> E | None:
    """Return the first entity with that name; no name has invalid characters."""
    if not is_wellformed(name):
        return None
    key = comparison_key(name)
    return next((entity for entity in entities if key in keys(entity)), None)
