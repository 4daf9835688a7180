"""Pickers of best available seats, sales by name and show changes meet at one show."""

import pytest

from tests.builders import SALES_GRACE, a_show, put_on, register
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import COMMIT, SELLING, holding_seat
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.errors import Busy
from ticketing.domain.programme.errors import ShowHasBookings, ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.best_available.party_orders import BookParty
from ticketing.domain.sales.best_available.picking import pick_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import NoSeats, SalesClosed, SeatLimit, SeatTaken
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

SEATS = 160
REPEATS = 30
LOCKING_PICKS = "EXECUTE ticketing_lock_free"
CANCELLED = ShowDraft(cancelled=True)
UNLIMITED = SalesPolicy(SALES_GRACE)
LIMITED = SalesPolicy(SALES_GRACE, per_account=2)
ONE, PAIR = Party(count=1), Party(count=2)


class Pickers(Fixtures):
    @pytest.fixture
    def show(self, transactions):
        """One row of six seats, of which a pair gets 3 and 4."""
        return put_on(transactions, a_show(plan=plain_grid(6)))

    @pytest.fixture
    def other_customer(self, transactions):
        return register(transactions, "other_customer")

    @pytest.fixture
    def picker(self, client):
        def picker(name, policy=UNLIMITED):
            made = client(name)
            made.best = BestAvailableService(made.transactions, policy)
            return made

        return picker

    @pytest.fixture
    def attempt(self, transactions):
        """Try once to serve parties, without waiting for locks."""

        def attempt(*orders):
            return transactions(lambda work: pick_batch(work, orders, UNLIMITED, wait=False))

        return attempt


class TestSalesByName(Pickers):
    def test_a_seat_sold_after_the_room_was_read_is_not_sold_again(
        self, queries, picker, client, show, customer, other_customer
    ):
        first, second = picker("picker"), client("buyer")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=LOCKING_PICKS)
        second.start(second.sales.book, show.id, [3], other_customer)
        assert second.result().seat_numbers == [3]
        assert first.resume().seat_numbers == [1, 2]
        assert booked(queries, show.id) == [1, 2, 3]

    def test_a_seat_that_is_being_sold_is_not_waited_for(
        self, queries, picker, client, show, customer, other_customer
    ):
        first, second = client("buyer"), picker("picker")
        first.start(first.sales.book, show.id, [3], other_customer, stopping_before=COMMIT)
        second.start(second.best.book, show.id, PAIR, customer)
        assert second.result().seat_numbers == [1, 2]
        assert not second.waited
        assert first.resume().id
        assert booked(queries, show.id) == [1, 2, 3]

    def test_they_do_not_wait_for_a_picker(
        self, queries, picker, client, show, customer, other_customer
    ):
        first, second = picker("picker"), client("buyer")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=COMMIT)
        second.start(second.sales.book, show.id, [1], other_customer)
        assert second.result().seat_numbers == [1]
        assert not second.waited
        picked = first.resume().seat_numbers
        if not first.rejected:  # SERIALIZABLE may reject it, so that it picks again
            assert picked == [3, 4]
        assert booked(queries, show.id) == [1, *picked]

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_they_wait_for_a_seat_that_was_picked(
        self, queries, picker, client, show, customer, other_customer, half_way
    ):
        first, second = picker("picker"), client("buyer")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=half_way)
        second.start(second.sales.book, show.id, [3], other_customer)
        assert second.waited
        assert first.resume().seat_numbers == [3, 4]
        assert isinstance(second.result(), SeatTaken)
        assert booked(queries, show.id) == [3, 4]

    def test_seats_that_others_have_locked_are_no_reason_to_refuse(
        self, transactions, postgresql_url, attempt, show, customer
    ):
        orders = [BookParty(show.id, Party(count=count), customer) for count in (6, 7)]
        with holding_seat(postgresql_url, show.id, 2):
            postponed, refused = attempt(*orders)
        assert postponed is POSTPONED
        assert isinstance(refused, NoSeats)
        assert refused.facts == {"available": 6, "held": 0, "largest_block": 6}
        best = BestAvailableService(transactions, UNLIMITED)
        assert isinstance(best.book(show.id, Party(count=6), customer), Booking)


