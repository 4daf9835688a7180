"""Shows, seats, bookings and idempotency keys."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from ticketing.adapters.memory.state import State, require
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.movie import MovieId
from ticketing.domain.programme.screen import ScreenId
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold, HoldId
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey, UsedKeys
from ticketing.domain.sales.ports import LockedSeats, OpenSeats, SeatRequest, ShowRoom
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.sales.waiting_list.entry import EntryStatus
from ticketing.domain.unit_of_work import POSTPONED, Outcome


class MemoryShows:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, show: Show) -> Show:
        added = replace(show, id=ShowId(self._state.next_id()))
        self.save(added)
        self._make_seats(added.id)
        return self.get(added.id)

    def _make_seats(self, show_id: ShowId) -> None:
        self._state.sold[show_id] = {}
        self._state.held[show_id] = {}
        self._state.blocked[show_id] = self._state.shows[show_id].plan.out_of_order

    def get(self, show_id: ShowId) -> Show:
        return self._state.show(show_id)

    lock = get  # a unit of work has the whole store to itself

    def of_movie(self, movie_id: MovieId) -> list[ShowId]:
        return [show.id for show in self._state.shows.values() if show.movie.id == movie_id]

    def rehearsals(self) -> list[ShowId]:
        return [show.id for show in self._state.shows.values() if show.rehearsal]

    def on_screen(
        self, screen_id: ScreenId, starts_from: datetime, starts_before: datetime
    ) -> list[Show]:
        found = [
            self.get(show.id)
            for show in self._state.shows.values()
            if (show.screen.id, show.rehearsal) == (screen_id, False)
            and starts_from <= show.starts_at < starts_before
        ]
        return sorted(found, key=lambda show: (show.starts_at, show.id))

    def upcoming_on(self, screen_id: ScreenId, now: datetime) -> list[ShowId]:
        return [
            show.id
            for show in self._state.shows.values()
            if (show.screen.id, show.rehearsal, show.cancelled_at) == (screen_id, False, None)
            and show.starts_at > now
        ]

    def seats_in_use(self, show: Show, now: datetime) -> list[SeatNumber]:
        return [
            seat.seat.number
            for seat in self._state.seats(show.id)
            if seat.booking_id is not None
            or seat.is_held(now)
            or (seat.is_blocked and seat.seat.number not in show.plan.out_of_order)
        ]

    def save(self, show: Show) -> None:
        require(show.movie.id in self._state.movies and show.screen.id in self._state.screens)
        before = self._state.shows.get(show.id)
        has_waiting = before is not None and before.has_waiting  # the waiting list stores it
        plan = self._state.plan(show.plan)
        self._state.shows[show.id] = replace(show, plan=plan, has_waiting=has_waiting)
        if before is not None and before.plan != show.plan:
            self._make_seats(show.id)

    def remove(self, show_id: ShowId) -> None:
        state = self._state
        require(not state.bookings_of(show_id))
        for hold in state.holds_of(show_id):
            del state.holds[hold.id]
        for entry in state.entries_of(show_id):
            del state.entries[entry.id]
        for family in (state.shows, state.sold, state.held, state.blocked):
            del family[show_id]


class MemorySeats:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        return self._state.show(show_id).plan

    def lock_all(
        self, requests: Sequence[SeatRequest], *, wait: bool
    ) -> list[Outcome[LockedSeats]]:
        return [self._locked(request) for request in requests]

    def _locked(self, request: SeatRequest) -> Outcome[LockedSeats]:
        show_id, numbers, plan, buyer = request
        try:
            locked = self.lock(show_id, numbers, plan)
        except ShowNotFound as refusal:
            return refusal
        except Busy:
            return POSTPONED
        return locked._replace(owned=self._number_owned(show_id, buyer)) if buyer else locked

    def lock(self, show_id: ShowId, numbers: Sequence[SeatNumber], plan: SeatPlan) -> LockedSeats:
        show = self._state.show(show_id)
        require(show.plan == plan)
        seats = [seat for seat in self._state.seats(show_id) if seat.seat.number in numbers]
        return LockedSeats(show, seats)

    def owned(self, show_id: ShowId, customer: AccountId) -> list[SeatNumber]:
        now = self._clock()
        owners: list[Booking | Hold] = [
            *(booking for booking in self._state.bookings_of(show_id) if booking.is_active),
            *(hold for hold in self._state.holds_of(show_id) if hold.is_active(now)),
        ]
        own = (each.seat_numbers for each in owners if each.customer == customer)
        return list(chain.from_iterable(own))

    def _number_owned(self, show_id: ShowId, customer: AccountId) -> int:
        """Return how many seats the customer owns or waits for."""
        now = self._clock()
        entries = self._state.entries_of(show_id)
        waiting = (entry for entry in entries if entry.status(now) is EntryStatus.WAITING)
        awaited = sum(entry.count for entry in waiting if entry.customer == customer)
        return len(self.owned(show_id, customer)) + awaited

    def is_full(self, show_id: ShowId) -> bool:
        return all(seat.is_taken for seat in self._state.seats(show_id))

    def room(self, show_id: ShowId) -> ShowRoom:
        return ShowRoom(self._state.show(show_id), self._state.seats(show_id))

    def open_seats(self, show_id: ShowId, *, offering: bool = False) -> OpenSeats:
        show, now = self._state.show(show_id), self._clock()
        is_held = ShowSeat.is_live_held if offering else ShowSeat.is_held
        seats = [seat for seat in self._state.seats(show_id) if not seat.is_taken]
        held = {seat.seat.number for seat in seats if is_held(seat, now)}
        return OpenSeats(show, {seat.seat.number for seat in seats} - held, held)

    def lock_customers(
        self, show_id: ShowId, customers: Collection[AccountId], *, wait: bool
    ) -> dict[AccountId, int]:
        return {customer: self._number_owned(show_id, customer) for customer in customers}

    def lock_show(self, show_id: ShowId, *, wait: bool) -> None:
        """A unit of work has the whole store to itself."""

    def lock_picked(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> LockedSeats:
        return self.lock(show_id, list(numbers), self._state.show(show_id).plan)

    def block(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> None:
        state = self._state
        changed = state.blocked[show_id] ^ set(numbers)
        state.blocked[show_id] = frozenset(numbers)
        state.free(show_id, changed, self._clock())


class MemoryBookings:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, booking: Booking) -> Booking:
        state, show_id = self._state, booking.show.id
        added = replace(booking, id=BookingId(state.next_id()))
        mine = {seat.number: added.id for seat in added.seats}
        require(show_id in state.shows and not mine.keys() & state.sold[show_id].keys())
        require(all(other.reference != added.reference for other in state.bookings_of(show_id)))
        state.bookings[added.id] = added
        state.sold[show_id] = {**state.sold[show_id], **mine}
        held = state.held[show_id].items()
        state.held[show_id] = {number: hold for number, hold in held if number not in mine}
        return added

    def add_all(self, bookings: Sequence[Booking]) -> list[Booking]:
        return [self.add(booking) for booking in bookings]

    def get(self, show_id: ShowId, booking_id: BookingId) -> Booking:
        return self._state.booking(booking_id, show_id)

    lock = get

    def cancel(self, booking: Booking) -> None:
        state, show_id = self._state, booking.show.id
        assert booking.cancelled_at is not None
        state.bookings[booking.id] = booking
        sold = state.sold[show_id].items()
        state.sold[show_id] = {number: id_ for number, id_ in sold if id_ != booking.id}
        freed = [number for number, id_ in sold if id_ == booking.id]
        state.free(show_id, freed, booking.cancelled_at)

    def cancel_all(self, show_id: ShowId, at: datetime) -> None:
        for booking in self._state.bookings_of(show_id):
            if booking.is_active:
                self.cancel(replace(booking, cancelled_at=at))

    def any_of_show(self, show_id: ShowId) -> bool:
        return bool(self._state.bookings_of(show_id))

    def of_show(self, show_id: ShowId) -> list[Booking]:
        return [self.get(show_id, booking.id) for booking in self._state.bookings_of(show_id)]

    def purge(self, show_id: ShowId) -> int:
        forgotten = self._state.bookings_of(show_id)
        for booking in forgotten:
            del self._state.bookings[booking.id]
        self._state.sold[show_id] = {}
        for hold in self._state.holds_of(show_id):
            del self._state.holds[hold.id]
        self._state.held[show_id] = {}
        for entry in self._state.entries_of(show_id):
            del self._state.entries[entry.id]
        for key in [key for key in self._state.answers if key.show_id == show_id]:
            del self._state.answers[key]
        return len(forgotten)


class MemoryHolds:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def get(self, hold_id: HoldId) -> Hold:
        return self._state.hold(hold_id)

    def find_all(self, hold_ids: Collection[HoldId]) -> dict[HoldId, Hold]:
        return {each: self._state.hold(each) for each in hold_ids if each in self._state.holds}

    def unbooked_of(
        self, show_id: ShowId, customers: Collection[AccountId], expiring_after: datetime
    ) -> dict[AccountId, list[Hold]]:
        found = defaultdict[AccountId, list[Hold]](list)
        for hold in self._state.holds_of(show_id):
            if hold.booking_id is None and hold.expires_at > expiring_after:
                found[hold.customer].append(hold)
        return {customer: found[customer] for customer in customers if customer in found}

    def add_all(self, holds: Sequence[Hold]) -> None:
        for hold in holds:
            require(hold.id not in self._state.holds)
            self._save(hold)

    def save_all(self, holds: Sequence[Hold]) -> None:
        for hold in holds:
            require(hold.id in self._state.holds)
            self._save(hold)

    def _save(self, hold: Hold) -> None:
        state, show_id, now = self._state, hold.show.id, self._clock()
        state.holds[hold.id] = hold
        held = state.held[show_id].items()
        state.free(show_id, [number for number, (id_, _) in held if id_ == hold.id], now)
        if not hold.is_ended:
            seats = [seat for seat in state.seats(show_id) if seat.seat in hold.seats]
            require(all(seat.can_be_offered(now) for seat in seats))
            state.carry(show_id, hold.seat_numbers, hold.id, hold.expires_at)

    def release_all(self, show_id: ShowId, at: datetime) -> None:
        self.save_all([h.released(at) for h in self._state.holds_of(show_id) if not h.is_ended])

    def live_of(self, customer: AccountId) -> list[HoldId]:
        now = self._clock()
        holds = self._state.holds.values()
        return [each.id for each in holds if each.customer == customer and each.is_active(now)]

    def of_show(self, show_id: ShowId) -> list[Hold]:
        holds = sorted(self._state.holds_of(show_id), key=lambda hold: hold.created_at)
        return [self.get(hold.id) for hold in holds]

    def purge(self, before: datetime) -> int:
        old = [hold.id for hold in self._state.holds.values() if hold.expires_at < before]
        for hold_id in old:
            del self._state.holds[hold_id]
        return len(old)


class MemoryIdempotencyKeys:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._answers = state.answers
        self._clock = clock

    def claim(self, keys: Mapping[RequestKey, str]) -> dict[RequestKey, KeptAnswer]:
        used = {key: self._answers[key][0] for key in keys if key in self._answers}
        for key in keys.keys() - used.keys():
            self._answers[key] = KeptAnswer(keys[key], None), self._clock()
        return used

    def keep(self, answers: Mapping[RequestKey, str]) -> None:
        for key, answer in answers.items():
            claimed, at = self._answers[key]
            self._answers[key] = replace(claimed, answer=answer), at

    def used(self, key: RequestKey, after: datetime) -> UsedKeys:
        same = [
            at
            for other, (_, at) in self._answers.items()
            if (other.show_id, other.operation) == (key.show_id, key.operation) and at > after
        ]
        return UsedKeys(len(same), min(same))

    def release(self, keys: Collection[RequestKey]) -> None:
        for key in keys:
            del self._answers[key]

    def purge(self, before: datetime) -> int:
        old = [key for key, (_, kept_at) in self._answers.items() if kept_at < before]
        for key in old:
            del self._answers[key]
        return len(old)
