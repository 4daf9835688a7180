"""Repeated requests with an idempotency key."""

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
from ticketing.domain.sales.idempotency import RETENTION, KeptAnswer, Repeatable, Replay, RequestKey


def request(key="k", fingerprint="seat 1"):
    return Repeatable(
        key, fingerprint, lambda booking: f"booking {booking.id} at {booking.created_at}"
    )


def replayed(booking):
    return Replay(request().render(booking))


class IdempotencyContract(Fixtures):
    def test_a_repeated_request_gets_the_stored_response_and_sells_nothing(
        self, sales, queries, clock, show, customer
    ):
        booking = sales.book_once(show.id, [1], customer, request())
        clock.advance(hours=1)
        assert sales.book_once(show.id, [1], customer, request()) == replayed(booking)
        assert booked(queries, show.id) == [1]

    def test_a_stored_response_outlives_its_booking(self, sales, queries, show, customer, actor):
        booking = sales.book_once(show.id, [1], customer, request())
        sales.cancel(booking.show.id, booking.id, actor)
        assert sales.book_once(show.id, [1], customer, request()) == replayed(booking)
        assert booked(queries, show.id) == []

    def test_a_key_cannot_be_reused_for_another_request(self, sales, queries, show, customer):
        sales.book_once(show.id, [1], customer, request())
        with pytest.raises(IdempotencyKeyReused):
            sales.book_once(show.id, ["no seat"], customer, request(fingerprint="seat 2"))
        assert booked(queries, show.id) == [1]

    def test_a_refusal_is_not_stored(self, transactions, sales, show, customer, actor):
        other_customer = register(transactions, "other_customer")
        theirs = sales.book(show.id, [1], other_customer)
        with pytest.raises(SeatTaken):
            sales.book_once(show.id, [1], customer, request())
        sales.cancel(theirs.show.id, theirs.id, Actor(other_customer, Role.CUSTOMER))
        other = request(fingerprint="seats 1 and 2")
        assert len(sales.book_once(show.id, [1, 2], customer, other).seats) == 2

    def test_a_key_belongs_to_its_account_show_and_operation(
        self, transactions, sales, show, customer, actor
    ):
        other_show = put_on(transactions, show)
        other_customer = register(transactions, "other_customer")
        first = sales.book_once(show.id, [1], customer, request())
        others = [
            sales.book_once(show.id, [2], other_customer, request(fingerprint="seat 2")),
            sales.book_once(other_show.id, [3], customer, request(fingerprint="seat 3")),
            sales.book_once(show.id, [4], customer, request("K", "seat 4")),
            sales.cancel_once(show.id, first.id, actor, request(fingerprint="nothing")),
        ]
        assert not any(isinstance(other, Replay) for other in others)

    def test_an_unknown_show_is_reported_before_the_key(self, sales, customer):
        with pytest.raises(ShowNotFound):
            sales.book_once(ShowId(987_654), [1], customer, request())

    def test_a_repeated_cancellation_gets_the_stored_response(
        self, sales, queries, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        cancelled = sales.cancel_once(show.id, booking.id, actor, request())
        assert cancelled == replace(booking, cancelled_at=cancelled.cancelled_at)
        sales.book(show.id, [1], customer)
        assert sales.cancel_once(show.id, booking.id, actor, request()) == replayed(cancelled)
        assert booked(queries, show.id) == [1]

    def test_each_booking_has_its_own_keys_for_cancellations(self, sales, show, customer, actor):
        first, second = (sales.book(show.id, [seat], customer) for seat in (1, 2))
        assert not sales.cancel_once(show.id, first.id, actor, request()).is_active
        assert not sales.cancel_once(
            second.show.id, second.id, actor, request(fingerprint="else")
        ).is_active

    def test_a_key_does_not_reveal_another_customers_cancellation(
        self, transactions, sales, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        sales.cancel_once(show.id, booking.id, actor, request())
        other_customer = Actor(register(transactions, "other_customer"), Role.CUSTOMER)
        with pytest.raises(Forbidden):
            sales.cancel_once(show.id, booking.id, other_customer, request())

    def test_one_of_twenty_identical_concurrent_requests_sells(
        self, sales, queries, show, customer
    ):
        def ask(_):
            return sales.book_once(show.id, [1], customer, request())

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(ask, range(20)))
        [booking] = [answer for answer in answers if not isinstance(answer, Replay)]
        assert answers.count(replayed(booking)) == 19
        assert booked(queries, show.id) == [1]

    def test_the_keys_of_an_operation_are_counted(self, transactions, show, customer, clock):
        def key(key, operation="cancel 7", account_id=customer, show_id=show.id):
            return RequestKey(show_id, account_id, operation, key)

        def claim(*keys):
            transactions(lambda uow: uow.idempotency_keys.claim(dict.fromkeys(keys, "the same")))

        claim(key("old"))
        clock.advance(hours=1)
        first = clock.now
        others = key("a", "cancel 77"), key("a", show_id=ShowId(show.id + 1))
        claim(key("a"), key("b", account_id=customer + 1), *others)
        clock.advance(hours=1)

        def work(uow):
            last = key("c")
            uow.idempotency_keys.claim({last: "the same"})
            return uow.idempotency_keys.used(last, after=first - timedelta(hours=1))

        assert transactions(work) == (3, first)

    def test_a_key_without_an_answer_is_kept(self, transactions, show, customer):
        key = RequestKey(show.id, customer, "cancel 7", "k")
        kept = [
            transactions(lambda uow: uow.idempotency_keys.claim({key: "the same"}))
            for _ in range(2)
        ]
        assert kept == [{}, {key: KeptAnswer("the same", None)}]

    def test_stored_responses_are_purged_after_a_day(
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
