"""Queries of the store in memory."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from ticketing.adapters.memory.accounts import MemoryAccounts, MemorySessions
from ticketing.adapters.memory.programme import MemoryMovies, MemoryScreens
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.adapters.memory.state import State, found
from ticketing.adapters.memory.transactions import MemoryTransactions
from ticketing.adapters.memory.waiting_list import MemoryWaitingList
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.session import Session, SessionId
from ticketing.domain.audit import AuditEntry
from ticketing.domain.box_office import Queries
from ticketing.domain.messages.message import Message, ShowMessage
from ticketing.domain.messages.ports import MessageCounts
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.errors import PlanNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plans.model import PlanId, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.domain.sales.hold import Hold, HoldId, TimedHold, show_of_hold
from ticketing.domain.sales.queries import MAX_LISTED_HOLDS, SeatMap
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.sales.waiting_list.entry import (
    EntryId,
    TimedEntry,
    WaitingListEntry,
    is_list_open,
    show_of_entry,
)
from ticketing.domain.sales.waiting_list.queries import ShowQueue
from ticketing.domain.text import comparison_key, is_wellformed

T = TypeVar("T")


class MemoryQueries:
    """All queries, each over the last committed state."""

    def __init__(
        self,
        transactions: MemoryTransactions,
        clock: Callable[[], datetime],
        sales_grace: timedelta,
    ) -> None:
        self._transactions = transactions
        self.now = clock
        self._sales_grace = sales_grace

    @property
    def _state(self) -> State:
        return self._transactions.state

    def movies(self, text: str, window: Window) -> Page[Movie]:
        key = comparison_key(text)
        movies = self._state.movies.values() if is_wellformed(text) else ()
        found = (movie for movie in movies if key in comparison_key(movie.title))
        return _page(found, lambda movie: (comparison_key(movie.title), movie.id), window)

    def movie(self, movie_id: MovieId) -> Movie:
        return MemoryMovies(self._state).get(movie_id)

    def plan(self, plan_id: PlanId) -> SeatPlan:
        plans = {plan.id: plan for plan in self._state.plans.values()}
        return found(plans, plan_id, PlanNotFound)

    def screen(self, screen_id: ScreenId) -> Screen:
        return MemoryScreens(self._state).get(screen_id)

    def screens(self, window: Window) -> Page[Screen]:
        screens = self._state.screens.values()
        return _page(screens, lambda screen: (comparison_key(screen.name), screen.id), window)

    def shows(self, conditions: ShowFilter, window: Window) -> Page[ShowAvailability]:
        state = self._state
        offers = (self._offer(state, show_id) for show_id in state.shows)
        found = (offer for offer in offers if self._matches(offer.show, conditions))
        return _page(found, lambda offer: (offer.show.starts_at, offer.show.id), window)

    def show(self, show_id: ShowId) -> ShowAvailability:
        return self._offer(self._state, show_id)

    def _offer(self, state: State, show_id: ShowId) -> ShowAvailability:
        show, now = state.show(show_id), self.now()
        seats = state.seats(show_id)
        available = sum(seat.is_free(now) for seat in seats)
        held = sum(seat.is_held(now) for seat in seats)
        status = show.status(available=available + held, now=now, grace=self._sales_grace)
        return ShowAvailability(show, available, status, held, len(state.sold[show_id]))

    def _matches(self, show: Show, conditions: ShowFilter) -> bool:
        soonest = conditions.starts_from
        is_over = self.now() >= show.starts_at + self._sales_grace
        return (
            not show.rehearsal
            and (show.starts_at >= soonest if soonest else not is_over)
            and (conditions.starts_before is None or show.starts_at < conditions.starts_before)
            and conditions.movie_id in (None, show.movie.id)
            and conditions.screen_id in (None, show.screen.id)
        )

    def seat_map(self, show_id: ShowId) -> SeatMap:
        state, now = self._state, self.now()

        def numbers(is_one: Callable[[ShowSeat], bool]) -> frozenset[SeatNumber]:
            return frozenset(seat.seat.number for seat in state.seats(show_id) if is_one(seat))

        return SeatMap(
            show_id,
            state.show(show_id).plan,
            booked=numbers(lambda seat: seat.booking_id is not None),
            held=numbers(lambda seat: seat.is_held(now)),
            blocked=numbers(lambda seat: seat.booking_id is None and seat.is_blocked),
        )

    def mine(self, show_id: ShowId, customer: AccountId) -> frozenset[SeatNumber]:
        return frozenset(MemorySeats(self._state, self.now).owned(show_id, customer))

    def hold(self, hold_id: HoldId) -> TimedHold:
        show_of_hold(hold_id)
        return TimedHold(self._state.hold(hold_id), self.now())

    def holds_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedHold]:
        state, now = self._state, self.now()
        theirs = (
            state.hold(hold.id)
            for hold in state.holds.values()
            if hold.customer == customer and show_id in (None, hold.show.id) and not hold.is_ended
        )
        newest = sorted(theirs, key=_newest_first)[:MAX_LISTED_HOLDS]
        found = (hold for hold in newest if hold.is_active(now) or _can_be_booked(state, hold))
        return _timed(_page(found, _newest_first, window), now)

    def holds_after(self, customer: AccountId, last: Hold | None, limit: int) -> list[TimedHold]:
        state, now = self._state, self.now()
        theirs = (hold for hold in state.holds.values() if hold.customer == customer)
        later = (hold for hold in theirs if last is None or _age(hold) > _age(last))
        return [TimedHold(state.hold(hold.id), now) for hold in sorted(later, key=_age)[:limit]]

    def live_holds(self) -> int:
        active = (hold for hold in self._state.holds.values() if hold.is_active(self.now()))
        return sum(not hold.show.rehearsal for hold in active)

    def holds_of_show(self, show_id: ShowId, window: Window) -> Page[TimedHold]:
        state, now = self._state, self.now()
        active = (state.hold(h.id) for h in state.holds_of(show_id) if h.is_active(now))
        return _timed(_page(active, _newest_first, window), now)

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        state = self._state
        found = (
            state.booking(booking.id)
            for booking in state.bookings.values()
            if booking.customer == customer and status in (None, booking.status)
        )
        return _page(found, lambda booking: -booking.id, window)

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        newest_first = self.bookings(customer, None, Window(0, sys.maxsize)).items
        return [booking for booking in reversed(newest_first) if booking.id > last][:limit]

    def booking(self, booking_id: BookingId, show_id: ShowId | None = None) -> Booking:
        return self._state.booking(booking_id, show_id)

    def bookings_by_reference(self, reference: str) -> Sequence[Booking]:
        state = self._state
        ids = sorted(state.bookings, reverse=True)
        return [state.booking(id_) for id_ in ids if state.bookings[id_].reference == reference]

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        state = self._state
        ids = (id_ for id_, booking in state.bookings.items() if booking.show.id == show_id)
        return _page(map(state.booking, ids), _staff_order, window)

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        return dict(sorted(self._state.sold.get(show_id, {}).items()))

    def entry(self, entry_id: EntryId) -> TimedEntry:
        show_of_entry(entry_id)
        return TimedEntry(self._state.entry(entry_id), self.now())

    def entries_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedEntry]:
        theirs = (e for e in self._entries(customer) if show_id in (None, e.show.id))
        page, now = _page(theirs, _newest_first, window), self.now()
        return Page([TimedEntry(entry, now) for entry in page.items], page.total)

    def entries_after(
        self, customer: AccountId, last: WaitingListEntry | None, limit: int
    ) -> list[TimedEntry]:
        theirs = sorted(self._entries(customer), key=_age)
        later = (entry for entry in theirs if last is None or _age(entry) > _age(last))
        return [TimedEntry(entry, self.now()) for entry in islice(later, limit)]

    def _entries(self, customer: AccountId) -> list[WaitingListEntry]:
        return [e for e in self._state.current_entries() if e.customer == customer]

    def shows_to_serve(self) -> list[ShowId]:
        state, now = self._state, self.now()

        def has_seats_to_offer(show_id: ShowId) -> bool:
            return bool(MemorySeats(state, self.now).open_seats(show_id, offering=True).free)

        return [
            show.id
            for show in state.shows.values()
            if show.has_waiting and (has_seats_to_offer(show.id) or not is_list_open(show, now))
        ]

    def queue(self, show_id: ShowId) -> ShowQueue:
        state, now = self._state, self.now()
        room = MemorySeats(state, self.now).open_seats(show_id, offering=True)
        first_of: dict[Party, WaitingListEntry] = {}
        for entry in MemoryWaitingList(state, self.now).waiting(show_id):
            first_of.setdefault(entry.party, entry)
        return ShowQueue(room, [*first_of.values()], now)

    def number_waiting(self, show_id: ShowId | None = None) -> int:
        queued = (entry.show for entry in self._state.current_entries() if entry.is_queued)
        return sum(not show.rehearsal if show_id is None else show.id == show_id for show in queued)

    def account(self, account_id: AccountId) -> Account:
        return MemoryAccounts(self._state).get(account_id)

    def account_named(self, name: str) -> Account | None:
        return MemoryAccounts(self._state).find(name)

    def session(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        return MemorySessions(self._state).lock(account_id, session_id)

    def sessions(self, account_id: AccountId, limit: int) -> list[Session]:
        sessions = self._state.sessions.values()
        theirs = [session for session in sessions if session.account_id == account_id]
        newest_first = sorted(theirs, key=lambda session: session.renewed_at, reverse=True)
        return sorted(newest_first, key=lambda session: session.revoked_at is not None)[:limit]

    def accounts_with_more_sessions(self, than: int) -> list[AccountId]:
        sessions = self._state.sessions.values()
        open_ones = Counter(each.account_id for each in sessions if each.revoked_at is None)
        return [account_id for account_id, number in open_ones.items() if number > than]

    def revoked_sessions(self, within: timedelta) -> frozenset[SessionId]:
        since = self.now() - within
        return frozenset(
            session.id
            for session in self._state.sessions.values()
            if session.revoked_at is not None and session.revoked_at >= since
        )

    def audit_entries(self, window: Window) -> Page[AuditEntry]:
        entries = self._state.audit.values()
        return _page(entries, lambda entry: (-entry.at.timestamp(), -entry.id), window)

    def actions_of(self, account_id: int) -> list[AuditEntry]:
        entries = self._state.audit.values()
        return [entry for entry in entries if entry.account_id == account_id]

    def due_messages(self, limit: int) -> list[Message]:
        waiting = [each for each in self._state.messages.values() if each.failed_at is None]
        due = [message for message in waiting if message.next_attempt_at <= self.now()]
        return _of_each_kind(sorted(due, key=lambda message: message.next_attempt_at), limit)

    def failed_messages(self, limit: int) -> list[Message]:
        failed = [each for each in self._state.messages.values() if each.failed_at is not None]
        return _of_each_kind(sorted(failed, key=_last_failed_first), limit)

    def message_counts(self) -> MessageCounts:
        messages = self._state.messages.values()
        waiting = [message for message in messages if message.failed_at is None]
        retried = [message for message in waiting if message.attempts > 1]
        return MessageCounts(len(waiting), len(retried), len(messages) - len(waiting))


def memory_queries(
    transactions: MemoryTransactions, clock: Callable[[], datetime], sales_grace: timedelta
) -> Queries:
    queries = MemoryQueries(transactions, clock, sales_grace)
    return Queries(
        programme=queries,
        sales=queries,
        waiting_list=queries,
        accounts=queries,
        audit=queries,
        messages=queries,
    )


def _can_be_booked(state: State, hold: Hold) -> bool:
    """Return whether an expired hold has all of its seats, and is no offer."""
    seats = {seat.seat.number: seat for seat in state.seats(hold.show.id)}
    return not hold.is_offer and all(
        not seat.is_taken and seat.hold is not None and seat.hold.id == hold.id
        for seat in map(seats.__getitem__, hold.seat_numbers)
    )


def _timed(page: Page[Hold], now: datetime) -> Page[TimedHold]:
    return Page([TimedHold(hold, now) for hold in page.items], page.total)


def _last_failed_first(message: Message) -> tuple[float, str]:
    return -(message.failed_at or message.created_at).timestamp(), message.id


def _of_each_kind(messages: Sequence[Message], limit: int) -> list[Message]:
    about_shows = [message for message in messages if isinstance(message, ShowMessage)]
    others = [message for message in messages if not isinstance(message, ShowMessage)]
    return about_shows[:limit] + others[:limit]


def _age(hold: Hold | WaitingListEntry) -> tuple[datetime, str]:
    return hold.created_at, hold.id


def _newest_first(hold: Hold | WaitingListEntry) -> tuple[float, str]:
    return -hold.created_at.timestamp(), hold.id


def _staff_order(booking: Booking) -> tuple[bool, int]:
    given_up_before = booking.show.cancelled_at is not None and not booking.is_cancelled_with_show
    return given_up_before, -booking.id


def _page(found: Iterable[T], order: Callable[[T], Any], window: Window) -> Page[T]:
    items = sorted(found, key=order)
    return Page(items[window.offset : window.offset + window.limit], len(items))
