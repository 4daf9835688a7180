"""What every store promises of requests that may come again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import put_on, register
from tests.contracts.fixtures import Fixtures, booked
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.errors import Forbidden
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import IdempotencyKeyReused, SeatTaken
from ticketing.domain.sales.idempotency import RETENTION, Repeatable, Replay


def request(key="k", asked="seat 1"):
    return Repeatable(key, asked, lambda booking: f"booking {booking.id} at {booking.created_at}")


def replayed(booking):
    return Replay(request().render(booking))


class IdempotencyContract(Fixtures):
    def test_a_repeat_is_answered_alike_and_sells_nothing(
        self, sales, queries, clock, show, customer
    ):
        booking = sales.book_once(show.id, [1], customer, request())
        clock.advance(hours=1)
        assert sales.book_once(show.id, [1], customer, request()) == replayed(booking)
        assert booked(queries, show.id) == [1]

    def test_an_answer_outlives_what_it_was_about(self, sales, queries, show, customer, actor):
        booking = sales.book_once(show.id, [1], customer, request())
        sales.cancel(booking.id, actor)
        assert sales.book_once(show.id, [1], customer, request()) == replayed(booking)
        assert booked(queries, show.id) == []

    def test_a_key_is_not_for_something_else(self, sales, queries, show, customer):
        sales.book_once(show.id, [1], customer, request())
        with pytest.raises(IdempotencyKeyReused):
            sales.book_once(show.id, ["no seat"], customer, request(asked="seat 2"))
        assert booked(queries, show.id) == [1]

    def test_a_refusal_is_not_kept(self, transactions, sales, show, customer, actor):
        rival = register(transactions, "rival")
        theirs = sales.book(show.id, [1], rival)
        with pytest.raises(SeatTaken):
            sales.book_once(show.id, [1], customer, request())
        sales.cancel(theirs.id, Actor(rival, Role.CUSTOMER))
        other = request(asked="seats 1 and 2")
        assert len(sales.book_once(show.id, [1, 2], customer, other).seats) == 2

    def test_a_key_belongs_to_its_user_its_show_and_its_operation(
        self, transactions, sales, show, customer, actor
    ):
        other_show = put_on(transactions, show)
        neighbour = register(transactions, "neighbour")
        first = sales.book_once(show.id, [1], customer, request())
        others = [
            sales.book_once(show.id, [2], neighbour, request(asked="seat 2")),
            sales.book_once(other_show.id, [3], customer, request(asked="seat 3")),
            sales.book_once(show.id, [4], customer, request("K", "seat 4")),
            sales.cancel_once(first.id, actor, request(asked="nothing")),
        ]
        assert not any(isinstance(other, Replay) for other in others)

    def test_an_unknown_show_comes_before_a_key(self, sales, customer):
        with pytest.raises(ShowNotFound):
            sales.book_once(ShowId(987_654), [1], customer, request())

    def test_a_cancellation_is_repeated_likewise(self, sales, queries, show, customer, actor):
        booking = sales.book(show.id, [1], customer)
        cancelled = sales.cancel_once(booking.id, actor, request())
        assert cancelled == replace(booking, cancelled_at=cancelled.cancelled_at)
        sales.book(show.id, [1], customer)
        assert sales.cancel_once(booking.id, actor, request()) == replayed(cancelled)
        assert booked(queries, show.id) == [1]

    def test_bookings_of_one_show_have_keys_of_their_own(self, sales, show, customer, actor):
        first, second = (sales.book(show.id, [seat], customer) for seat in (1, 2))
        assert not sales.cancel_once(first.id, actor, request()).is_active
        assert not sales.cancel_once(second.id, actor, request(asked="else")).is_active

    def test_nobody_is_answered_with_somebody_elses_cancellation(
        self, transactions, sales, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        sales.cancel_once(booking.id, actor, request())
        stranger = Actor(register(transactions, "stranger"), Role.CUSTOMER)
        with pytest.raises(Forbidden):
            sales.cancel_once(booking.id, stranger, request())

    def test_of_twenty_equal_requests_at_once_one_sells(self, sales, queries, show, customer):
        def ask(_):
            return sales.book_once(show.id, [1], customer, request())

        with ThreadPoolExecutor(20) as crowd:
            answers = list(crowd.map(ask, range(20)))
        [booking] = [answer for answer in answers if not isinstance(answer, Replay)]
        assert answers.count(replayed(booking)) == 19
        assert booked(queries, show.id) == [1]

    def test_answers_are_kept_for_a_day_and_then_forgotten(
        self, transactions, sales, clock, show, customer
    ):
        others = put_on(transactions, replace(show, starts_at=show.starts_at + timedelta(days=9)))
        sales.book_once(show.id, [1], customer, request())
        sales.book_once(others.id, [1], customer, request())
        clock.advance(hours=24, minutes=1)
        later = sales.book_once(others.id, [2], customer, request("later"))
        sales.purge_answers()
        assert isinstance(sales.book_once(others.id, [1], customer, request()), Replay)

        clock.now += RETENTION - timedelta(hours=24)
        sales.purge_answers()
        with pytest.raises(SeatTaken):
            sales.book_once(others.id, [1], customer, request())
        assert sales.book_once(others.id, [2], customer, request("later")) == replayed(later)
