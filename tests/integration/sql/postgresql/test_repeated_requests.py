"""Concurrent requests with one Idempotency-Key: one is executed, the other waits."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import SALES_GRACE, put_on, register
from tests.contracts.fixtures import ALL, Fixtures, booked
from tests.integration.sql.postgresql.database_faults import terminate
from tests.integration.sql.postgresql.network_proxy import proxy_to
from tests.integration.sql.postgresql.transaction_client import (
    COMMIT,
    HOLDING_SEATS,
    TransactionClient,
)
from ticketing.domain.errors import DomainError, OutcomeUnknown
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import IdempotencyKeyReused, SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy


def answer_to(booking):
    return f"booking {booking.id} of {booking.reference}"


def request(what="seat 1", key="key"):
    return Repeatable(key, what, answer_to)


class Repeated(Fixtures):
    @pytest.fixture
    def first(self, client):
        return client("first")

    @pytest.fixture
    def second(self, client):
        return client("second")


class TestTwoAtTheSameInstant(Repeated):
    @pytest.fixture(autouse=True)
    def first_has_done_it(self, first, show, customer):
        """The first request is about to commit."""
        order = show.id, [1], customer, request()
        first.start(first.sales.book_once, *order, stopping_before=COMMIT)

    def test_the_second_waits_and_gets_the_response_to_the_first(
        self, queries, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [1], customer, request())
        booking = first.resume()
        assert second.waited
        assert second.result() == Replay(answer_to(booking))
        assert first.attempts == 1
        assert second.attempts <= 2  # a batch waits 50 ms for a key, a single sale 2 s
        assert list(queries.sales.bookings(customer, None, ALL).items) == [booking]

    def test_another_request_with_the_key_waits_and_is_refused(
        self, queries, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [2], customer, request("seat 2"))
        assert second.waited
        first.resume()
        assert isinstance(second.result(), IdempotencyKeyReused)
        assert booked(queries, show.id) == [1]

    def test_the_second_is_executed_if_the_first_loses_its_connection(
        self, queries, admin, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [1], customer, request())
        assert second.waited
        terminate(admin, "first")
        assert isinstance(second.result(), Booking)
        assert isinstance(first.resume(), OutcomeUnknown)
        assert booked(queries, show.id) == [1]

    def test_a_request_with_another_key_does_not_wait(
        self, transactions, first, second, show, customer
    ):
        """Another key, account or show is another row."""
        for order in (
            (show.id, [2], customer, request(key="another")),
            (show.id, [3], register(transactions, "other_customer"), request()),
            (put_on(transactions).id, [1], customer, request()),
        ):
            assert isinstance(second.start(second.sales.book_once, *order).result(), Booking)
        assert not second.waited
        assert isinstance(first.resume(), Booking)

    def test_a_cancellation_with_the_key_does_not_wait(
        self, sales, first, second, show, customer, actor
    ):
        booking = sales.book(show.id, [2], customer)
        second.start(second.sales.cancel_once, booking.show.id, booking.id, actor, request())
        assert not second.result().is_active
        assert not second.waited
        assert isinstance(first.resume(), Booking)


class TestAFirstThatIsRefused(Repeated):
    def test_the_second_is_executed(self, sales, first, second, show, customer, actor):
        bought = sales.book(show.id, [1], customer)
        order = show.id, [1], customer, request()
        first.start(first.sales.book_once, *order, stopping_before=HOLDING_SEATS)
        second.start(second.sales.book_once, *order, stopping_before=HOLDING_SEATS)
        assert second.waited
        assert isinstance(first.resume(), SeatTaken)
        second.wait_until_stopped()
        assert isinstance(second.resume(), SeatTaken)
        sales.cancel(bought.show.id, bought.id, actor)
        assert isinstance(sales.book_once(*order), Booking)


class TestTwoCancellations(Repeated):
    def test_the_second_waits_and_gets_the_response_to_the_first(
        self, sales, clock, first, second, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        first.start(
            first.sales.cancel_once,
            booking.show.id,
            booking.id,
            actor,
            request(),
            stopping_before=COMMIT,
        )
        clock.advance(minutes=1)
        second.start(second.sales.cancel_once, booking.show.id, booking.id, actor, request())
        cancelled = first.resume()
        assert second.waited
        assert second.result() == Replay(answer_to(cancelled))
        assert (first.attempts, second.attempts) == (1, 1)


class TestALostResponse(Repeated):
    @pytest.mark.parametrize("heard", [False, True], ids=["nothing done", "done"])
    def test_a_client_that_retries_gets_one_booking(
        self, queries, postgresql_url, clock, show, customer, heard
    ):
        with proxy_to(postgresql_url) as proxy:
            proxy.cut_at(b"COMMIT", heard=heard)
            buyer = TransactionClient(proxy.url, "buyer", clock)
            order = show.id, [1], customer, request()
            assert isinstance(buyer.start(buyer.sales.book_once, *order).result(), OutcomeUnknown)
            assert buyer.attempts == 1
            answer = buyer.start(buyer.sales.book_once, *order).result()
            buyer.close()
        [booking] = queries.sales.bookings(customer, None, ALL).items
        assert answer == (Replay(answer_to(booking)) if heard else booking)


class TestRefusedRequests(Repeated):
    def test_they_leave_no_row(self, transactions, admin, sales, show, customer, actor, clock):
        limited = BookingService(transactions, SalesPolicy(SALES_GRACE, per_account=2))
        sales.book(show.id, [1], register(transactions, "other_customer"))
        closed = put_on(transactions, replace(show, starts_at=clock.now - 2 * SALES_GRACE))
        orders: list[tuple[ShowId, list[Any]]] = [
            (show.id, [1]),
            (show.id, [2, 3, 4]),
            (show.id, ["Z99"]),
            (closed.id, [1]),
        ]
        for number, (show_id, seats) in enumerate(orders):
            with pytest.raises(DomainError):
                limited.book_once(show_id, seats, customer, request(key=f"{number}"))
        for table in ("idempotency_keys", "show_customers"):
            admin.execute(f"SELECT * FROM {table}")
            assert admin.fetchall() == []
