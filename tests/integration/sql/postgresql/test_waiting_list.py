"""Two transactions that meet at a waiting list: a seat that came free is given once, in order."""

from datetime import timedelta

import pytest

from tests.builders import SALES_GRACE, a_show, put_on, register
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.database_faults import terminate, watch
from tests.integration.sql.postgresql.transaction_client import (
    COMMIT,
    HOLDING,
    JOINING,
    SAVING,
    SAVING_ENTRIES,
    SELLING,
    holding_seat,
)
from ticketing.adapters.sql.open import sql_queries
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import HoldExpired, SeatHeld
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.entry import EntryStatus
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService

CANCELLED = ShowDraft(cancelled=True)
WAITING, OFFERED, ACCEPTED = EntryStatus.WAITING, EntryStatus.OFFERED, EntryStatus.ACCEPTED
DECLINED, EXPIRED, CLOSED = EntryStatus.DECLINED, EntryStatus.EXPIRED, EntryStatus.CLOSED


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Only the default isolation: a stricter one would refuse what the locks have to prevent."""
    return postgresql


class ASoldOutShow(Fixtures):
    """It has two seats. Maria and then Otto wait for one of them; a rival wants it, too."""

    @pytest.fixture
    def show(self, transactions, sales, customer):
        show = put_on(transactions, a_show(plan=plain_grid(2)))
        for number in (1, 2):
            sales.book(show.id, [number], customer)
        return show

    @pytest.fixture
    def free(self, queries, sales, show, actor):
        """Cancel the booking of seat 1."""

        def free():
            sales.cancel(show.id, queries.sales.sold_seats(show.id)[1], actor)

        return free

    @pytest.fixture
    def maria(self, transactions):
        return Actor(register(transactions, "maria"), Role.CUSTOMER)

    @pytest.fixture
    def otto(self, transactions):
        return Actor(register(transactions, "otto"), Role.CUSTOMER)

    @pytest.fixture
    def rival(self, transactions):
        return register(transactions, "rival")

    @pytest.fixture
    def waiting_list(self, transactions):
        return WaitingListService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def holds(self, transactions):
        return HoldService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def offers(self, transactions, queries):
        return OfferService(transactions, queries.waiting_list)

    @pytest.fixture
    def marias(self, show, maria, waiting_list):
        """Her entry."""
        return waiting_list.join(show.id, 1, True, maria)

    @pytest.fixture
    def ottos(self, show, otto, marias, waiting_list):
        """His entry."""
        return waiting_list.join(show.id, 1, True, otto)

    @pytest.fixture
    def stored(self, queries):
        return lambda entry: queries.waiting_list.entry(entry.id).entry

    @pytest.fixture
    def status(self, stored, clock):
        return lambda *entries: [stored(entry).status(clock.now) for entry in entries]

    @pytest.fixture
    def carried(self, transactions, show):
        """Return the hold that seat 1 carries."""

        def carried():
            seat = transactions(lambda uow: uow.seats.room(show.id)).seats[0]
            return seat.hold and seat.hold.id

        return carried

    @pytest.fixture
    def first(self, client):
        return client("first")

    @pytest.fixture
    def second(self, client):
        return client("second")


class TestOfferAndSale(ASoldOutShow):
    """A task that is late: others may have the seat."""

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_a_seat_that_is_being_sold_is_not_offered(
        self, first, second, queries, show, marias, rival, free, clock, status, half_way
    ):
        free()
        clock.advance(seconds=5)
        first.start(first.sales.book, show.id, [1], rival, stopping_before=half_way)
        second.start(second.offers.serve_all)
        assert isinstance(first.resume(), Booking)
        second.result()
        assert status(marias) == [WAITING]
        assert booked(queries, show.id) == [1, 2]
        assert queries.sales.live_holds() == 0

    @pytest.mark.parametrize("half_way", [HOLDING, SAVING_ENTRIES, COMMIT])
    def test_a_seat_that_is_being_offered_is_not_sold(
        self, first, second, show, marias, rival, free, clock, stored, half_way
    ):
        free()
        clock.advance(seconds=5)
        first.start(first.offers.serve_all, stopping_before=half_way)
        second.start(second.sales.book, show.id, [1], rival)
        first.resume()
        assert second.waited
        assert isinstance(refusal := second.result(), SeatHeld)
        assert refusal.facts["held_until"] == stored(marias).offer.expires_at


class TestTheEndOfAnOffer(ASoldOutShow):
    @pytest.fixture
    def offer(self, marias, ottos, free, offers, stored):
        """Maria's."""
        free()
        offers.serve_all()
        return stored(marias).offer

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_an_offer_that_is_accepted_in_time_is_not_passed_on(
        self, first, second, queries, show, maria, marias, ottos, offer, clock, status, half_way
    ):
        first.start(first.holds.book, offer.id, maria, stopping_before=half_way)
        clock.now = offer.expires_at
        second.start(second.offers.serve_all)
        assert isinstance(first.resume(), Booking)
        second.result()
        assert status(marias, ottos) == [ACCEPTED, WAITING]
        assert booked(queries, show.id) == [1, 2]

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_an_expired_offer_that_is_passed_on_is_not_accepted(
        self, first, second, maria, marias, ottos, offer, clock, status, stored, carried, half_way
    ):
        clock.now = offer.expires_at
        first.start(first.offers.serve_all, stopping_before=half_way)
        second.start(second.holds.book, offer.id, maria)
        first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldExpired)
        assert status(marias, ottos) == [EXPIRED, OFFERED]
        assert carried() == stored(ottos).offer.id

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    def test_an_offer_that_is_declined_is_passed_on(
        self, first, second, show, maria, rival, marias, ottos, offer, offers, status, half_way
    ):
        first.start(first.waiting_list.leave, marias.id, maria, stopping_before=half_way)
        second.start(second.sales.book, show.id, [1], rival)
        first.resume()
        assert second.waited
        assert isinstance(second.result(), SeatHeld)
        offers.serve_all()
        assert status(marias, ottos) == [DECLINED, OFFERED]


