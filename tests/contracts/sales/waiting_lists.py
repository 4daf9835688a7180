"""Waiting lists and offers, as the store keeps them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import a_hold, a_show, an_entry, put_on, register
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import ALL, Fixtures, booked, roll_back
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.ports import SeatRequest
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.entry import (
    EntryId,
    EntryStatus,
    TimedEntry,
    WaitingListEntry,
    new_entry_id,
)
from ticketing.domain.sales.waiting_list.errors import AlreadyWaiting, EntryNotFound
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService

HALF_AN_HOUR = timedelta(minutes=30)
FIVE_SECONDS = timedelta(seconds=5)
MOMENT = timedelta(microseconds=1)
POLICY = SalesPolicy()


class WaitingListsContract(Fixtures):
    @pytest.fixture
    def other_customer(self, transactions):
        return register(transactions, "other_customer")

    @pytest.fixture
    def enter(self, transactions, clock, show, customer):
        """Store a new entry of the customer for one seat."""

        def enter(**details):
            usual = {"show": show, "customer": customer, "created_at": clock.now}
            entry = an_entry(**{**usual, **details})

            def work(uow):
                uow.seats.lock_show(entry.show.id, wait=True)
                return uow.waiting_list.add(entry)

            return transactions(work)

        return enter

    @pytest.fixture
    def update(self, transactions):
        def update(entry, **changes):
            saved = replace(entry, **changes)

            def work(uow):
                uow.seats.lock_show(entry.show.id, wait=True)
                uow.waiting_list.save_all([saved])
                uow.waiting_list.set_has_waiting(entry.show.id)

            transactions(work)
            return saved

        return update

    @pytest.fixture
    def give(self, transactions, clock, update):
        """Offer an entry these seats for half an hour."""

        def give(entry, *numbers):
            hold = a_hold(
                entry.show,
                numbers,
                customer=entry.customer,
                created_at=clock.now,
                expires_at=clock.now + HALF_AN_HOUR,
                extendable_until=clock.now + HALF_AN_HOUR,
                is_offer=True,
            )

            def work(uow):
                uow.seats.lock(entry.show.id, numbers, entry.show.plan)
                uow.holds.add_all([hold])

            transactions(work)
            return update(entry, offer=hold)

        return give

    @pytest.fixture
    def save_hold(self, transactions):
        def save_hold(hold):
            transactions(lambda uow: uow.holds.save_all([hold]))
            return hold

        return save_hold

    @pytest.fixture
    def entry_of(self, transactions):
        return lambda entry_id: transactions(lambda uow: uow.waiting_list.get(entry_id))

    @pytest.fixture
    def waiting(self, transactions, show):
        def waiting(show_id=show.id):
            entries = transactions(lambda uow: uow.waiting_list.waiting(show_id))
            return [entry.id for entry in entries]

        return waiting

    @pytest.fixture
    def has_waiting(self, queries, show):
        return lambda: queries.programme.show(show.id).show.has_waiting

    @pytest.fixture
    def change_list(self, transactions, show):
        """Call a method of the waiting list of the show, which is locked, with these arguments."""

        def change_list(name, *args):
            def work(uow):
                uow.shows.lock(show.id)
                getattr(uow.waiting_list, name)(show.id, *args)

            transactions(work)

        return change_list

    def test_an_entry_is_stored_behind_the_others_of_its_show(
        self, transactions, queries, enter, entry_of, clock, show, customer, other_customer
    ):
        first = enter(count=3, together=True)
        elsewhere = enter(show=put_on(transactions))
        second = enter(customer=other_customer)
        assert first.position < second.position
        assert (first.count, first.together, first.created_at) == (3, True, clock.now)
        for entry in (first, second, elsewhere):
            stored = replace(entry, show=replace(entry.show, has_waiting=True))
            assert entry_of(entry.id) == stored
            assert queries.waiting_list.entry(entry.id) == TimedEntry(stored, clock.now)

    @pytest.mark.parametrize("entry_id", ["", "nonsense", "1-nonsense", "\x00", "1" * 30])
    def test_an_unknown_entry(self, queries, entry_of, show, entry_id):
        for unknown in (EntryId(entry_id), new_entry_id(show.id), new_entry_id(ShowId(987_654))):
            with pytest.raises(EntryNotFound):
                queries.waiting_list.entry(unknown)
            with pytest.raises(EntryNotFound):
                entry_of(unknown)

    def test_an_entry_that_is_rolled_back_was_never_there(
        self, transactions, entry_of, has_waiting, show, customer
    ):
        entry = an_entry(show, customer=customer)

        def work(uow):
            uow.waiting_list.add(entry)

        roll_back(transactions, work)
        with pytest.raises(EntryNotFound):
            entry_of(entry.id)
        assert not has_waiting()

    def test_an_entry_has_its_offer_as_it_is_now(
        self, queries, enter, give, save_hold, entry_of, clock, show
    ):
        entry = enter(count=2)
        hold = give(entry, 1, 2).offer
        offered = entry_of(entry.id)
        assert offered.offer == replace(hold, show=offered.show)
        assert offered.offer.is_offer
        assert offered.status(clock.now) is EntryStatus.OFFERED
        save_hold(replace(hold, booking_id=BookingId(7), seats=hold.seats[:1]))
        assert entry_of(entry.id).status(clock.now) is EntryStatus.ACCEPTED
        accepted = queries.waiting_list.entry(entry.id).entry
        assert accepted.offer.seat_numbers == [1]

    def test_the_waiting_ones_are_in_order(
        self, enter, update, give, waiting, has_waiting, clock, other_customer, show
    ):
        assert (waiting(), has_waiting()) == ([], False)
        entries = [enter() for _ in range(4)]
        assert (waiting(), has_waiting()) == ([entry.id for entry in entries], True)
        first, second, third, fourth = entries
        update(second, left_at=clock.now)
        give(first, 1)
        assert waiting() == [third.id, fourth.id]
        update(third, closed_at=clock.now)
        assert has_waiting()
        give(fourth, 2)
        assert (waiting(), has_waiting()) == ([], False)

    def test_the_latest_entry_of_a_customer_is_found(
        self, transactions, enter, update, clock, show, customer, other_customer
    ):
        def latest_of(customer, show_id=show.id):
            found = transactions(lambda uow: uow.waiting_list.latest_of(show_id, customer))
            return found and found.id

        assert latest_of(customer) is None
        update(enter(), left_at=clock.now)
        last = update(enter(), left_at=clock.now)
        enter(customer=other_customer)
        enter(show=put_on(transactions))
        assert latest_of(customer) == last.id
        assert latest_of(987_654) is None

    def test_the_waiting_ones_are_closed(
        self,
        enter,
        give,
        update,
        change_list,
        entry_of,
        waiting,
        has_waiting,
        clock,
        other_customer,
    ):
        waits, left = enter(), update(enter(), left_at=clock.now)
        offered = give(enter(customer=other_customer), 1)
        clock.advance(minutes=1)
        change_list("close_waiting", clock.now)
        assert (waiting(), has_waiting()) == ([], False)
        assert entry_of(waits.id).closed_at == clock.now
        for other in (left, offered):
            assert entry_of(other.id).closed_at is None

    def test_all_active_ones_are_closed(
        self,
        enter,
        give,
        save_hold,
        change_list,
        entry_of,
        has_waiting,
        clock,
        show,
        transactions,
    ):
        expired = give(enter(), 1)
        clock.now = expired.offer.expires_at
        waits, offered, accepted, declined = (
            enter(),
            give(enter(), 2),
            give(enter(), 3),
            give(enter(), 4),
        )
        save_hold(replace(accepted.offer, booking_id=BookingId(7)))
        save_hold(declined.offer.released(clock.now))
        elsewhere = enter(show=put_on(transactions))
        change_list("close_all", clock.now)
        entries = expired, waits, offered, accepted, declined, elsewhere
        assert [entry_of(entry.id).status(clock.now) for entry in entries] == [
            EntryStatus.EXPIRED,
            EntryStatus.CLOSED,
            EntryStatus.CLOSED,
            EntryStatus.ACCEPTED,
            EntryStatus.DECLINED,
            EntryStatus.WAITING,
        ]
        assert not has_waiting()

    def test_the_active_entries_of_a_customer_are_found_in_all_shows(
        self,
        transactions,
        enter,
        give,
        update,
        clock,
        customer,
        other_customer,
        show,
    ):
        expired = give(enter(), 1)
        clock.now = expired.offer.expires_at
        update(enter(), left_at=clock.now)
        enter(customer=other_customer)
        soon = put_on(transactions, a_show(starts_at=clock.now + timedelta(hours=2)))
        enter(show=soon)
        active = [give(enter(), 2).id, enter(show=put_on(transactions)).id]
        found = transactions(lambda uow: uow.waiting_list.live_of(customer))
        assert sorted(found) == sorted(active)

    def test_what_a_customer_waits_for_counts_as_owned(
        self,
        transactions,
        enter,
        give,
        update,
        sales,
        clock,
        show,
        customer,
        other_customer,
    ):
        def owned():
            def work(uow):
                locked = uow.seats.lock_customers(show.id, {customer}, wait=True)
                request = SeatRequest(show.id, [show.plan.seat(9).number], show.plan, customer)
                [seats] = uow.seats.lock_all([request], wait=True)
                assert locked == {customer: seats.owned}
                return seats.owned, len(uow.seats.owned(show.id, customer))

            return transactions(work)

        sales.book(show.id, [1], customer)
        enter(count=4, customer=other_customer)
        enter(count=4, show=put_on(transactions))
        assert owned() == (1, 1)
        entry = enter(count=2)
        assert owned() == (3, 1)
        give(entry, 2, 3)
        assert owned() == (3, 3)
        clock.advance(minutes=30)
        assert owned() == (1, 1)
        left = enter(count=2)
        assert owned() == (3, 1)
        update(left, left_at=clock.now)
        assert owned() == (1, 1)
        enter(count=2)
        clock.now = show.starts_at - timedelta(hours=2)
        assert owned() == (1, 1)

    def test_a_customer_sees_the_newest_entry_first(
        self,
        transactions,
        queries,
        enter,
        update,
        give,
        clock,
        show,
        customer,
        other_customer,
    ):
        def entries_of(show_id=None, window=ALL):
            page = queries.waiting_list.entries_of(customer, show_id, window)
            assert {now for _, now in page.items} <= {clock.now}
            return [entry.id for entry, _ in page.items], page.total

        assert entries_of() == ([], 0)
        ids = [update(enter(), left_at=clock.now).id]
        for details in ({}, {"show": put_on(transactions)}):
            clock.advance(minutes=1)
            ids.append(enter(**details).id)
        enter(customer=other_customer)
        assert entries_of() == (ids[::-1], 3)
        assert entries_of(show.id) == (ids[1::-1], 2)
        assert entries_of(window=Window(0, 2)) == (ids[:0:-1], 3)
        assert entries_of(window=Window(2, 2)) == (ids[:1], 3)

    def test_entries_are_read_on_from_the_last_one(
        self, transactions, queries, enter, clock, customer, other_customer
    ):
        entries = [enter(), enter()]
        clock.advance(minutes=1)
        entries.append(enter(show=put_on(transactions)))
        enter(customer=other_customer)
        read: list[WaitingListEntry] = []
        while some := queries.waiting_list.entries_after(customer, read[-1] if read else None, 2):
            read += [entry for entry, _ in some]
        assert [entry.created_at for entry in read] == sorted(e.created_at for e in entries)
        assert sorted(entry.id for entry in read) == sorted(entry.id for entry in entries)

    def test_entries_are_purged_after_their_end(
        self, transactions, queries, enter, update, give, save_hold, clock, show, customer
    ):
        def left_after(wait):
            clock.now += wait

            def work(uow):
                return uow.waiting_list.purge(clock.now)

            while transactions(work):
                pass
            entries = queries.waiting_list.entries_of(customer, None, ALL).items
            return {entry.id for entry, _ in entries}

        soon = put_on(transactions, a_show(starts_at=clock.now + 2 * HALF_AN_HOUR))
        started, waits = enter(show=soon).id, enter().id
        left, closed = (update(enter(), **{end: clock.now}).id for end in ("left_at", "closed_at"))
        offered, accepted = give(enter(), 1), give(enter(), 2)
        save_hold(replace(accepted.offer, booking_id=BookingId(7)))
        others = {started, waits, offered.id, accepted.id}
        assert left_after(timedelta(0)) == {*others, left, closed}
        assert left_after(MOMENT) == others
        assert left_after(HALF_AN_HOUR) == {started, waits}
        assert left_after(HALF_AN_HOUR) == {waits}

    def test_an_entry_whose_offer_was_purged_is_gone(
        self, transactions, queries, enter, give, entry_of, clock, customer
    ):
        entry, other = give(enter(), 1), enter()
        clock.now = entry.offer.expires_at + MOMENT
        transactions(lambda uow: uow.holds.purge(clock.now))
        for read in (entry_of, queries.waiting_list.entry):
            with pytest.raises(EntryNotFound):
                read(entry.id)
        [left] = queries.waiting_list.entries_of(customer, None, ALL).items
        assert left.entry.id == other.id
        assert [e.id for e, _ in queries.waiting_list.entries_after(customer, None, 9)] == [
            other.id
        ]
        assert transactions(lambda uow: uow.waiting_list.purge(clock.now)) == 1

    def test_a_show_is_deleted_with_its_entries(self, enter, give, programme, entry_of, show):
        entries = [enter(), give(enter(), 1)]
        programme.remove_show(show.id)
        for entry in entries:
            with pytest.raises(EntryNotFound):
                entry_of(entry.id)

    def test_an_expired_offer_cannot_be_booked_and_is_in_no_list_of_holds(
        self, queries, enter, give, clock, customer, show
    ):
        offered = give(enter(), 1)
        [held] = queries.sales.holds_of(customer, show.id, ALL).items
        assert held.hold.is_offer
        assert queries.sales.hold(offered.offer.id).hold.is_offer
        clock.now = offered.offer.expires_at
        assert queries.sales.holds_of(customer, show.id, ALL).items == []

    # --- offers

    @pytest.fixture
    def lists(self, transactions):
        return WaitingListService(transactions, POLICY)

    @pytest.fixture
    def offers(self, transactions, queries):
        return OfferService(transactions, queries.waiting_list)

    @pytest.fixture
    def hold_service(self, transactions):
        return HoldService(transactions, POLICY)

    @pytest.fixture
    def sold_out(self, transactions, sales, customer):
        """A sold-out show with two rows of three seats."""
        show = put_on(transactions, a_show(plan=plain_grid(6, 3)))
        for numbers in ([1], [2], [3, 4, 5, 6]):
            sales.book(show.id, numbers, customer)
        return show

    @pytest.fixture
    def cancel_seats(self, queries, sales, sold_out, actor):
        """Cancel the bookings of these seats of the small show: 1, 2 or both."""

        def cancel_seats(*numbers):
            sold = queries.sales.sold_seats(sold_out.id)
            for number in numbers:
                sales.cancel(sold_out.id, sold[number], actor)

        return cancel_seats

    def test_shows_with_seats_for_those_who_wait_are_served(
        self, queries, lists, hold_service, cancel_seats, clock, sold_out, other_customer, actor
    ):
        to_serve = queries.waiting_list.shows_to_serve
        other = Actor(other_customer, Role.CUSTOMER)
        cancel_seats(1)
        hold = hold_service.hold(sold_out.id, [1], actor)
        entry = lists.join(sold_out.id, 1, True, other)
        clock.now = hold.expires_at - MOMENT
        assert to_serve() == []
        clock.now = hold.expires_at
        assert to_serve() == [sold_out.id]
        lists.leave(entry.id, other)
        assert to_serve() == []

    def test_a_list_whose_time_is_over_is_closed(
        self, transactions, queries, lists, offers, clock, sold_out, other_customer
    ):
        entry = lists.join(sold_out.id, 1, True, Actor(other_customer, Role.CUSTOMER))
        clock.now = sold_out.starts_at - timedelta(hours=2) - MOMENT
        assert queries.waiting_list.shows_to_serve() == []
        clock.now += MOMENT
        assert queries.waiting_list.shows_to_serve() == [sold_out.id]
        offers.serve_all()
        assert queries.waiting_list.entry(entry.id).entry.closed_at == clock.now
        assert queries.waiting_list.shows_to_serve() == []

    def test_a_cancelled_show_is_served_to_close_its_list(
        self, transactions, queries, enter, offers, entry_of, clock, show
    ):
        """A server of the previous release cancels shows without it."""
        entry = enter()
        transactions(lambda uow: uow.shows.save(uow.shows.lock(show.id).cancelled(clock.now)))
        assert queries.waiting_list.shows_to_serve() == [show.id]
        offers.serve_all()
        assert entry_of(entry.id).closed_at == clock.now

    def test_a_look_reads_only_the_first_of_equal_parties(self, queries, enter, sold_out):
        parties = [(2, True), (1, True), (2, True), (1, False), (2, False), (1, True)]
        entered = [
            enter(show=sold_out, count=count, together=together) for count, together in parties
        ]
        found = queries.waiting_list.queue(sold_out.id).entries
        assert [entry.id for entry in found] == [entered[nth].id for nth in (0, 1, 3, 4)]

    def test_offers_of_seats_that_are_kept_for_the_list_are_made_and_accepted(
        self, queries, lists, offers, hold_service, cancel_seats, sold_out, other_customer, clock
    ):
        other = Actor(other_customer, Role.CUSTOMER)
        entry = lists.join(sold_out.id, 2, True, other)
        cancel_seats(1, 2)
        assert queries.sales.seat_map(sold_out.id).held == {1, 2}
        room, entries, now = queries.waiting_list.queue(sold_out.id)
        assert (room.free, room.held, now) == ({1, 2}, set(), clock.now)
        assert [each.id for each in entries] == [entry.id]
        offers.serve_all()
        offered = queries.waiting_list.entry(entry.id).entry
        assert offered.status(clock.now) is EntryStatus.OFFERED
        assert offered.offer.seat_numbers == [1, 2]
        assert queries.sales.hold(offered.offer.id).hold == offered.offer
        assert not offered.show.has_waiting
        assert queries.sales.seat_map(sold_out.id).held == {1, 2}
        hold_service.book(offered.offer.id, other)
        accepted = queries.waiting_list.entry(entry.id).entry
        assert accepted.status(clock.now) is EntryStatus.ACCEPTED
        assert booked(queries, sold_out.id) == [1, 2, 3, 4, 5, 6]

    def test_what_fits_no_entry_is_for_everyone_after_five_seconds(
        self, queries, lists, offers, cancel_seats, sold_out, other_customer, clock, sales
    ):
        lists.join(sold_out.id, 2, True, Actor(other_customer, Role.CUSTOMER))
        cancel_seats(1)
        offers.serve_all()
        clock.now += FIVE_SECONDS - MOMENT
        assert queries.sales.seat_map(sold_out.id).held == {1}
        clock.now += MOMENT
        assert queries.sales.seat_map(sold_out.id).held == frozenset()
        sales.book(sold_out.id, [1], other_customer)

    def test_a_repeated_request_joins_once(self, queries, lists, sold_out, other_customer):
        other = Actor(other_customer, Role.CUSTOMER)
        request: Repeatable[WaitingListEntry] = Repeatable(
            "key", "same", lambda entry: f"entry {entry.id}"
        )
        entry = lists.join(sold_out.id, 1, True, other, request)
        again = lists.join(sold_out.id, 1, True, other, request)
        assert again == Replay(f"entry {entry.id}")
        assert queries.waiting_list.entries_of(other_customer, sold_out.id, ALL).total == 1

    def test_two_requests_of_a_customer_at_once_join_once(
        self, queries, lists, sold_out, other_customer
    ):
        other = Actor(other_customer, Role.CUSTOMER)
        answers = all_at_once(lambda count: lists.join(sold_out.id, count, True, other), [1, 2])
        assert {type(answer) for answer in answers} == {WaitingListEntry, AlreadyWaiting}
        assert queries.waiting_list.entries_of(other_customer, sold_out.id, ALL).total == 1

    def test_two_servers_at_once_offer_each_seat_once(
        self, transactions, queries, lists, cancel_seats, sold_out, clock
    ):
        names = ["a", "b", "c"]
        entries = [
            lists.join(
                sold_out.id, 1, True, Actor(register(transactions, f"guest-{n}"), Role.CUSTOMER)
            )
            for n in names
        ]
        cancel_seats(1, 2)
        servers = [OfferService(transactions, queries.waiting_list) for _ in range(2)]
        all_at_once(lambda server: server.serve_all(), servers)
        found = [queries.waiting_list.entry(entry.id).entry for entry in entries]
        assert [entry.status(clock.now) for entry in found] == [
            EntryStatus.OFFERED,
            EntryStatus.OFFERED,
            EntryStatus.WAITING,
        ]
        assert queries.sales.live_holds() == 2
        assert sorted(n for e in found[:2] for n in e.offer.seat_numbers) == [1, 2]
