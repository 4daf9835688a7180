"""Requests with one Idempotency-Key that meet: one is done, the other waits for its answer."""

import pytest

from tests.builders import put_on, register
from tests.contracts.stage import ALL, Stage, booked
from tests.integration.sql.postgresql.cable import cable_to
from tests.integration.sql.postgresql.person import COMMIT, HOLDING_SEATS, Person
from tests.integration.sql.postgresql.trouble import terminate
from ticketing.domain.errors import OutcomeUnknown
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import IdempotencyKeyReused, SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay


def answer_to(booking):
    return f"booking {booking.id} of {booking.reference}"


def asked(what="seat 1", key="key"):
    return Repeatable(key, what, answer_to)


class Repeated(Stage):
    @pytest.fixture
    def first(self, person):
        return person("first")

    @pytest.fixture
    def second(self, person):
        return person("second")


class TestTwoAtTheSameInstant(Repeated):
    @pytest.fixture(autouse=True)
    def first_has_done_it(self, first, show, customer):
        """And is about to commit."""
        wish = show.id, [1], customer, asked()
        first.does(first.sales.book_once, *wish, stopping_before=COMMIT)

    def test_the_second_waits_and_gets_the_answer_of_the_first(
        self, queries, first, second, show, customer
    ):
        second.does(second.sales.book_once, show.id, [1], customer, asked())
        booking = first.goes_on()
        assert second.waited
        assert second.is_told() == Replay(answer_to(booking))
        assert (first.attempts, second.attempts) == (1, 1)
        assert list(queries.sales.bookings(customer, None, ALL).items) == [booking]

    def test_another_request_with_the_key_waits_and_is_refused(
        self, queries, first, second, show, customer
    ):
        second.does(second.sales.book_once, show.id, [2], customer, asked("seat 2"))
        assert second.waited
        first.goes_on()
        assert isinstance(second.is_told(), IdempotencyKeyReused)
        assert booked(queries, show.id) == [1]

    def test_the_second_does_it_when_the_first_has_lost_its_connection(
        self, queries, admin, first, second, show, customer
    ):
        second.does(second.sales.book_once, show.id, [1], customer, asked())
        assert second.waited
        terminate(admin, "first")
        assert isinstance(second.is_told(), Booking)
        assert isinstance(first.goes_on(), OutcomeUnknown)
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
            assert isinstance(second.does(second.sales.book_once, *wish).is_told(), Booking)
        assert not second.waited
        assert isinstance(first.goes_on(), Booking)

    def test_neither_does_who_cancels(self, sales, first, second, show, customer, actor):
        booking = sales.book(show.id, [2], customer)
        second.does(second.sales.cancel_once, booking.id, actor, asked())
        assert not second.is_told().is_active
        assert not second.waited
        assert isinstance(first.goes_on(), Booking)


class TestAFirstThatIsRefused(Repeated):
    def test_the_second_is_judged_anew(self, sales, first, second, show, customer, actor):
        bought = sales.book(show.id, [1], customer)
        wish = show.id, [1], customer, asked()
        first.does(first.sales.book_once, *wish, stopping_before=HOLDING_SEATS)
        second.does(second.sales.book_once, *wish, stopping_before=HOLDING_SEATS)
        assert second.waited
        assert isinstance(first.goes_on(), SeatTaken)
        second.stops()
        sales.cancel(bought.id, actor)
        assert isinstance(second.goes_on(), Booking)


class TestTwoWhoCancel(Repeated):
    def test_the_second_waits_and_gets_the_answer_of_the_first(
        self, sales, clock, first, second, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        first.does(first.sales.cancel_once, booking.id, actor, asked(), stopping_before=COMMIT)
        clock.advance(minutes=1)
        second.does(second.sales.cancel_once, booking.id, actor, asked())
        cancelled = first.goes_on()
        assert second.waited
        assert second.is_told() == Replay(answer_to(cancelled))
        assert (first.attempts, second.attempts) == (1, 1)


class TestAnAnswerThatIsLost(Repeated):
    @pytest.mark.parametrize("heard", [False, True], ids=["nothing done", "done"])
    def test_the_client_that_asks_again_gets_one_booking(
        self, queries, postgresql_url, clock, show, customer, heard
    ):
        with cable_to(postgresql_url) as cable:
            cable.cut_at(b"COMMIT", heard=heard)
            buyer = Person(cable.url, "buyer", clock)
            wish = show.id, [1], customer, asked()
            assert isinstance(buyer.does(buyer.sales.book_once, *wish).is_told(), OutcomeUnknown)
            assert buyer.attempts == 1
            answer = buyer.does(buyer.sales.book_once, *wish).is_told()
            buyer.leaves()
        [booking] = queries.sales.bookings(customer, None, ALL).items
        assert answer == (Replay(answer_to(booking)) if heard else booking)
