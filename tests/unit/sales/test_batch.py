"""A batch of sales has the outcomes of the same sales one after the other."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SALES_GRACE, Clock, put_on
from ticketing.adapters.memory import MemoryTransactions
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.programme.errors import ShowNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.batch import Order, sell_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import IdempotencyKeyReused, SeatLimit, SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

POLICY = SalesPolicy(SALES_GRACE, per_account=3)
MARIA, OTTO = AccountId(1), AccountId(2)


def requested(key, fingerprint="same"):
    return Repeatable(key, fingerprint, lambda booking: f"{booking.seat_numbers}")


def decided(transactions, *orders):
    return transactions(lambda work: sell_batch(work, orders, POLICY, wait=True))


def test_the_first_of_two_orders_gets_the_seat(transactions):
    show = put_on(transactions)
    first, second, third = decided(
        transactions,
        Order(show.id, ["A1", "A2"], MARIA),
        Order(show.id, ["A2", "A3"], OTTO),
        Order(show.id, ["A3"], OTTO),
    )
    assert isinstance(first, Booking)
    assert isinstance(second, SeatTaken)
    assert second.facts == {"seats": ["A2"]}
    assert [seat.label for seat in third.seats] == ["A3"]  # not taken by the refused order


def test_orders_of_an_account_count_towards_its_limit_in_order(transactions):
    show = put_on(transactions)
    first, second, third = decided(
        transactions,
        Order(show.id, [1, 2], MARIA),
        Order(show.id, [3, 4], MARIA),
        Order(show.id, [5], MARIA),
    )
    assert isinstance(first, Booking)
    assert isinstance(second, SeatLimit)
    assert second.facts == {"limit": 3, "held": 2}
    assert isinstance(third, Booking)


def test_refused_orders_do_not_affect_other_orders(transactions):
    show = put_on(transactions)
    outcomes = decided(
        transactions,
        Order(ShowId(987_654), [1], MARIA),
        Order(show.id, ["nowhere"], MARIA),
        Order(show.id, [1], MARIA),
    )
    assert [type(outcome) for outcome in outcomes] == [ShowNotFound, UnknownSeat, Booking]


def test_a_second_order_with_a_key_is_postponed_and_then_replayed(transactions):
    show = put_on(transactions)
    order = Order(show.id, [1], MARIA, requested("key"))
    first, second = decided(transactions, order, Order(show.id, [1], MARIA, requested("key")))
    assert isinstance(first, Booking)
    assert second is POSTPONED
    assert decided(transactions, order) == [Replay("[1]")]


def test_a_refused_order_releases_its_key(transactions):
    show = put_on(transactions)
    bought, refused = decided(
        transactions,
        Order(show.id, [1], OTTO),
        Order(show.id, [1], MARIA, requested("key")),
    )
    assert isinstance(bought, Booking)
    assert isinstance(refused, SeatTaken)
    [sold] = decided(transactions, Order(show.id, [2], MARIA, requested("key", "another")))
    assert isinstance(sold, Booking)
    [reused] = decided(transactions, Order(show.id, [2], MARIA, requested("key")))
    assert isinstance(reused, IdempotencyKeyReused)


def test_an_order_whose_seats_were_found_by_an_old_plan_is_postponed(transactions, monkeypatch):
    show = put_on(transactions)
    monkeypatch.setattr(MemorySeats, "plan", lambda *_, **__: plain_grid(show.plan.total_seats + 1))
    assert decided(transactions, Order(show.id, [1], MARIA)) == [POSTPONED]


def test_a_busy_store_refuses_the_whole_batch_and_is_retried(transactions, monkeypatch):
    show = put_on(transactions)
    decided(transactions, Order(show.id, [1], OTTO))
    is_full, failures = MemorySeats.is_full, [Busy()]

    def busy_once(seats, show_id):
        if failures:
            raise failures.pop()
        return is_full(seats, show_id)

    monkeypatch.setattr(MemorySeats, "is_full", busy_once)
    sold, refused = decided(transactions, Order(show.id, [2], MARIA), Order(show.id, [1], MARIA))
    assert (type(sold), type(refused)) == (Booking, SeatTaken)


SEATS = st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
KEYS = st.none() | st.builds(requested, st.sampled_from("ab"), st.sampled_from("xy"))
ORDERS = st.lists(st.tuples(SEATS, st.sampled_from([MARIA, OTTO]), KEYS), max_size=8)


def comparable(outcome):
    """Return the outcome without ids and references, which differ between two stores."""
    if isinstance(outcome, Booking):
        return outcome.seat_numbers
    if isinstance(outcome, DomainError):
        return type(outcome), outcome.facts
    return outcome


@given(ORDERS)
def test_a_batch_has_the_outcomes_of_the_same_orders_one_by_one(drawn):
    together, apart = MemoryTransactions(Clock()), MemoryTransactions(Clock())
    shows = {store: put_on(store) for store in (together, apart)}
    orders = {
        store: [Order(show.id, seats, who, key) for seats, who, key in drawn]
        for store, show in shows.items()
    }
    outcomes = decided(together, *orders[together])
    # A postponed order is decided alone, after the others.
    last = [index for index, outcome in enumerate(outcomes) if outcome is POSTPONED]
    first = [index for index in range(len(drawn)) if index not in last]
    for index in last:
        [outcomes[index]] = decided(together, orders[together][index])
    for index in (*first, *last):
        [alone] = decided(apart, orders[apart][index])
        assert comparable(alone) == comparable(outcomes[index])