class TestClosing(ASoldOutShow):
    """The show is cancelled."""

    @pytest.mark.parametrize("half_way", [SAVING_ENTRIES, COMMIT])
    def test_a_list_that_is_being_closed_gets_no_offers(
        self, first, second, queries, show, marias, free, status, half_way
    ):
        free()
        first.start(first.programme.change_show, show.id, CANCELLED, stopping_before=half_way)
        second.start(second.offers.serve_all)
        first.resume()
        assert second.waited
        second.result()
        assert status(marias) == [CLOSED]
        assert queries.sales.live_holds() == 0

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_an_offer_that_is_being_made_ends_with_the_list(
        self, first, second, queries, show, marias, ottos, free, status, stored, half_way
    ):
        free()
        first.start(first.offers.serve_all, stopping_before=half_way)
        second.start(second.programme.change_show, show.id, CANCELLED)
        first.resume()
        assert second.waited
        assert second.result().cancelled_at
        assert status(marias, ottos) == [CLOSED, CLOSED]
        assert stored(marias).offer.released_at
        assert queries.sales.live_holds() == 0


class TestJoining(ASoldOutShow):
    def test_a_seat_that_came_free_before_the_entry_was_visible_is_offered(
        self, first, second, queries, show, maria, rival, actor, sales, offers, status
    ):
        """The cancellation does not know that anyone waits, and does not wait."""
        first.start(first.waiting_list.join, show.id, 1, True, maria, stopping_before=JOINING)
        booking_id = queries.sales.sold_seats(show.id)[1]
        second.start(second.sales.cancel, show.id, booking_id, actor)
        second.result()
        assert not second.waited
        entry = first.resume()
        with pytest.raises(SeatHeld):
            sales.book(show.id, [1], rival)
        offers.serve_all()
        assert status(entry) == [OFFERED]

    def test_a_seat_that_comes_free_after_the_customer_saw_none_is_offered(
        self, first, second, queries, show, maria, rival, actor, sales, offers, status
    ):
        booking_id = queries.sales.sold_seats(show.id)[1]
        first.start(first.sales.cancel, show.id, booking_id, actor, stopping_before=COMMIT)
        second.start(second.waiting_list.join, show.id, 1, True, maria)
        entry = second.result()
        assert not second.waited
        offers.serve_all()
        assert status(entry) == [WAITING]
        first.resume()
        with pytest.raises(SeatHeld):
            sales.book(show.id, [1], rival)
        offers.serve_all()
        assert status(entry) == [OFFERED]

    def test_a_sale_that_waited_for_the_seat_knows_that_customers_wait(
        self, second, postgresql_url, show, maria, rival, free, waiting_list
    ):
        free()
        with holding_seat(postgresql_url, show.id, 1):
            second.start(second.sales.book, show.id, [1], rival)
            waiting_list.join(show.id, 2, True, maria)
        assert second.waited
        assert isinstance(second.result(), SeatHeld)


