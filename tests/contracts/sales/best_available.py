"""Best available: what it reads and locks, and parties that come at once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import SALES_GRACE, a_hold, a_show, put_on, register
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import NoSeats, SeatLimit
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy

PAIR = Party(count=2)


class BestAvailableContract(Fixtures):
    @pytest.fixture
    def best(self, transactions):
        return BestAvailableService(transactions, SalesPolicy(SALES_GRACE, per_account=6))

    @pytest.fixture
    def open_seats(self, transactions):
        return lambda show: transactions(lambda uow: uow.seats.open_seats(show.id))

    def test_the_open_seats_are_free_or_held(
        self, transactions, sales, open_seats, clock, show, customer
    ):
        sales.book(show.id, [1, 2], customer)
        blocked = {show.plan.seat(3).number}
        hold = a_hold(show, [4, 5], customer=customer, created_at=clock.now)

        def work(uow):
            uow.shows.lock(show.id)
            uow.seats.block(show.id, blocked)
            uow.holds.add_all([hold])

        transactions(work)
        found = open_seats(show)
        assert found.show == show
        assert (found.free, found.held) == ({*range(6, 51)}, {4, 5})
        clock.now = hold.expires_at
        found = open_seats(show)
        assert (found.free, found.held) == ({*range(4, 51)}, set())

    def test_a_show_that_does_not_exist_has_none(self, transactions):
        with pytest.raises(ShowNotFound):
            transactions(lambda uow: uow.seats.open_seats(ShowId(987_654)))

    def test_customers_are_locked_with_the_number_of_their_seats(
        self, transactions, sales, best, clock, show, customer, actor
    ):
        other, stranger = register(transactions, "other"), AccountId(987_654)
        booking = sales.book(show.id, [1], customer)
        sales.book(show.id, [2, 3], customer)
        sales.cancel(show.id, booking.id, actor)
        held = best.hold(show.id, PAIR, Actor(other, Role.CUSTOMER))
        sales.book(put_on(transactions, show).id, [1], customer)

        def owned(wait):
            customers = [customer, other, stranger]
            return transactions(lambda uow: uow.seats.lock_customers(show.id, customers, wait=wait))

        assert owned(wait=False) == owned(wait=True) == {customer: 2, other: 2, stranger: 0}
        clock.now = held.expires_at
        assert owned(wait=False) == {customer: 2, other: 0, stranger: 0}

    def test_picked_seats_are_read_as_they_are(self, transactions, sales, show, customer):
        booking = sales.book(show.id, [2], customer)

        def work(uow):
            uow.seats.lock_show(show.id, wait=False)
            return uow.seats.lock_picked(show.id, [3, 2])

        found, seats, _ = transactions(work)
        assert found == show
        assert [(seat.seat.number, seat.booking_id) for seat in seats] == [
            (2, booking.id), (3, None),
        ]  # fmt: skip

    def test_parties_book_and_hold_what_is_left(self, transactions, queries, best, customer, actor):
        show = put_on(transactions, a_show(plan=plain_grid(6)))
        held = best.hold(show.id, PAIR, actor)
        bought = best.book(show.id, PAIR, customer)
        assert (held.seat_numbers, bought.seat_numbers) == ([3, 4], [1, 2])
        assert queries.sales.booking(bought.id) == bought
        assert transactions(lambda uow: uow.holds.get(held.id)) == held
        with pytest.raises(NoSeats) as none:
            best.book(show.id, Party(count=3), register(transactions, "other"))
        assert none.value.facts == {"available": 2, "held": 2, "largest_block": 2}
        with pytest.raises(SeatLimit) as limit:
            best.book(put_on(transactions).id, Party(count=7), customer)
        assert limit.value.facts == {"limit": 6, "held": 0}

    def test_seats_of_an_expired_hold_are_given_to_others(
        self, transactions, queries, best, clock, customer, actor
    ):
        show = put_on(transactions, a_show(plan=plain_grid(2)))
        held = best.hold(show.id, PAIR, actor)
        with pytest.raises(NoSeats):
            best.book(show.id, PAIR, register(transactions, "early"))
        clock.now = held.expires_at
        other = register(transactions, "other")
        again = best.hold(show.id, PAIR, Actor(other, Role.CUSTOMER))
        assert again.seat_numbers == held.seat_numbers
        clock.advance(minutes=10)
        assert best.book(show.id, PAIR, customer)
        assert booked(queries, show.id) == [1, 2]

    def test_a_repeated_request_gets_the_same_seats(self, best, queries, show, customer, actor):
        request: Repeatable[Any] = Repeatable(
            "key", "the same", lambda result: f"{result.seat_numbers}"
        )
        booking = best.book(show.id, PAIR, customer, request)
        hold = best.hold(show.id, PAIR, actor, request)
        assert best.book(show.id, PAIR, customer, request) == Replay(f"{booking.seat_numbers}")
        assert best.hold(show.id, PAIR, actor, request) == Replay(f"{hold.seat_numbers}")
        assert booked(queries, show.id) == booking.seat_numbers

    def test_all_who_come_at_once_get_seats_while_there_are_any(
        self, transactions, best, queries, clock
    ):
        """Twelve book and twelve hold, in a room of 24 pairs."""
        show = put_on(transactions, a_show(plan=plain_grid(48, 8)))
        buyers = [register(transactions, f"buyer-{turn}") for turn in range(24)]

        def come(buyer):
            if buyer % 2:
                return best.book(show.id, PAIR, buyer)
            return best.hold(show.id, PAIR, Actor(buyer, Role.CUSTOMER))

        answers = all_at_once(come, buyers)
        assert {type(answer) for answer in answers} == {Booking, Hold}
        taken = [number for answer in answers for number in answer.seat_numbers]
        assert sorted(taken) == [*show.plan.numbers]
        room = transactions(lambda uow: uow.seats.open_seats(show.id))
        assert (room.free, len(room.held)) == (set(), 24)
        clock.now += timedelta(minutes=10)
        assert len(transactions(lambda uow: uow.seats.open_seats(show.id)).free) == 24
