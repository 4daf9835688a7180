"""Random sequences of sales, run on a store and on a model of it."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, precondition, rule

from tests.contracts.fixtures import ALL
from tests.contracts.model import HOLD, KeyedRequest, ModelBooking, ModelHold, Refusals
from tests.contracts.programme_machine import ProgrammeMachine
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold, HoldId, show_of_hold
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.times import EARLIEST

SEATS = [(1, 1), (2, 2), ("1", 1), ("A2", 2), (" a1 ", 1)]
ODD_SEATS = [(3, 3), (4, 4), (0, None), (True, None), ("A01", None), ("Z9", None)]
"""A name for a seat, and its number, if it is one."""

VALID_SEAT_LISTS = st.lists(
    st.sampled_from(SEATS), min_size=1, max_size=2, unique_by=lambda seat: seat[1]
)
SEAT_LISTS = st.lists(st.sampled_from(SEATS + ODD_SEATS), max_size=3)
ANY_SEATS = VALID_SEAT_LISTS | VALID_SEAT_LISTS | SEAT_LISTS
KEYS = st.sampled_from([None, "a", "b"])
USES = ["wait", "change", "extend", "release", "book", "hold its seats", "book a seat"]
FOREIGNERS = st.none() | st.none() | ProgrammeMachine.customers
A_USE = st.tuples(st.sampled_from(USES), FOREIGNERS, ANY_SEATS)

SeatList = list[tuple[Any, int | None]]


@dataclass(frozen=True)
class Order:
    """A request to book, which may be repeated."""

    show_id: ShowId
    customer: AccountId
    seats: SeatList
    key: str | None


class SalesMachine(ProgrammeMachine):
    """After each step all queries match the model."""

    bookings = Bundle("bookings")

    def __init__(self, *store: Any) -> None:
        super().__init__(*store)
        self.orders: list[Order] = []
        self.held: list[HoldId] = []

    @rule(
        target=bookings,
        show_id=ProgrammeMachine.shows,
        customer=ProgrammeMachine.customers,
        seats=SEAT_LISTS,
        key=KEYS,
    )
    def book(self, show_id: ShowId, customer: AccountId, seats: SeatList, key: str | None) -> Any:
        self.orders.append(Order(show_id, customer, seats, key))
        return multiple(*self._order(self.orders[-1]))

    @rule(
        target=bookings,
        show_id=ProgrammeMachine.shows,
        customer=ProgrammeMachine.customers,
        seat_lists=st.lists(VALID_SEAT_LISTS, min_size=1, max_size=4),
        key=KEYS,
    )
    def book_a_lot(
        self, show_id: ShowId, customer: AccountId, seat_lists: list[SeatList], key: str | None
    ) -> Any:
        """Several requests in one rule, so that sequences contain more sales than other steps."""
        orders = [Order(show_id, customer, seats, key) for seats in seat_lists]
        self.orders += orders
        return multiple(*chain.from_iterable(map(self._order, orders)))

    @precondition(lambda self: self.orders)
    @rule(target=bookings, nth=st.integers(0, 9))
    def book_again(self, nth: int) -> Any:
        """Repeat the request, with its key if it had one."""
        return multiple(*self._order(self.orders[nth % len(self.orders)]))

    def _order(self, order: Order) -> list[BookingId]:
        names = [name for name, _ in order.seats]
        numbers = [number for _, number in order.seats]
        keyed = KeyedRequest((order.customer, order.show_id, "book"), order.key, repr(names))
        booking = self._answered_once(
            keyed,
            self.model.refuses_booking(order.show_id, numbers, order.customer),
            lambda request: self._book(order, names, request),
        )
        if booking is None:
            return []
        assert (booking.show.id, booking.customer) == (order.show_id, order.customer)
        assert [seat.number for seat in booking.seats] == sorted(n for n in numbers if n)
        assert (booking.created_at, booking.is_active) == (self.clock.now, True)
        assert booking.id not in self.model.bookings
        sold = ModelBooking(
            order.show_id,
            order.customer,
            [seat.number for seat in booking.seats],
            booking.reference,
        )
        self.model.booked(booking.id, sold)
        return [booking.id]

    @rule(
        target=bookings,
        show_id=ProgrammeMachine.shows,
        customer=ProgrammeMachine.customers,
        seats=VALID_SEAT_LISTS,
        key=KEYS,
        then=st.lists(
            st.tuples(st.sampled_from(USES), FOREIGNERS, ANY_SEATS), min_size=2, max_size=8
        ),
    )
    def hold_and_use(
        self,
        show_id: ShowId,
        customer: AccountId,
        seats: SeatList,
        key: str | None,
        then: list[tuple[str, AccountId | None, SeatList]],
    ) -> Any:
        """One rule for what becomes of a hold, so that sequences contain enough of it."""
        hold_id = self._hold(show_id, customer, seats, key)
        if hold_id is None:
            return multiple()
        self.held.append(hold_id)
        used = [self._use(hold_id, key, *use) for use in then]
        return multiple(*chain.from_iterable(used))

    @precondition(lambda self: self.held)
    @rule(target=bookings, nth=st.integers(0, 9), use=st.sampled_from(USES), seats=ANY_SEATS)
    def use_a_hold_later(self, nth: int, use: str, seats: SeatList) -> Any:
        return multiple(*self._use(self.held[nth % len(self.held)], None, use, None, seats))

    def _hold(
        self, show_id: ShowId, customer: AccountId, seats: SeatList, key: str | None
    ) -> HoldId | None:
        names, numbers = [name for name, _ in seats], [number for _, number in seats]
        actor = Actor(customer, Role.CUSTOMER)
        hold = self._answered_once(
            KeyedRequest((customer, show_id, "hold"), key, repr(names)),
            self.model.refuses_hold(show_id, numbers, customer),
            lambda request: (
                self.holds.hold_once(show_id, names, actor, request)
                if request
                else self.holds.hold(show_id, names, actor)
            ),
        )
        if hold is None:
            return None
        limit = self.model.hold_limit(show_id, customer)
        expires_at = min(self.clock.now + HOLD, limit)
        assert (hold.expires_at, hold.extendable_until) == (expires_at, limit)
        assert hold.seat_numbers == sorted(n for n in numbers if n)
        assert hold.id not in self.model.holds
        held = ModelHold(show_id, customer, hold.seat_numbers, expires_at, limit)
        self.model.hold_taken(hold.id, held)
        return HoldId(hold.id)

    def _use(
        self,
        hold_id: HoldId,
        key: str | None,
        use: str,
        other: AccountId | None,
        seats: SeatList,
    ) -> list[BookingId]:
        """Let its customer, or an ``other`` one, do something with a hold or its seats."""
        hold = self.model.holds.get(hold_id)
        show_id = show_of_hold(hold_id)
        customer = other or (hold.customer if hold else next(iter(self.known.values())))
        actor = Actor(customer, Role.CUSTOMER)
        match use:
            case "wait":
                self.time_passes(5)
            case "change":
                self._change(hold_id, actor, seats)
            case "extend":
                self._extend(hold_id, actor)
            case "release":
                refusals = self.model.refuses_release(hold_id, customer)
                self.attempt(refusals, self.holds.release, hold_id, actor)
                if not refusals:
                    self.model.hold_released(hold_id)
            case "book":
                return self._book_hold(hold_id, actor, key)
            case "hold its seats" if hold:
                self._hold(show_id, customer, [(number, number) for number in hold.numbers], None)
            case "book a seat" if hold:
                seat = hold.numbers[0]
                return self._order(Order(show_id, customer, [(seat, seat)], None))
        return []

    def _change(self, hold_id: HoldId, actor: Actor, seats: SeatList) -> None:
        names, numbers = [name for name, _ in seats], [number for _, number in seats]
        refusals = self.model.refuses_change(hold_id, numbers, actor.account_id)
        changed = self.attempt(refusals, self.holds.change, hold_id, names, actor)
        if changed is not None:
            assert changed.hold.expires_at == self.model.holds[hold_id].expires_at
            self.model.hold_changed(hold_id, changed.hold.seat_numbers)

    def _extend(self, hold_id: HoldId, actor: Actor) -> None:
        refusals = self.model.refuses_extension(hold_id, actor.account_id)
        extended = self.attempt(refusals, self.holds.extend, hold_id, actor)
        if extended is not None:
            hold = self.model.holds[hold_id]
            hold.expires_at = min(self.clock.now + HOLD, hold.limit)
            assert extended.hold.expires_at == hold.expires_at

    def _book_hold(self, hold_id: HoldId, actor: Actor, key: str | None) -> list[BookingId]:
        booking = self._answered_once(
            KeyedRequest((actor.account_id, hold_id, "book"), key, ""),
            self.model.refuses_booking_of_hold(hold_id, actor.account_id),
            lambda request: (
                self.holds.book_once(hold_id, actor, request)
                if request
                else self.holds.book(hold_id, actor)
            ),
        )
        if booking is None:
            return []
        hold = self.model.holds[hold_id]
        assert booking.seat_numbers == hold.numbers
        sold = ModelBooking(hold.show_id, hold.customer, hold.numbers, booking.reference)
        self.model.booked(booking.id, sold)
        hold.booking_id = booking.id
        return [booking.id]

    @rule(show_id=ProgrammeMachine.shows, numbers=st.lists(st.integers(1, 4), max_size=1))
    def block(self, show_id: ShowId, numbers: list[int]) -> None:
        refusals = self.model.refuses_blocking(show_id, numbers)
        self.attempt(refusals, self.blocked_seats.block, show_id, numbers)
        if not refusals:
            self.model.blocked(show_id, numbers)

    @rule(booking_id=bookings, key=KEYS)
    def cancel_own(self, booking_id: BookingId, key: str | None) -> None:
        self.cancel(booking_id, self.model.bookings[booking_id].customer, key)

    @rule(booking_id=bookings, customer=ProgrammeMachine.customers, key=KEYS)
    def cancel(self, booking_id: BookingId, customer: AccountId, key: str | None) -> None:
        """Cancel a booking, perhaps of another customer."""
        keyed = KeyedRequest((customer, booking_id, "cancel"), key, "")
        actor = Actor(customer, Role.CUSTOMER)
        booking = self._answered_once(
            keyed,
            self.model.refuses_cancellation(booking_id, customer),
            lambda request: self._cancel(booking_id, actor, request),
        )
        if booking is not None:
            self.model.cancelled(booking_id)
            assert booking.cancelled_at == self.model.bookings[booking_id].cancelled_at

    def _book(self, order: Order, names: list[Any], request: Any) -> Any:
        if request:
            return self.sales.book_once(order.show_id, names, order.customer, request)
        return self.sales.book(order.show_id, names, order.customer)

    def _cancel(self, booking_id: BookingId, actor: Actor, request: Any) -> Any:
        show_id = self.model.bookings[booking_id].show_id
        if request:
            return self.sales.cancel_once(show_id, booking_id, actor, request)
        return self.sales.cancel(show_id, booking_id, actor)

    def _answered_once(self, keyed: KeyedRequest, refusals: Refusals, act: Any) -> Any:
        """Return the result unless the request is a repeat; None if it is refused."""
        request = keyed.key and Repeatable(keyed.key, keyed.about, rendered)
        before = self.model.answered(keyed)
        if before is not None:
            assert act(request) == Replay(before)
            return None
        result = self.attempt(self.model.refuses_key(keyed) or refusals, act, request)
        if result is not None:
            self.model.keep(keyed, rendered(result))
        return result

    @invariant()
    def each_show_matches_the_model(self) -> None:
        for show_id, show in self.model.shows.items():
            seats, held = self.queries.sales.seat_map(show_id), self.model.held(show_id)
            assert (set(seats.booked), set(seats.held)) == (set(show.sold), held)
            assert set(seats.blocked) == show.blocked
        listed = self.queries.programme.shows(
            ShowFilter(EARLIEST, movie_id=self.movie.id), ALL
        ).items
        assert [
            (offer.show.id, offer.show.starts_at, offer.available_seats, offer.status)
            for offer in listed
        ] == [
            (
                show_id,
                show.starts_at,
                show.total - len(show.taken | self.model.held(show_id)),
                show.status(self.clock.now),
            )
            for show_id, show in sorted(
                self.model.shows.items(), key=lambda each: (each[1].starts_at, each[0])
            )
        ]

    def _holds_of(self, show_id: ShowId) -> list[Hold]:
        return self.transactions(lambda work: work.holds.of_show(show_id))

    @invariant()
    def every_hold_matches_the_model(self) -> None:
        now = self.clock.now
        for show_id in self.model.shows:
            assert {
                hold.id: (hold.customer, hold.seat_numbers, hold.expires_at, hold.booking_id)
                for hold in self._holds_of(show_id)
            } == {
                hold_id: (hold.customer, hold.numbers, hold.expires_at, hold.booking_id)
                for hold_id, hold in self.model.holds.items()
                if hold.show_id == show_id
            }
            live = {each.hold.id for each in self.queries.sales.holds_of_show(show_id, ALL).items}
            assert live == {
                hold_id
                for hold_id, hold in self.model.holds.items()
                if hold.show_id == show_id and hold.is_live(now)
            }

    @invariant()
    def each_seat_is_free_or_held_once_or_blocked_or_sold_once(self) -> None:
        now = self.clock.now
        for show_id in self.model.shows:
            bookings = self.queries.sales.bookings_of_show(show_id, ALL).items
            holds = self._holds_of(show_id)
            blocked = self.queries.sales.seat_map(show_id).blocked
            occupied = [
                *(number for each in bookings if each.is_active for number in each.seat_numbers),
                *(number for each in holds if each.is_active(now) for number in each.seat_numbers),
                *blocked,
            ]
            assert len(occupied) == len(set(occupied))

    @invariant()
    def bookings_of_each_customer_match_the_model(self) -> None:
        for customer in self.known.values():
            assert [
                (kept.id, kept.reference, kept.show.id, kept.cancelled_at)
                for kept in self.queries.sales.bookings(customer, None, ALL).items
            ] == [
                (booking_id, booking.reference, booking.show_id, booking.cancelled_at)
                for booking_id, booking in sorted(self.model.bookings.items(), reverse=True)
                if booking.customer == customer
            ]


def rendered(result: Booking | Hold) -> str:
    """Return text that differs for every booking and hold, and every state of it."""
    if isinstance(result, Hold):
        return f"{result.id} {result.seat_numbers} {result.expires_at}"
    return f"{result.id} {result.reference} {result.status}"