class TestLeaving(ASoldOutShow):
    @pytest.mark.parametrize("half_way", [SAVING_ENTRIES, COMMIT])
    def test_a_customer_who_is_leaving_gets_no_offer(
        self, first, second, maria, marias, ottos, free, status, stored, half_way
    ):
        free()
        first.start(first.waiting_list.leave, marias.id, maria, stopping_before=half_way)
        second.start(second.offers.serve_all)
        first.resume()
        assert second.waited
        second.result()
        assert status(marias, ottos) == [DECLINED, OFFERED]
        assert stored(marias).offer is None

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_a_customer_who_leaves_gives_back_the_offer_that_was_being_made(
        self, first, second, maria, marias, ottos, free, offers, status, stored, half_way
    ):
        free()
        first.start(first.offers.serve_all, stopping_before=half_way)
        second.start(second.waiting_list.leave, marias.id, maria)
        first.resume()
        assert second.waited
        second.result()
        assert stored(marias).offer.released_at
        offers.serve_all()
        assert status(marias, ottos) == [DECLINED, OFFERED]


class TestMakersOfOffers(ASoldOutShow):
    @pytest.mark.parametrize("half_way", [HOLDING, SAVING_ENTRIES, COMMIT])
    def test_two_servers_make_one_offer(
        self, first, second, queries, marias, ottos, free, status, half_way
    ):
        free()
        first.start(first.offers.serve_all, stopping_before=half_way)
        second.start(second.offers.serve_all)
        first.resume()
        assert second.waited
        second.result()
        assert status(marias, ottos) == [OFFERED, WAITING]
        assert queries.sales.live_holds() == 1

    def test_a_rival_who_asks_all_the_time_never_gets_a_seat_that_is_offered(
        self, show, holds, sales, actor, maria, rival, clock, waiting_list, offers, status, free
    ):
        free()
        hold = holds.hold(show.id, [1], actor)
        entry = waiting_list.join(show.id, 1, True, maria)

        def book():
            return sales.book(show.id, [1], rival)

        for seconds in (0, 1, 2, 3, 4, 4.999):
            clock.now = hold.expires_at + timedelta(seconds=seconds)
            with pytest.raises(SeatHeld):
                book()
        offers.serve_all()
        assert status(entry) == [OFFERED]
        clock.advance(minutes=9)
        with pytest.raises(SeatHeld):
            book()
        clock.advance(minutes=1)
        assert book()

    def test_one_that_is_killed_before_any_statement_leaves_nothing_half_done(
        self, opening, admin, clock, marias, ottos, free, offers, status, carried
    ):
        """``last`` is the number of the statement, counted in all attempts."""
        free()
        sent: list[str] = []
        last = 0

        def die_at_the_last(statement):
            sent.append(statement)
            if len(sent) == last:
                terminate(admin)
                raise Killed

        database = opening(pool_size=1)
        watch(database.engine, die_at_the_last)
        mortal = SqlTransactions(database, clock)
        queries = sql_queries(database, SALES_GRACE, clock)
        while True:
            last, sent[:] = last + 1, []
            try:
                OfferService(mortal, queries.waiting_list).serve_all()
            except Killed:
                assert status(marias, ottos) == [WAITING, WAITING]
                assert carried() is None
            else:
                break
        assert any(SAVING_ENTRIES in statement for statement in sent)
        assert status(marias, ottos) == [OFFERED, WAITING]


class Killed(BaseException):
    """Nothing catches it, as nothing survives ``kill -9``."""