class TestOtherPickers(Pickers):
    @pytest.mark.parametrize("half_way", [LOCKING_PICKS, SELLING, COMMIT])
    def test_the_second_picks_from_what_the_first_left(
        self, queries, picker, show, customer, other_customer, half_way
    ):
        first, second = picker("first"), picker("second")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=half_way)
        second.start(second.best.book, show.id, PAIR, other_customer)
        assert second.waited
        assert first.resume().seat_numbers == [3, 4]
        assert second.result().seat_numbers == [1, 2]
        assert booked(queries, show.id) == [1, 2, 3, 4]

    def test_pickers_of_other_shows_do_not_wait(
        self, transactions, picker, show, customer, other_customer
    ):
        first, second = picker("first"), picker("second")
        other = put_on(transactions)
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=COMMIT)
        second.start(second.best.book, other.id, PAIR, other_customer)
        assert second.result().id
        assert not second.waited
        assert first.resume().id

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_the_seats_of_an_account_are_counted_in_turn(
        self, queries, picker, show, customer, half_way
    ):
        first, second = picker("first", LIMITED), picker("second", LIMITED)
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=half_way)
        second.start(second.best.book, show.id, ONE, customer)
        assert first.resume().seat_numbers == [3, 4]
        refused = second.result()
        assert isinstance(refused, SeatLimit)
        assert refused.facts == {"limit": 2, "held": 2}

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_so_are_those_that_it_books_by_name(self, queries, picker, show, customer, half_way):
        first, second = picker("first", LIMITED), picker("second", LIMITED)
        first.sales = BookingService(first.transactions, LIMITED)
        first.start(first.sales.book, show.id, [1, 6], customer, stopping_before=half_way)
        second.start(second.best.book, show.id, ONE, customer)
        assert first.resume().id
        assert isinstance(second.result(), SeatLimit)
        assert booked(queries, show.id) == [1, 6]


def test_all_who_come_at_once_get_seats_while_there_are_any(transactions, opening, queries, clock):
    """160 customers of two servers, in a room of as many seats."""
    show = put_on(transactions, a_show(plan=plain_grid(SEATS)))
    buyers = [register(transactions, f"buyer-{turn}") for turn in range(SEATS)]
    servers = [
        BestAvailableService(SqlTransactions(opening(pool_size=8), clock), UNLIMITED)
        for _ in range(2)
    ]

    def come(turn):
        buyer, best = buyers[turn], servers[turn % 2]
        order = best.book if turn % 4 < 2 else best.hold
        who = buyer if turn % 4 < 2 else Actor(buyer, Role.CUSTOMER)
        for _ in range(REPEATS):  # as a client repeats a 503 after its Retry-After
            try:
                return order(show.id, ONE, who)
            except Busy:
                pass
        return None

    answers = all_at_once(come, range(SEATS))
    taken = [number for answer in answers for number in answer.seat_numbers]
    assert sorted(taken) == [*show.plan.numbers]
    assert len(booked(queries, show.id)) == SEATS // 2


class TestShowChanges(Pickers):
    @pytest.fixture
    def staff(self, client):
        return client("staff")

    @pytest.mark.parametrize("half_way", [LOCKING_PICKS, SELLING, COMMIT])
    def test_a_show_is_cancelled_with_what_was_picked(
        self, queries, picker, staff, show, customer, half_way
    ):
        first = picker("picker")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=half_way)
        staff.start(staff.programme.change_show, show.id, CANCELLED)
        assert staff.waited
        booking = first.resume()
        staff.result()
        assert not queries.sales.booking(booking.id).is_active
        assert booked(queries, show.id) == []

    def test_nothing_is_picked_in_a_cancelled_show(self, queries, picker, staff, show, customer):
        first = picker("picker")
        staff.start(staff.programme.change_show, show.id, CANCELLED, stopping_before=COMMIT)
        first.start(first.best.book, show.id, PAIR, customer)
        assert first.waited
        staff.resume()
        assert isinstance(first.result(), SalesClosed)
        assert booked(queries, show.id) == []

    @pytest.mark.parametrize("half_way", [LOCKING_PICKS, SELLING, COMMIT])
    def test_a_show_is_not_deleted_with_what_was_picked(
        self, queries, picker, staff, show, customer, half_way
    ):
        first = picker("picker")
        first.start(first.best.book, show.id, PAIR, customer, stopping_before=half_way)
        staff.start(staff.programme.remove_show, show.id)
        assert staff.waited
        assert first.resume().id
        assert isinstance(staff.result(), ShowHasBookings)
        assert booked(queries, show.id) == [3, 4]

    def test_nothing_is_picked_in_a_deleted_show(self, picker, staff, show, customer):
        first = picker("picker")
        staff.start(staff.programme.remove_show, show.id, stopping_before=COMMIT)
        first.start(first.best.book, show.id, PAIR, customer)
        assert first.waited
        staff.resume()
        assert isinstance(first.result(), ShowNotFound)
