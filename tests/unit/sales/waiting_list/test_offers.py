"""Seats that come free are offered to those who wait, in order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import TOMORROW, a_show, put_on
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.adapters.memory.sales import MemorySeats
from ticketing.domain.accounts.account import Actor
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.waiting_list import offers as offers_module
from ticketing.domain.sales.waiting_list.entry import EntryStatus
from ticketing.domain.sales.waiting_list.offers import MAX_ROUNDS, OfferService

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
ALL = Window(0, 100)

WAITING, OFFERED = EntryStatus.WAITING, EntryStatus.OFFERED


@pytest.fixture
def join(waiting_list, show, people):
    """Let a new customer wait for so many seats; together unless told otherwise."""
    joined: list[Actor] = []

    def join(count=1, *, together=True):
        joined.append(people(f"customer {len(joined) + 1}"))
        return waiting_list.join(show.id, count, together, joined[-1])

    return join


@pytest.fixture
def offered(current):
    def offered(*entries):
        """Return the seats that are offered to each of the entries."""
        return [current(entry).offer and current(entry).offer.seat_numbers for entry in entries]

    return offered


class TestOrder:
    def test_who_joined_first_is_served_first(self, join, free, offers, offered):
        first, second, third = join(), join(), join()
        free(3, 2)
        offers.serve_all()
        assert offered(first, second, third) == [[2], [3], None]

    def test_an_entry_that_does_not_fit_keeps_its_place(self, join, free, offers, offered, status):
        pair, single, last = join(2), join(), join()
        free(1)
        offers.serve_all()
        assert offered(pair, single, last) == [None, [1], None]
        free(2, 3)
        offers.serve_all()
        assert offered(pair, single, last) == [[2, 3], [1], None]
        assert status(last) is WAITING

    def test_a_party_that_need_not_sit_together_gets_seats_anywhere(
        self, join, free, offers, offered
    ):
        together, split = join(2), join(2, together=False)
        free(1, 6)
        offers.serve_all()
        assert offered(together, split) == [None, [1, 6]]

    def test_equal_parties_are_not_tried_twice(self, transactions, join, free, monkeypatch):
        tried = []

        def tracked(plan, party, free, held):
            tried.append((party.count, party.together))
            return best_available(plan, party, free, held)

        monkeypatch.setattr(offers_module, "best_available", tracked)
        entries = [join(2), join(2), join(3), join(2), join(1), join(2, together=False)]
        free(1, 6)
        show_id = entries[0].show.id
        room = transactions(lambda work: work.seats.open_seats(show_id, offering=True))
        queued = transactions(lambda work: work.waiting_list.waiting(show_id))
        chosen = [(entry, seats) for entry, seats in offers_module.chosen_seats(room, queued)]
        assert chosen == [(entries[4], [6])]
        assert tried == [(2, True), (3, True), (1, True), (2, False)]


def test_a_wheelchair_space_is_not_offered_while_an_offered_seat_may_come_free(
    transactions, sales, waiting_list, offers, people, offered
):
    show = put_on(transactions, a_show(plan=room(section("A: 1+ 2"))))
    owner = people("owner")
    bookings = [sales.book(show.id, [number], owner.account_id) for number in (1, 2)]
    entries = [waiting_list.join(show.id, 1, True, people(name)) for name in ("maria", "otto")]
    for booking in bookings:
        sales.cancel(show.id, booking.id, owner)
    offers.serve_all()
    assert offered(*entries) == [[2], None]
    waiting_list.leave(entries[0].id, people("maria"))
    offers.serve_all()
    assert offered(entries[1]) == [[2]]


def test_a_wheelchair_space_is_offered_once_the_last_held_seat_is_sold(
    transactions, sales, holds, waiting_list, offers, people, offered, maria, otto
):
    show = put_on(transactions, a_show(plan=room(section("A: 1+ 2"))))
    hold = holds.hold(show.id, [2], maria)
    entry = waiting_list.join(show.id, 1, True, otto)
    offers.serve_all()
    assert offered(entry) == [None]
    holds.book(hold.id, maria)  # now the space is for everyone, as it was free all the time
    offers.serve_all()
    assert offered(entry) == [[1]]


class TestSeatsThatComeFree:
    """They are offered however that happens."""

    def test_a_released_hold(self, join, free, holds, offers, offered, maria, show):
        free(2)
        hold = holds.hold(show.id, [2], maria)
        entry = join()
        offers.serve_all()
        assert offered(entry) == [None]
        holds.release(hold.id, maria)
        offers.serve_all()
        assert offered(entry) == [[2]]

    def test_an_expired_hold(self, join, free, holds, offers, offered, maria, show, clock):
        free(2)
        hold = holds.hold(show.id, [2], maria)
        entry = join()
        clock.now = hold.expires_at - MOMENT
        offers.serve_all()
        assert offered(entry) == [None]
        clock.now = hold.expires_at
        offers.serve_all()
        assert offered(entry) == [[2]]

    def test_an_unblocked_seat(self, transactions, join, free, offers, offered, show):
        blocking = BlockedSeatsService(transactions)
        free(2)
        blocking.block(show.id, [2])
        entry = join()
        blocking.block(show.id, [])
        offers.serve_all()
        assert offered(entry) == [[2]]

    def test_a_declined_offer_passes_to_the_next(
        self, join, free, holds, offers, offered, status, people, current
    ):
        first, second = join(), join()
        free(2)
        offers.serve_all()
        holds.release(current(first).offer.id, people("customer 1"))
        offers.serve_all()
        assert offered(second) == [[2]]
        assert status(first) is EntryStatus.DECLINED

    def test_an_expired_offer_passes_to_the_next(
        self, join, free, offers, offered, status, clock, current
    ):
        first, second = join(), join()
        free(2)
        offers.serve_all()
        clock.now = current(first).offer.expires_at - MOMENT
        offers.serve_all()
        assert (status(first), status(second)) == (OFFERED, WAITING)
        clock.advance(microseconds=1)
        offers.serve_all()
        assert offered(second) == [[2]]
        assert (status(first), status(second)) == (EntryStatus.EXPIRED, OFFERED)


class TestAnOffer:
    def test_it_is_a_hold_of_the_customer(self, join, free, offers, current, queries, show, clock):
        entry = join(2)
        free(1, 2)
        clock.advance(minutes=1)
        offers.serve_all()
        offer = current(entry).offer
        assert (offer.customer, offer.show.id, offer.is_offer) == (entry.customer, show.id, True)
        assert (offer.seat_numbers, offer.created_at) == ([1, 2], clock.now)
        assert queries.sales.hold(offer.id).hold == offer
        [held] = queries.sales.holds_of(entry.customer, show.id, ALL).items
        assert held.hold == offer

    @pytest.mark.parametrize(
        ("left", "duration"),
        [(24 * HOUR + MOMENT, 30), (24 * HOUR, 10), (2 * HOUR + MOMENT, 10)],
    )
    def test_it_lasts_for_30_minutes_or_10_within_a_day_of_the_start(
        self, join, free, offers, current, show, clock, left, duration
    ):
        entry = join()
        free(1)
        clock.now = show.starts_at - left
        offers.serve_all()
        offer = current(entry).offer
        assert offer.expires_at == offer.extendable_until == clock.now + duration * MINUTE

    def test_none_is_made_in_the_last_two_hours_and_the_list_is_closed(
        self, join, free, offers, current, show, clock, status, queries
    ):
        offered, waiting = join(), join()
        free(1)
        clock.now = show.starts_at - 2 * HOUR - MOMENT
        offers.serve_all()
        free(2)
        clock.advance(microseconds=1)
        offers.serve_all()
        assert (status(offered), status(waiting)) == (OFFERED, EntryStatus.CLOSED)
        assert current(waiting).closed_at == clock.now
        assert current(offered).closed_at is None
        assert not queries.programme.show(show.id).show.has_waiting

    def test_an_accepted_one_is_final(
        self, join, free, holds, offers, current, status, people, sales, show
    ):
        entry = join()
        free(1)
        offers.serve_all()
        booking = holds.book(current(entry).offer.id, people("customer 1"))
        assert booking.seat_numbers == [1]
        assert status(entry) is EntryStatus.ACCEPTED
        sales.cancel(show.id, booking.id, people("customer 1"))
        offers.serve_all()
        assert status(entry) is EntryStatus.ACCEPTED
        assert offers._queries.shows_to_serve() == []

    def test_it_is_made_once(self, join, free, offers, current, queries):
        entry = join()
        free(1, 2)
        offers.serve_all()
        offer = current(entry).offer
        offers.serve_all()
        assert current(entry).offer == offer
        assert queries.sales.live_holds() == 1


class TestThePass:
    """One object looks every second at the shows that have something to offer."""

    def test_a_show_without_an_open_seat_or_without_waiting_customers_is_left_alone(
        self, join, free, offers, queries, show
    ):
        assert queries.waiting_list.shows_to_serve() == []
        entry = join()
        assert queries.waiting_list.shows_to_serve() == []
        free(1)
        assert queries.waiting_list.shows_to_serve() == [show.id]
        offers.serve_all()
        assert queries.waiting_list.shows_to_serve() == []
        assert queries.waiting_list.entry(entry.id)

    def test_what_fits_no_entry_begins_no_transaction_and_is_not_searched_again(
        self, transactions, queries, join, free, monkeypatch, show
    ):
        searches = []

        def chosen_seats(room, entries):
            searches.append(len(entries))
            return real(room, entries)

        real = offers_module.chosen_seats
        monkeypatch.setattr(offers_module, "chosen_seats", chosen_seats)
        written = []

        def counted(work):
            written.append(work)
            return transactions(work)

        offers = OfferService(counted, queries.waiting_list)
        join(2), join(3)
        free(1)
        offers.serve_all()
        offers.serve_all()
        assert searches == [2]
        join(4)
        offers.serve_all()
        offers.serve_all()
        assert searches == [2, 3]
        assert written == []
        free(4)
        offers.serve_all()
        assert searches == [2, 3, 3]
        free(2)
        offers.serve_all()
        assert searches == [2, 3, 3, 3, 3]
        assert len(written) == 1

    def test_shows_that_need_nothing_are_not_remembered(
        self, join, free, offers, sales, people, clock
    ):
        join(2)
        free(1)
        offers.serve_all()
        assert len(offers._hopeless) == 1
        clock.advance(seconds=5)
        sales.book(join(3).show.id, [1], people("owner").account_id, is_staff=True)
        offers.serve_all()
        assert offers._hopeless == {}

    def test_many_offers_are_made_in_several_transactions_and_some_at_the_next_look(
        self, join, free, offers, offered, monkeypatch
    ):
        monkeypatch.setattr(offers_module, "MAX_OFFERS", 1)
        monkeypatch.setattr(offers_module, "MAX_ROUNDS", 2)
        entries = [join(), join(), join()]
        free(1, 2, 3)
        offers.serve_all()
        assert [seats is not None for seats in offered(*entries)] == [True, True, False]
        offers.serve_all()
        assert all(offered(*entries))

    def test_the_fault_of_one_show_does_not_stop_the_others(
        self,
        transactions,
        queries,
        join,
        free,
        offers,
        offered,
        waiting_list,
        show,
        sales,
        people,
        monkeypatch,
    ):
        later = replace(show, id=ShowId(0), plan=plain_grid(1), starts_at=TOMORROW + 9 * HOUR)
        other, third = put_on(transactions, later), put_on(transactions, later)
        entries = [join()]
        for each in (other, third):
            booking = sales.book(each.id, [1], people("owner").account_id)
            entries.append(waiting_list.join(each.id, 1, True, people("otto")))
            sales.cancel(each.id, booking.id, people("owner"))
        free(1)

        def queue(show_id):
            if show_id == third.id:  # deleted since the shows were listed
                raise ShowNotFound
            if show_id == show.id:
                raise Busy
            return real(show_id)

        real = queries.waiting_list.queue
        monkeypatch.setattr(queries.waiting_list, "queue", queue)
        with pytest.raises(ExceptionGroup) as failed:
            offers.serve_all()
        assert [type(fault) for fault in failed.value.exceptions] == [Busy]
        assert offered(*entries) == [None, [1], None]

    @pytest.fixture
    def look(self, queries, show, monkeypatch):
        """Let the pass go on with what it sees now of the show, whatever happens until then."""

        def look():
            seen = queries.waiting_list.queue(show.id)
            monkeypatch.setattr(queries.waiting_list, "queue", lambda show_id: seen)
            monkeypatch.setattr(queries.waiting_list, "shows_to_serve", lambda: [show.id])

        return look

    def test_another_server_may_have_made_the_offers(self, join, free, offers, offered, look):
        entry, other = join(), join()
        free(1)
        look()
        offers.serve_all()
        made = offered(entry, other)
        offers.serve_all()
        assert offered(entry, other) == made == [[1], None]

    def test_the_list_may_close_in_the_meantime(
        self, join, free, offers, look, status, clock, show
    ):
        entry = join()
        free(1)
        look()
        clock.now = show.starts_at - 2 * HOUR
        offers.serve_all()
        assert status(entry) is EntryStatus.CLOSED


class TestALostSeat:
    """Sales by name do not wait for the show's row: they may lock a seat first."""

    @pytest.fixture
    def lose(self, monkeypatch):
        """Let others sell these seats before they are locked, in one round after the other.

        Returns the seats that each round locks.
        """
        rounds: list[list[int]] = []

        def lose(*lost_in_round):
            def lock(self, show_id, numbers, plan):
                locked = real(self, show_id, numbers, plan)
                lost = lost_in_round[len(rounds)] if len(rounds) < len(lost_in_round) else []
                rounds.append(numbers)
                seats = [
                    replace(seat, is_blocked=seat.seat.number in lost) for seat in locked.seats
                ]
                return locked._replace(seats=seats)

            monkeypatch.setattr(MemorySeats, "lock", lock)
            return rounds

        real = MemorySeats.lock
        return lose

    def test_the_entries_before_it_get_offers_and_the_others_choose_again(
        self, join, free, offers, offered, lose
    ):
        entries = [join(), join(), join()]
        free(1, 2, 3)
        rounds = lose([2])
        offers.serve_all()
        assert rounds == [[1, 2, 3], [2, 3]]
        assert offered(*entries) == [[1], [2], [3]]

    def test_a_show_is_left_alone_for_a_second_after_a_few_rounds(
        self, join, free, offers, offered, lose
    ):
        entry = join()
        free(1)
        rounds = lose(*([[1]] * MAX_ROUNDS))
        offers.serve_all()
        assert (offered(entry), len(rounds)) == ([None], MAX_ROUNDS)
        offers.serve_all()
        assert offered(entry) == [[1]]
