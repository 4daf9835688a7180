"""Requests with one Idempotency-Key that meet: one is done, the other waits for its answer."""

import pytest

from tests.builders import put_on, register
from tests.contracts.fixtures import ALL, Fixtures, booked
from tests.integration.sql.postgresql.database_faults import terminate
from tests.integration.sql.postgresql.network_proxy import proxy_to
from tests.integration.sql.postgresql.transaction_client import (
    COMMIT,
    HOLDING_SEATS,
    TransactionClient,
)
from ticketing.domain.errors import OutcomeUnknown
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import IdempotencyKeyReused, SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay


def answer_to(booking):
    return f"booking {booking.id} of {booking.reference}"


def asked(what="seat 1", key="key"):
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
        """And is about to commit."""
        wish = show.id, [1], customer, asked()
        first.start(first.sales.book_once, *wish, stopping_before=COMMIT)

    def test_the_second_waits_and_gets_the_answer_of_the_first(
        self, queries, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [1], customer, asked())
        booking = first.resume()
        assert second.waited
        assert second.result() == Replay(answer_to(booking))
        assert (first.attempts, second.attempts) == (1, 1)
        assert list(queries.sales.bookings(customer, None, ALL).items) == [booking]

    def test_another_request_with_the_key_waits_and_is_refused(
        self, queries, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [2], customer, asked("seat 2"))
        assert second.waited
        first.resume()
        assert isinstance(second.result(), IdempotencyKeyReused)
        assert booked(queries, show.id) == [1]

    def test_the_second_does_it_when_the_first_has_lost_its_connection(
        self, queries, admin, first, second, show, customer
    ):
        second.start(second.sales.book_once, show.id, [1], customer, asked())
        assert second.waited
        terminate(admin, "first")
        assert isinstance(second.result(), Booking)
        assert isinstance(first.resume(), OutcomeUnknown)
        assert booked(queries, show.id) == [1]

    def test_who_means_something_else_does_not_wait(
        self, transactions, first, second, show, customer
    ):
        """Another key, another account, another show: each is a key of its own."""
        for wish in (
            (show.id, [2], customer, asked(key="another")),
            (show.id, [3], register(transactions, "rival"), asked()),
            (put_on(transactions).id, [1], customer, asked()),
        ):
            assert isinstance(second.start(second.sales.book_once, *wish).result(), Booking)
        assert not second.waited
        assert isinstance(first.resume(), Booking)

    def test_neither_does_who_cancels(self, sales, first, second, show, customer, actor):
        booking = sales.book(show.id, [2], customer)
        second.start(second.sales.cancel_once, booking.id, actor, asked())
        assert not second.result().is_active
        assert not second.waited
        assert isinstance(first.resume(), Booking)


class TestAFirstThatIsRefused(Repeated):
    def test_the_second_is_judged_anew(self, sales, first, second, show, customer, actor):
        bought = sales.book(show.id, [1], customer)
        wish = show.id, [1], customer, asked()
        first.start(first.sales.book_once, *wish, stopping_before=HOLDING_SEATS)
        second.start(second.sales.book_once, *wish, stopping_before=HOLDING_SEATS)
        assert second.waited
        assert isinstance(first.resume(), SeatTaken)
        second.wait_until_stopped()
        sales.cancel(bought.id, actor)
        assert isinstance(second.resume(), Booking)


class TestTwoWhoCancel(Repeated):
    def test_the_second_waits_and_gets_the_answer_of_the_first(
        self, sales, clock, first, second, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        first.start(first.sales.cancel_once, booking.id, actor, asked(), stopping_before=COMMIT)
        clock.advance(minutes=1)
        second.start(second.sales.cancel_once, booking.id, actor, asked())
        cancelled = first.resume()
        assert second.waited
        assert second.result() == Replay(answer_to(cancelled))
        assert (first.attempts, second.attempts) == (1, 1)


class TestAnAnswerThatIsLost(Repeated):
    @pytest.mark.parametrize("heard", [False, True], ids=["nothing done", "done"])
    def test_the_client_that_asks_again_gets_one_booking(
        self, queries, postgresql_url, clock, show, customer, heard
    ):
        with proxy_to(postgresql_url) as proxy:
            proxy.cut_at(b"COMMIT", heard=heard)
            buyer = TransactionClient(proxy.url, "buyer", clock)
            wish = show.id, [1], customer, asked()
            assert isinstance(buyer.start(buyer.sales.book_once, *wish).result(), OutcomeUnknown)
            assert buyer.attempts == 1
            answer = buyer.start(buyer.sales.book_once, *wish).result()
            buyer.close()
        [booking] = queries.sales.bookings(customer, None, ALL).items
        assert answer == (Replay(answer_to(booking)) if heard else booking)
