"""Parties pick in turn, each as if those before it had got their seats."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import SALES_GRACE, TOMORROW, Clock, a_show, put_on, register
from ticketing.adapters.memory import MemoryTransactions
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import DomainError, InvalidFields, Locked
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.best_available.party_orders import BookParty, HoldParty
from ticketing.domain.sales.best_available.picking import MAX_ROUNDS, pick_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import HoldAtLimit, NoSeats, SalesClosed, SeatLimit
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

UNLIMITED = SalesPolicy(SALES_GRACE)
LIMITED = SalesPolicy(SALES_GRACE, per_account=3)
MARIA, OTTO = AccountId(1), AccountId(2)


def requested(key, fingerprint="same"):
    return Repeatable(key, fingerprint, lambda result: f"{result.seat_numbers}")


def actor(customer, role=Role.CUSTOMER):
    return Actor(customer, role)


@pytest.fixture
def row(transactions):
    """A show with one row of six seats, 3 and 4 nearest to the focal point."""
    return put_on(transactions, a_show(plan=plain_grid(6)))


@pytest.fixture
def pick(transactions):
    def pick(*orders, policy=UNLIMITED, wait=False):
        return transactions(lambda work: pick_batch(work, orders, policy, wait=wait))

    return pick


def book(show, count, customer=MARIA, request=None, **details):
    return BookParty(show.id, Party(count=count, **details), customer, request)


def hold(show, count, customer=MARIA, request=None, role=Role.CUSTOMER):
    return HoldParty(show.id, Party(count=count), actor(customer, role), request)


def seats_of(outcomes):
    return [outcome.seat_numbers for outcome in outcomes]


class TestABatch:
    def test_each_party_gets_the_best_of_what_is_left(self, row, pick):
        outcomes = pick(book(row, 2), hold(row, 2), book(row, 2, OTTO))
        assert [type(outcome) for outcome in outcomes] == [Booking, Hold, Booking]
        assert seats_of(outcomes) == [[3, 4], [1, 2], [5, 6]]

    def test_what_it_gets_is_stored(self, transactions, row, pick):
        bought, held = pick(book(row, 2), hold(row, 2, OTTO))
        room = transactions(lambda work: work.seats.open_seats(row.id))
        assert (room.free, room.held) == ({5, 6}, {1, 2})
        assert transactions(lambda work: work.bookings.get(row.id, bought.id)) == bought
        assert transactions(lambda work: work.holds.get(held.id)) == held

    def test_a_party_that_gets_nothing_takes_nothing(self, row, pick):
        first, none, last = pick(book(row, 4), book(row, 3, OTTO), book(row, 2, OTTO))
        assert first.seat_numbers == [1, 2, 3, 4]
        assert isinstance(none, NoSeats)
        assert none.facts == {"available": 2, "held": 0, "largest_block": 2}
        assert last.seat_numbers == [5, 6]

    def test_seats_held_by_others_are_counted(self, row, pick):
        *_, none = pick(hold(row, 5), book(row, 2, OTTO))
        assert none.facts == {"available": 1, "held": 5, "largest_block": 1}

    def test_a_hold_that_expired_counts_for_nothing(self, row, pick, clock):
        [held] = pick(hold(row, 6))
        clock.now = held.expires_at
        assert pick(book(row, 6, OTTO))[0].seat_numbers == [1, 2, 3, 4, 5, 6]

    def test_a_party_that_asks_for_nonsense_is_refused_alone(self, row, pick):
        wrong, right = pick(book(row, 1, section="nowhere"), book(row, 1, OTTO))
        assert isinstance(wrong, InvalidFields)
        assert wrong.facts["errors"] == {"section": ["There is no such section."]}
        assert isinstance(right, Booking)

    def test_a_show_that_does_not_exist(self, pick):
        order = BookParty(ShowId(987_654), Party(count=1), MARIA)
        first, second = pick(order, order)
        assert isinstance(first, ShowNotFound)
        assert isinstance(second, ShowNotFound)
        assert first is not second  # each thread raises its own

    @pytest.mark.parametrize("order", [book, hold])
    def test_sales_end_before_seats_do(self, row, pick, clock, order):
        pick(book(row, 6))
        clock.now = TOMORROW + SALES_GRACE
        [refused] = pick(order(row, 1))
        assert isinstance(refused, SalesClosed)

    def test_a_rehearsal_sells_to_its_own_customers_only(self, transactions, pick):
        show = put_on(transactions, a_show(rehearsal=True))
        customer = register(transactions)
        [refused] = pick(book(show, 1, customer))
        assert isinstance(refused, SalesClosed)


class TestTheSeatLimit:
    @pytest.mark.parametrize("order", [book, hold])
    def test_counts_what_the_customer_books_or_holds(self, row, pick, order):
        pick(hold(row, 2), policy=LIMITED)
        [refused] = pick(order(row, 2), policy=LIMITED)
        assert isinstance(refused, SeatLimit)
        assert refused.facts == {"limit": 3, "held": 2}
        assert len(pick(order(row, 1), policy=LIMITED)[0].seats) == 1

    def test_is_judged_last(self, row, pick):
        pick(book(row, 3), policy=LIMITED)
        [refused] = pick(book(row, 4), policy=LIMITED)
        assert isinstance(refused, NoSeats)

    def test_is_none_for_staff(self, row, pick):
        booked = BookParty(row.id, Party(count=1), MARIA, is_staff=True)
        [held] = pick(hold(row, 5, role=Role.STAFF), policy=LIMITED)
        assert len(held.seats) == 5
        assert isinstance(pick(booked, policy=LIMITED)[0], Booking)

    def test_a_second_order_of_a_customer_waits_for_the_first(self, row, pick):
        first, second, other = pick(book(row, 1), book(row, 1), book(row, 1, OTTO), policy=LIMITED)
        assert second is POSTPONED
        assert seats_of([first, other]) == [[3], [4]]

    def test_without_one_orders_of_a_customer_do_not_wait(self, row, pick):
        assert seats_of(pick(book(row, 1), book(row, 1))) == [[3], [4]]


class TestAHold:
    def test_lasts_as_long_as_one_by_name(self, row, pick, clock):
        [held] = pick(hold(row, 2))
        assert held.expires_at == clock.now + UNLIMITED.hold
        assert held.extendable_until == clock.now + UNLIMITED.max_hold
        assert list(held.orphans) == []

    def test_keeps_the_limit_of_the_last_one(self, row, pick, clock):
        policy = SalesPolicy(SALES_GRACE, max_hold=timedelta(minutes=11))
        [first] = pick(hold(row, 2), policy=policy)
        clock.now = first.expires_at
        [second] = pick(hold(row, 2), policy=policy)
        assert second.expires_at == first.extendable_until
        clock.now = first.extendable_until
        [refused] = pick(hold(row, 2), policy=policy)
        assert isinstance(refused, HoldAtLimit)


class TestIdempotencyKeys:
    def test_a_repeated_request_is_replayed(self, row, pick):
        [first] = pick(book(row, 2, request=requested("key")))
        assert pick(book(row, 2, request=requested("key"))) == [Replay("[3, 4]")]
        held = pick(hold(row, 2, request=requested("key")))  # another operation
        assert seats_of([first, *held]) == [[3, 4], [1, 2]]

    def test_a_batch_of_replays_locks_nothing(self, row, pick, monkeypatch):
        pick(book(row, 2, request=requested("key")))
        monkeypatch.delattr(MemorySeats, "lock_show")
        assert pick(book(row, 2, request=requested("key"))) == [Replay("[3, 4]")]

    def test_the_second_order_with_a_key_is_postponed(self, row, pick):
        order = book(row, 1, request=requested("key"))
        first, second = pick(order, order)
        assert isinstance(first, Booking)
        assert second is POSTPONED

    def test_a_refused_order_releases_its_key(self, row, pick):
        [refused] = pick(book(row, 7, request=requested("key")))
        assert isinstance(refused, NoSeats)
        [sold] = pick(book(row, 6, request=requested("key", "another")))
        assert isinstance(sold, Booking)


class TestSeatsThatOthersTake:
    """Sales by name do not wait for pickers."""

    @pytest.fixture
    def meanwhile(self, monkeypatch):
        """Do something between each reading of the room and the locks, as often as given."""
        lock_picked = MemorySeats.lock_picked

        def meanwhile(*acts):
            left = list(acts)

            def after(seats, show_id, numbers):
                act = left.pop(0) if left else None
                hidden = act(seats._state, set(numbers)) if act else None
                locked = lock_picked(seats, show_id, numbers)
                shown = [each for each in locked.seats if each.seat.number not in (hidden or ())]
                return locked._replace(seats=shown)

            monkeypatch.setattr(MemorySeats, "lock_picked", after)
            return left

        return meanwhile

    def sold(self, show, *numbers):
        def act(state, picked):
            state.sold[show.id] = {**state.sold[show.id], **dict.fromkeys(numbers, 1)}

        return act

    def locked(self, *numbers):
        return lambda state, picked: numbers

    def test_the_party_picks_again(self, row, pick, meanwhile):
        meanwhile(self.sold(row, 3))
        outcomes = pick(book(row, 2), book(row, 1, OTTO))
        assert seats_of(outcomes) == [[4, 5], [2]]

    def test_what_a_party_gave_back_is_for_others(self, row, pick, meanwhile):
        """The second found no seat as long as the first had picked the other five."""
        meanwhile(self.sold(row, 1))
        none, got = pick(book(row, 6), book(row, 4, OTTO))
        assert isinstance(none, NoSeats)
        assert none.facts["available"] == 5
        assert got.seat_numbers == [2, 3, 4, 5]

    def test_seats_that_were_held_meanwhile_count_as_held(self, row, pick, meanwhile, clock):
        def held(state, picked):
            until = clock.now + timedelta(minutes=1)
            state.held[row.id] = dict.fromkeys([2, 3], ("theirs", until))

        meanwhile(held)
        [none] = pick(book(row, 6))
        assert none.facts == {"available": 4, "held": 2, "largest_block": 3}

    def test_seats_locked_by_others_are_avoided(self, row, pick, meanwhile):
        meanwhile(self.locked(3, 4))
        assert seats_of(pick(book(row, 2))) == [[1, 2]]

    def test_where_they_are_needed_the_party_comes_again(self, row, pick, meanwhile):
        meanwhile(self.locked(3))
        assert pick(book(row, 6)) == [POSTPONED]

    def test_where_they_would_not_do_either_it_is_refused(self, row, pick, meanwhile):
        meanwhile(self.locked(3))
        postponed, refused = pick(book(row, 6), book(row, 7, OTTO))
        assert postponed is POSTPONED
        assert isinstance(refused, NoSeats)
        assert refused.facts["available"] == 6

    def test_a_party_that_always_loses_comes_again(self, transactions, pick, meanwhile):
        show = put_on(transactions, a_show(plan=plain_grid(50)))

        def all_picked(state, picked):
            state.sold[show.id] = {**state.sold[show.id], **dict.fromkeys(picked, 1)}

        left = meanwhile(*[all_picked] * (MAX_ROUNDS + 1))
        assert pick(book(show, 2)) == [POSTPONED]
        assert len(left) == 1


class TestLocksOfOthers:
    @pytest.fixture
    def locked_customers(self, monkeypatch):
        found = MemorySeats.lock_customers

        def lock_customers(seats, show_id, customers, *, wait):
            return found(seats, show_id, customers if wait else {*customers} - {MARIA}, wait=wait)

        monkeypatch.setattr(MemorySeats, "lock_customers", lock_customers)

    def test_the_orders_of_a_locked_customer_are_postponed(self, row, pick, locked_customers):
        postponed, held, bought = pick(hold(row, 2), hold(row, 2, OTTO), book(row, 2))
        assert postponed is POSTPONED
        assert seats_of([held, bought]) == [[3, 4], [1, 2]]
        assert isinstance(pick(hold(row, 2), wait=True)[0], Hold)

    def test_if_all_are_postponed_the_show_is_not_locked(
        self, row, pick, locked_customers, monkeypatch
    ):
        monkeypatch.delattr(MemorySeats, "lock_show")
        assert pick(hold(row, 2)) == [POSTPONED]

    def test_a_show_that_is_locked_for_long_postpones_all(self, row, transactions, monkeypatch):
        def lock_show(seats, show_id, *, wait):
            raise Locked

        monkeypatch.setattr(MemorySeats, "lock_show", lock_show)
        orders = [book(row, 1), book(row, 1, OTTO)]

        def work(work):
            assert pick_batch(work, orders, UNLIMITED, wait=False) == [POSTPONED, POSTPONED]
            with pytest.raises(Locked):
                pick_batch(work, orders[:1], UNLIMITED, wait=True)

        transactions(work)


COUNTS = st.integers(1, 4)
ORDERS = st.builds(Party, count=COUNTS, together=st.booleans()).flatmap(
    lambda party: st.sampled_from(
        [
            *(BookParty(ShowId(1), party, customer) for customer in (MARIA, OTTO)),
            *(HoldParty(ShowId(1), party, actor(customer)) for customer in (MARIA, OTTO)),
        ]
    )
)


def comparable(outcome):
    """Return the outcome without ids and references, which differ between two stores."""
    if isinstance(outcome, DomainError):
        return type(outcome), outcome.facts
    return type(outcome), outcome.seat_numbers


@settings(max_examples=30)
@given(st.lists(ORDERS, max_size=8))
def test_a_batch_has_the_outcomes_of_the_same_parties_one_by_one(drawn):
    together, apart = MemoryTransactions(Clock()), MemoryTransactions(Clock())
    policy = SalesPolicy(SALES_GRACE, per_account=6)

    def deciding(store):
        show = put_on(store, a_show(plan=plain_grid(14, 7)))
        orders = [replace(order, show_id=show.id) for order in drawn]

        def decide(places):
            chosen = [orders[place] for place in places]
            outcomes = store(lambda work: pick_batch(work, chosen, policy, wait=True))
            return dict(zip(places, outcomes, strict=True))

        return decide

    decide, decide_apart = deciding(together), deciding(apart)
    left = [*range(len(drawn))]
    while left:  # postponed orders come again with the next batch
        outcomes = decide(left)
        decided = [place for place in left if outcomes[place] is not POSTPONED]
        assert decided
        for place in decided:
            assert comparable(decide_apart([place])[place]) == comparable(outcomes[place])
        left = [place for place in left if outcomes[place] is POSTPONED]
