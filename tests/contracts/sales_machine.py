"""Random sequences of sales, run on a store and on a model of it."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, precondition, rule

from tests.contracts.fixtures import ALL
from tests.contracts.model import KeyedRequest, ModelBooking, Refusals
from tests.contracts.programme_machine import ProgrammeMachine
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.times import EARLIEST

SEATS = [(1, 1), (2, 2), ("1", 1), ("A2", 2), (" a1 ", 1)]
ODD_SEATS = [(3, 3), (4, 4), (0, None), (True, None), ("A01", None), ("Z9", None)]
"""A name for a seat, and its number, if it is one."""

VALID_SEAT_LISTS = st.lists(
    st.sampled_from(SEATS), min_size=1, max_size=2, unique_by=lambda seat: seat[1]
)
SEAT_LISTS = st.lists(st.sampled_from(SEATS + ODD_SEATS), max_size=3)
KEYS = st.sampled_from([None, "a", "b"])

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
            self.model.refuses_booking(order.show_id, numbers),
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
            assert set(self.queries.sales.seat_map(show_id).booked) == show.sold.keys()
        listed = self.queries.programme.shows(
            ShowFilter(EARLIEST, movie_id=self.movie.id), ALL
        ).items
        assert [
            (offer.show.id, offer.show.starts_at, offer.available_seats, offer.status)
            for offer in listed
        ] == [
            (show_id, show.starts_at, show.total - len(show.sold), show.status(self.clock.now))
            for show_id, show in sorted(
                self.model.shows.items(), key=lambda each: (each[1].starts_at, each[0])
            )
        ]

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


def rendered(booking: Booking) -> str:
    """Return text that differs for every booking and every state of it."""
    return f"{booking.id} {booking.reference} {booking.status}"
