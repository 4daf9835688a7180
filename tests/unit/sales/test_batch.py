"""A batch of sales has the outcomes of the same sales one after the other."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import NOW, SALES_GRACE, Clock, put_on
from ticketing.adapters.memory import MemoryTransactions
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.programme.errors import ShowNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.batch import sell_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import (
    HoldBooked,
    HoldLost,
    IdempotencyKeyReused,
    SeatHeld,
    SeatLimit,
    SeatTaken,
)
from ticketing.domain.sales.hold import Hold, new_hold_id
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.orders import BookHold, BookSeats, HoldSeats
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

POLICY = SalesPolicy(SALES_GRACE, per_account=3)
UNLIMITED = SalesPolicy(SALES_GRACE)
MARIA, OTTO = AccountId(1), AccountId(2)


def actor(customer):
    return Actor(customer, Role.CUSTOMER)


def requested(key, fingerprint="same"):
    return Repeatable(key, fingerprint, lambda result: f"{result.seat_numbers}")


def decided(transactions, *orders):
    return transactions(lambda work: sell_batch(work, orders, POLICY, wait=True))


def test_the_first_of_two_orders_gets_the_seat(transactions):
    show = put_on(transactions)
    first, second, third = decided(
        transactions,
        BookSeats(show.id, ["A1", "A2"], MARIA),
        BookSeats(show.id, ["A2", "A3"], OTTO),
        BookSeats(show.id, ["A3"], OTTO),
    )
    assert isinstance(first, Booking)
    assert isinstance(second, SeatTaken)
    assert second.facts == {"seats": ["A2"]}
    assert [seat.label for seat in third.seats] == ["A3"]  # not taken by the refused order


def test_orders_of_an_account_count_towards_its_limit_in_order(transactions):
    show = put_on(transactions)
    first, second, third = decided(
        transactions,
        BookSeats(show.id, [1, 2], MARIA),
        BookSeats(show.id, [3, 4], MARIA),
        BookSeats(show.id, [5], MARIA),
    )
    assert isinstance(first, Booking)
    assert isinstance(second, SeatLimit)
    assert second.facts == {"limit": 3, "held": 2}
    assert isinstance(third, Booking)


def test_refused_orders_do_not_affect_other_orders(transactions):
    show = put_on(transactions)
    outcomes = decided(
        transactions,
        BookSeats(ShowId(987_654), [1], MARIA),
        BookSeats(show.id, ["nowhere"], MARIA),
        BookSeats(show.id, [1], MARIA),
    )
    assert [type(outcome) for outcome in outcomes] == [ShowNotFound, UnknownSeat, Booking]


def test_a_second_order_with_a_key_is_postponed_and_then_replayed(transactions):
    show = put_on(transactions)
    order = BookSeats(show.id, [1], MARIA, requested("key"))
    first, second = decided(transactions, order, BookSeats(show.id, [1], MARIA, requested("key")))
    assert isinstance(first, Booking)
    assert second is POSTPONED
    assert decided(transactions, order) == [Replay("[1]")]


def test_a_refused_order_releases_its_key(transactions):
    show = put_on(transactions)
    bought, refused = decided(
        transactions,
        BookSeats(show.id, [1], OTTO),
        BookSeats(show.id, [1], MARIA, requested("key")),
    )
    assert isinstance(bought, Booking)
    assert isinstance(refused, SeatTaken)
    [sold] = decided(transactions, BookSeats(show.id, [2], MARIA, requested("key", "another")))
    assert isinstance(sold, Booking)
    [reused] = decided(transactions, BookSeats(show.id, [2], MARIA, requested("key")))
    assert isinstance(reused, IdempotencyKeyReused)


def test_an_order_whose_seats_were_found_by_an_old_plan_is_postponed(transactions, monkeypatch):
    show = put_on(transactions)
    monkeypatch.setattr(MemorySeats, "plan", lambda *_, **__: plain_grid(show.plan.total_seats + 1))
    assert decided(transactions, BookSeats(show.id, [1], MARIA)) == [POSTPONED]


def test_a_busy_store_refuses_the_whole_batch_and_is_retried(transactions, monkeypatch):
    show = put_on(transactions)
    decided(transactions, BookSeats(show.id, [1], OTTO))
    is_full, failures = MemorySeats.is_full, [Busy()]

    def busy_once(seats, show_id):
        if failures:
            raise failures.pop()
        return is_full(seats, show_id)

    monkeypatch.setattr(MemorySeats, "is_full", busy_once)
    sold, refused = decided(
        transactions, BookSeats(show.id, [2], MARIA), BookSeats(show.id, [1], MARIA)
    )
    assert (type(sold), type(refused)) == (Booking, SeatTaken)


def test_an_order_sees_what_those_before_it_got(transactions):
    """As in a store that committed them; what it cannot see yet, it waits for."""
    show = put_on(transactions)
    held, refused, full, sold, taken, own = decided(
        transactions,
        HoldSeats(show.id, [1, 2], actor(MARIA)),
        HoldSeats(show.id, [2, 3], actor(OTTO)),
        HoldSeats(show.id, [3, 4], actor(MARIA)),
        BookSeats(show.id, [4], OTTO),
        BookSeats(show.id, [2], OTTO),
        BookSeats(show.id, [1], MARIA),
    )
    assert isinstance(held, Hold)
    assert isinstance(refused, SeatHeld)
    assert refused.facts == {"seats": ["A2"], "held_until": held.expires_at}
    assert isinstance(full, SeatLimit)
    assert full.facts == {"limit": 3, "held": 2}
    assert isinstance(sold, Booking)
    assert isinstance(taken, SeatHeld)
    assert own is POSTPONED


def test_the_second_booking_of_a_hold_is_postponed_and_then_refused(transactions):
    show = put_on(transactions)
    [hold] = decided(transactions, HoldSeats(show.id, [1], actor(MARIA)))
    order = BookHold(hold.id, actor(MARIA))
    booking, second = decided(transactions, order, order)
    assert isinstance(booking, Booking)
    assert second is POSTPONED
    [refused] = decided(transactions, order)
    assert isinstance(refused, HoldBooked)


def test_without_the_customers_lock_a_sale_does_not_take_seats_out_of_a_hold(transactions):
    show = put_on(transactions)
    [hold] = decided(transactions, HoldSeats(show.id, [1, 2], actor(MARIA)))
    order = BookSeats(show.id, [1], MARIA)

    def once(wait):
        return transactions(lambda work: sell_batch(work, [order], UNLIMITED, wait=wait))

    assert once(wait=False) == [POSTPONED]
    [booking] = once(wait=True)
    assert isinstance(booking, Booking)
    [rest] = transactions(lambda work: work.holds.of_show(show.id))
    assert rest == replace(hold, seats=hold.seats[1:])


def test_an_expired_hold_is_lost_to_an_order_of_the_same_batch(transactions, clock):
    show = put_on(transactions)
    [hold] = decided(transactions, HoldSeats(show.id, [1], actor(MARIA)))
    clock.advance(minutes=10)
    sold, lost = decided(
        transactions, BookSeats(show.id, [1], OTTO), BookHold(hold.id, actor(MARIA))
    )
    assert isinstance(sold, Booking)
    assert isinstance(lost, HoldLost)


def test_the_seats_of_an_expired_hold_that_is_booked_count_from_then_on(transactions, clock):
    show = put_on(transactions)
    [hold] = decided(transactions, HoldSeats(show.id, [1, 2], actor(MARIA)))
    clock.advance(minutes=10)
    booking, refused = decided(
        transactions, BookHold(hold.id, actor(MARIA)), BookSeats(show.id, [3, 4], MARIA)
    )
    assert isinstance(booking, Booking)
    assert isinstance(refused, SeatLimit)
    assert refused.facts == {"limit": 3, "held": 2}


def test_all_holds_of_a_batch_keep_the_limit_of_one_that_ended(transactions, clock):
    show = put_on(transactions)
    [earlier] = decided(transactions, HoldSeats(show.id, [1], actor(MARIA)))
    clock.advance(minutes=10)
    first, second = decided(
        transactions,
        HoldSeats(show.id, [1], actor(MARIA)),
        HoldSeats(show.id, [2], actor(MARIA)),
    )
    assert isinstance(first, Hold)
    assert isinstance(second, Hold)
    limits = {first.extendable_until, second.extendable_until}
    assert limits == {earlier.extendable_until}


def test_a_plain_sale_reads_no_holds(transactions):
    show = put_on(transactions)

    def work(uow):
        uow.holds = None  # any use fails
        return sell_batch(uow, [BookSeats(show.id, [1], MARIA)], POLICY, wait=False)

    [booking] = transactions(work)
    assert isinstance(booking, Booking)


SEATS = st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
CUSTOMERS = st.sampled_from([MARIA, OTTO])
KEYS = st.none() | st.builds(requested, st.sampled_from("ab"), st.sampled_from("xy"))
PREPARED = st.lists(st.tuples(CUSTOMERS, SEATS, st.integers(0, 11)), max_size=3)
"""Holds that exist before: of whom, of which seats, and how many minutes old."""
ORDERS = st.lists(
    st.tuples(st.just("book"), SEATS, CUSTOMERS, KEYS)
    | st.tuples(st.just("hold"), SEATS, CUSTOMERS, KEYS)
    | st.tuples(st.just("book hold"), st.integers(0, 2), CUSTOMERS, KEYS),
    max_size=8,
)


class Store:
    """A store with a show and the prepared holds; the same orders have other ids in each."""

    def __init__(self, prepared):
        self.clock = Clock()
        self.transactions = MemoryTransactions(self.clock)
        self.show = put_on(self.transactions)
        self.holds = [new_hold_id(self.show.id) for _ in range(3)]
        for customer, seats, minutes in sorted(prepared, key=lambda each: -each[2]):
            self.clock.now = NOW - timedelta(minutes=minutes)
            [outcome] = self.decide(HoldSeats(self.show.id, seats, actor(customer)))
            if isinstance(outcome, Hold):
                self.holds = [outcome.id, *self.holds][:3]
        self.clock.now = NOW

    def order(self, kind, what, customer, key):
        if kind == "book":
            return BookSeats(self.show.id, what, customer, key)
        if kind == "hold":
            return HoldSeats(self.show.id, what, actor(customer), key)
        return BookHold(self.holds[what], actor(customer), key)

    def decide(self, *orders):
        return decided(self.transactions, *orders)

    def content(self):
        """Return the seats and holds of the show, without what differs between two stores."""

        def work(uow):
            seats = uow.seats.room(self.show.id).seats
            held = [seat.is_held(NOW) and (seat.hold.customer, seat.hold.until) for seat in seats]
            sold = [seat.booking_id is not None for seat in seats]
            holds = [
                (hold.customer, hold.seat_numbers, hold.status(NOW), hold.extendable_until)
                for hold in uow.holds.of_show(self.show.id)
            ]
            return held, sold, sorted(holds)

        return self.transactions(work)


def comparable(outcome):
    """Return the outcome without ids and references, which differ between two stores."""
    if isinstance(outcome, Booking):
        return outcome.seat_numbers
    if isinstance(outcome, Hold):
        return outcome.seat_numbers, outcome.expires_at, outcome.extendable_until
    if isinstance(outcome, DomainError):
        facts = {name: fact for name, fact in outcome.facts.items() if name not in IDS}
        return type(outcome), facts
    return outcome


IDS = {"hold", "booking"}


@given(PREPARED, ORDERS)
@example([(1, [2], 10)], [("book hold", 0, 1, None), ("hold", [1], 1, None)])
def test_a_batch_has_the_outcomes_of_the_same_orders_one_by_one(prepared, drawn):
    together, apart = Store(prepared), Store(prepared)
    outcomes = together.decide(*(together.order(*each) for each in drawn))
    # A postponed order is decided alone, after the others.
    last = [index for index, outcome in enumerate(outcomes) if outcome is POSTPONED]
    first = [index for index in range(len(drawn)) if index not in last]
    for index in last:
        [outcomes[index]] = together.decide(together.order(*drawn[index]))
    for index in (*first, *last):
        [alone] = apart.decide(apart.order(*drawn[index]))
        assert comparable(alone) == comparable(outcomes[index])
    assert together.content() == apart.content()
