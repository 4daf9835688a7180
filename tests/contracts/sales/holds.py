"""Holds and their seats, as the store keeps them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.builders import a_hold, a_show, put_on, register
from tests.contracts.fixtures import ALL, UNKNOWN, Fixtures, booked, check_busy, paged
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document
from ticketing.domain.programme.show import ShowStatus
from ticketing.domain.sales.errors import HoldNotFound
from ticketing.domain.sales.hold import HoldId, TimedHold
from ticketing.domain.sales.ports import SeatRequest
from ticketing.domain.sales.queries import MAX_LISTED_HOLDS
from ticketing.domain.sales.selling import SeatHold

FIVE_MINUTES = timedelta(minutes=5)


class HoldsContract(Fixtures):
    @pytest.fixture
    def other_customer(self, transactions):
        return register(transactions, "other_customer")

    @pytest.fixture
    def add(self, transactions, clock, show, customer):
        """Store a hold of the customer that begins now and lasts for ten minutes."""

        def add(*numbers, **details):
            usual = {"customer": customer, "created_at": clock.now}
            hold = a_hold(details.pop("show", show), numbers, **{**usual, **details})

            def work(uow):
                uow.seats.lock(hold.show.id, numbers, hold.show.plan)
                uow.holds.add_all([hold])

            transactions(work)
            return hold

        return add

    @pytest.fixture
    def save(self, transactions):
        def save(*holds):
            transactions(lambda uow: uow.holds.save_all(holds))

        return save

    @pytest.fixture
    def seats(self, transactions, show):
        """Return seats of the show, unlocked, by number."""

        def seats(*numbers):
            room = transactions(lambda uow: uow.seats.room(show.id))
            return [seat for seat in room.seats if seat.seat.number in numbers]

        return seats

    @pytest.fixture
    def available(self, queries, show):
        def available():
            offer = queries.programme.show(show.id)
            [listed] = [
                each
                for each in queries.programme.shows(ShowFilter(), ALL).items
                if each.show.id == show.id
            ]
            assert offer == listed
            return offer.available_seats, offer.held_seats

        return available

    def test_a_hold_is_stored_and_read_back(self, transactions, queries, clock, add, show):
        clock.advance(microseconds=123456)
        hold = add(3, 7)
        assert transactions(lambda uow: uow.holds.get(hold.id)) == hold
        assert transactions(lambda uow: uow.holds.find_all([hold.id])) == {hold.id: hold}
        clock.advance(microseconds=1)
        timed = TimedHold(hold, clock.now)
        assert queries.sales.hold(hold.id) == timed
        assert queries.sales.holds_of(hold.customer, show.id, ALL).items == [timed]
        assert queries.sales.holds_of_show(show.id, ALL).items == [timed]

    def test_unknown_holds_are_not_found(self, transactions, queries, add, show):
        hold = add(1)
        other = put_on(transactions)
        _, _, secret = hold.id.partition("-")
        elsewhere = HoldId(f"{other.id}-{secret}")
        for unknown in (elsewhere, HoldId(hold.id[:-1] + "~"), HoldId("1"), HoldId("")):
            with pytest.raises(HoldNotFound):
                transactions(lambda uow, unknown=unknown: uow.holds.get(unknown))
            with pytest.raises(HoldNotFound):
                queries.sales.hold(unknown)
        assert transactions(lambda uow: uow.holds.find_all([elsewhere])) == {}

    def test_seats_carry_their_hold(self, transactions, add, clock, show, customer):
        hold = add(3, 7)

        def work(uow):
            return uow.seats.lock(show.id, [3, 4, 7], show.plan)

        _, seats, _ = transactions(work)
        carried = SeatHold(hold.id, customer, hold.expires_at)
        assert [seat.hold for seat in seats] == [carried, None, carried]
        assert [seat.is_held(clock.now) for seat in seats] == [True, False, True]
        room = transactions(lambda uow: uow.seats.room(show.id))
        assert room.show == show
        assert [seat.seat for seat in room.seats] == list(show.plan.seats())
        assert [seat for seat in room.seats if seat.hold] == [seats[0], seats[2]]

    def test_a_hold_ends_the_instant_it_expires(self, queries, add, available, clock, show):
        hold = add(3, 7)
        assert available() == (48, 2)
        assert queries.sales.seat_map(show.id).held == {3, 7}
        clock.now = hold.expires_at - timedelta(microseconds=1)
        assert available() == (48, 2)
        clock.now = hold.expires_at
        assert available() == (50, 0)
        assert queries.sales.seat_map(show.id).held == frozenset()

    def test_a_sale_clears_the_hold(
        self, transactions, queries, sales, add, seats, clock, customer, actor, show
    ):
        hold = add(3, 7)
        clock.now = hold.expires_at
        booking = sales.book(show.id, [3], customer)
        third, seventh = seats(3, 7)
        assert (third.booking_id, third.hold) == (booking.id, None)
        assert seventh.hold is not None
        sales.cancel(show.id, booking.id, actor)
        [third] = seats(3)
        assert (third.booking_id, third.hold) == (None, SeatHold(None, None, clock.now))

    def test_the_owned_seats_are_those_of_bookings_and_live_holds(
        self, transactions, queries, sales, add, save, clock, show, customer, other_customer
    ):
        sales.book(show.id, [1, 2], customer)
        add(3, 4, 5)
        add(6, customer=other_customer)
        released, kept = add(8, 9), add(10)
        save(released.released(clock.now))

        def owned():
            def work(uow):
                [locked] = uow.seats.lock_all(
                    [SeatRequest(show.id, show.plan.find([20]), show.plan, customer)], wait=True
                )
                numbers = sorted(uow.seats.owned(show.id, customer))
                assert locked.owned == len(numbers)
                return numbers

            numbers = transactions(work)
            assert queries.sales.mine(show.id, customer) == set(numbers)
            return numbers

        assert owned() == [1, 2, 3, 4, 5, 10]
        clock.now = kept.expires_at
        assert owned() == [1, 2]
        assert queries.sales.mine(show.id, other_customer) == frozenset()

    def test_a_saved_hold_has_its_seats_exactly(self, transactions, add, save, seats, clock, show):
        hold = add(3, 4)
        later = hold.expires_at + FIVE_MINUTES
        moved = tuple(show.plan.seat(number) for number in (4, 5))
        changed = replace(hold, seats=moved, expires_at=later, extendable_until=later)
        save(changed)
        assert transactions(lambda uow: uow.holds.get(hold.id)) == changed
        third, fourth, fifth = seats(3, 4, 5)
        assert third.hold == SeatHold(None, None, clock.now)
        assert fourth.hold == fifth.hold == SeatHold(hold.id, hold.customer, later)

    def test_a_released_hold_frees_its_seats(
        self, transactions, add, save, seats, available, clock
    ):
        hold, other = add(3, 4), add(5)
        released = hold.released(clock.now)
        save(released)
        assert transactions(lambda uow: uow.holds.get(hold.id)) == released
        assert [seat.hold and seat.hold.id for seat in seats(3, 4, 5)] == [None, None, other.id]
        assert available() == (49, 1)

    def test_a_booked_hold_is_stored_with_its_booking(
        self, transactions, queries, add, save, seats, sales, clock, show, customer
    ):
        hold = add(3, 4)
        clock.now = hold.expires_at
        booking = sales.book(show.id, [3, 4], customer)
        save(replace(hold, booking_id=booking.id))
        assert queries.sales.hold(hold.id).hold.booking_id == booking.id
        assert booked(queries, show.id) == [3, 4]
        assert [seat.booking_id for seat in seats(3, 4)] == [booking.id] * 2

    def test_an_expired_hold_is_taken_over(
        self, transactions, add, save, seats, clock, other_customer
    ):
        old = add(3, 4)
        clock.now = old.expires_at
        new = add(4, 5, customer=other_customer)
        assert [seat.hold.id for seat in seats(3, 4, 5)] == [old.id, new.id, new.id]
        save(old.released(clock.now))
        assert [seat.hold and seat.hold.id for seat in seats(3, 4, 5)] == [None, new.id, new.id]

    def test_sold_seats_carry_no_hold(self, transactions, sales, add, save, show, customer):
        hold = add(5, 6)
        sales.book(show.id, [3], customer)
        taken = a_hold(show, [3], customer=customer)
        check_busy(transactions, lambda uow: uow.holds.add_all([taken]))
        moved = replace(hold, seats=(show.plan.seat(3),))
        check_busy(transactions, lambda uow: uow.holds.save_all([moved]))

    def test_seats_of_another_live_hold_are_not_taken(
        self, transactions, add, clock, show, customer, other_customer
    ):
        hold, theirs = add(5, 6), add(7, customer=other_customer)
        taken = a_hold(show, [7, 8], customer=customer)
        check_busy(transactions, lambda uow: uow.holds.add_all([taken]))
        moved = replace(hold, seats=theirs.seats)
        check_busy(transactions, lambda uow: uow.holds.save_all([moved]))

    def test_seats_that_were_lost_do_not_come_back_when_the_clock_is_set_back(
        self, transactions, add, seats, clock, show, other_customer
    ):
        hold = add(5, 6)
        clock.now = hold.expires_at
        add(6, customer=other_customer)
        clock.now = hold.created_at
        longer = replace(hold, expires_at=hold.expires_at + FIVE_MINUTES)
        check_busy(transactions, lambda uow: uow.holds.save_all([longer]))

    def test_a_purged_hold_is_not_saved(self, transactions, add, seats, clock, customer):
        hold = add(3)
        clock.advance(days=2)
        assert transactions(lambda uow: uow.holds.purge(clock.now)) == 1
        check_busy(transactions, lambda uow: uow.holds.save_all([hold.released(clock.now)]))

    def test_several_holds_are_added_and_saved_at_once(
        self, transactions, queries, clock, seats, show, customer, other_customer
    ):
        other = put_on(transactions)
        holds = [
            a_hold(show, [1, 2], customer=customer, created_at=clock.now),
            a_hold(other, [1], customer=customer, created_at=clock.now),
            a_hold(show, [3], customer=other_customer, created_at=clock.now),
        ]
        transactions(lambda uow: uow.holds.add_all(holds))
        transactions(lambda uow: (uow.holds.add_all([]), uow.holds.save_all([])))
        assert transactions(lambda uow: uow.holds.find_all([h.id for h in holds])) == {
            hold.id: hold for hold in holds
        }
        first, second, third = holds
        longer = replace(third, expires_at=third.expires_at + FIVE_MINUTES)
        saved = [first.released(clock.now), second.released(clock.now), longer]
        transactions(lambda uow: uow.holds.save_all(saved))
        assert queries.sales.seat_map(show.id).held == {3}
        assert queries.sales.seat_map(other.id).held == frozenset()
        assert [queries.sales.hold(hold.id).hold for hold in holds] == saved

    def test_unbooked_holds_that_expire_after_a_time_are_found_by_customer(
        self, transactions, sales, add, save, clock, show, customer, other_customer
    ):
        earlier = add(1)
        clock.advance(seconds=1)
        released, booked_one = add(2).released(clock.now), add(4)
        theirs = add(3, customer=other_customer)
        add(1, show=put_on(transactions))
        booking = sales.book(show.id, [5], customer)
        for hold in (released, replace(booked_one, booking_id=booking.id)):
            save(hold)

        def unbooked(*customers, after):
            found = transactions(lambda uow: uow.holds.unbooked_of(show.id, customers, after))
            return {each: {hold.id: hold for hold in holds} for each, holds in found.items()}

        before = earlier.expires_at - timedelta(microseconds=1)
        both = {hold.id: hold for hold in (earlier, released)}
        assert unbooked(customer, other_customer, 987_654, after=before) == {
            customer: both,
            other_customer: {theirs.id: theirs},
        }
        only_later = {customer: {released.id: released}}
        assert unbooked(customer, after=earlier.expires_at) == only_later

    def test_all_holds_of_a_show_are_released_at_once(
        self, transactions, queries, add, save, seats, sales, clock, show, customer
    ):
        expired = add(1)
        clock.now = expired.expires_at
        booking = sales.book(show.id, [5], customer)
        booked_one = replace(add(6), booking_id=booking.id)
        save(booked_one)
        live, theirs = add(2, 3), add(1, show=put_on(transactions))

        def work(uow):
            uow.shows.lock(show.id)
            uow.holds.release_all(show.id, clock.now)

        transactions(work)
        oldest, *others = transactions(lambda uow: uow.holds.of_show(show.id))
        assert oldest == expired.released(clock.now)
        assert {hold.id: hold for hold in others} == {
            hold.id: hold for hold in (booked_one, live.released(clock.now))
        }
        assert [seat.hold for seat in seats(1, 2, 3)] == [SeatHold(None, None, clock.now)] * 3
        assert queries.sales.hold(theirs.id).hold == theirs

    def test_a_show_is_deleted_with_its_holds(self, transactions, queries, programme, add, show):
        hold = add(1)
        programme.remove_show(show.id)
        with pytest.raises(HoldNotFound):
            queries.sales.hold(hold.id)

    def test_another_seat_plan_has_no_holds(self, transactions, queries, add, show):
        add(1)

        def work(uow):
            uow.shows.lock(show.id)
            uow.shows.save(replace(show, plan=plain_grid(60, 20)))

        transactions(work)
        assert queries.sales.seat_map(show.id).held == frozenset()

    def test_purging_keeps_what_has_not_expired_before(
        self, transactions, queries, add, seats, clock, show
    ):
        old = [add(1), add(2, show=put_on(transactions))]
        clock.advance(minutes=1)
        kept = add(3)

        def purge():
            return transactions(lambda uow: uow.holds.purge(kept.expires_at))

        assert [purge(), purge(), purge()] in ([2, 0, 0], [1, 1, 0])
        assert queries.sales.hold(kept.id).hold == kept
        for hold in old:
            with pytest.raises(HoldNotFound):
                queries.sales.hold(hold.id)
        [first] = seats(1)
        assert first.hold == SeatHold(old[0].id, None, old[0].expires_at)

    def test_the_live_holds_of_a_customer_are_found_in_all_shows(
        self, transactions, add, save, clock, show, other_customer
    ):
        expired = add(1)
        clock.now = expired.expires_at
        released = add(2)
        save(released.released(clock.now))
        add(3, customer=other_customer)
        live = [add(4), add(1, show=put_on(transactions))]
        found = transactions(lambda uow: uow.holds.live_of(expired.customer))
        assert sorted(found) == sorted(hold.id for hold in live)

    def test_blocked_seats_are_neither_free_nor_held(
        self, transactions, queries, sales, add, seats, available, show, customer
    ):
        def block(*numbers):
            def work(uow):
                uow.shows.lock(show.id)
                uow.seats.block(show.id, numbers)

            transactions(work)

        add(3)
        sales.book(show.id, [5], customer)
        block(1, 2)
        assert available() == (46, 1)
        assert [seat.is_blocked for seat in seats(1, 2, 3)] == [True, True, False]
        seat_map = queries.sales.seat_map(show.id)
        assert (seat_map.booked, seat_map.held, seat_map.blocked) == ({5}, {3}, {1, 2})
        block(2, 4)
        assert queries.sales.seat_map(show.id).blocked == {2, 4}
        assert available() == (46, 1)
        block()
        assert available() == (48, 1)

    def test_seats_that_are_out_of_order_are_blocked_in_a_new_show(self, transactions, queries):
        broken = {"rows": "A", "seats": "2", "features": ["out_of_order"]}
        document = {"sections": [{"rows": "A: 1..3", "exceptions": [broken]}]}
        show = put_on(transactions, a_show(plan=plan_from_document(document).plan))
        assert queries.sales.seat_map(show.id).blocked == {2}
        assert queries.programme.show(show.id).available_seats == 2

    def test_a_blocked_seat_no_longer_carries_an_expired_hold(
        self, transactions, queries, add, seats, clock, show, customer
    ):
        hold = add(3, 4)
        clock.now = hold.expires_at
        transactions(lambda uow: uow.seats.block(show.id, [3]))
        transactions(lambda uow: uow.seats.block(show.id, []))
        assert [seat.hold and seat.hold.id for seat in seats(3, 4)] == [None, hold.id]
        assert queries.sales.holds_of(customer, show.id, ALL).items == []

    @pytest.mark.parametrize("wanted", [[3, 4], [4, 3]])
    def test_picked_seats_are_locked_and_read(self, transactions, add, show, wanted):
        hold = add(3)
        current, seats, owned = transactions(lambda uow: uow.seats.lock_picked(show.id, wanted))
        assert (current, owned) == (show, 0)
        assert [seat.seat.number for seat in seats] == [3, 4]
        assert [seat.hold and seat.hold.id for seat in seats] == [hold.id, None]

    def test_a_show_whose_seats_are_held_is_not_sold_out(
        self, transactions, queries, sales, add, clock, customer
    ):
        show = put_on(transactions, a_show(plan=plain_grid(4)))
        sales.book(show.id, [1], customer)
        hold = add(2, 3, show=show)
        transactions(lambda uow: (uow.shows.lock(show.id), uow.seats.block(show.id, [4])))

        def status():
            offer = queries.programme.show(show.id)
            return offer.status, offer.available_seats, offer.held_seats, offer.sold_seats

        assert status() == (ShowStatus.ON_SALE, 0, 2, 1)
        assert queries.programme.show(show.id) in queries.programme.shows(ShowFilter(), ALL).items
        assert not transactions(lambda uow: uow.seats.is_full(show.id))
        clock.now = hold.expires_at
        assert status() == (ShowStatus.ON_SALE, 2, 0, 1)
        sales.book(show.id, [2, 3], customer)
        assert status() == (ShowStatus.SOLD_OUT, 0, 0, 3)

    def test_a_customers_holds_are_the_active_ones_and_those_not_taken(
        self, transactions, queries, sales, add, save, clock, show, customer, other_customer
    ):
        _, _, kept = add(1, 2), add(3, 4), add(5, 6)
        clock.now = kept.expires_at
        add(2, customer=other_customer)
        sales.book(show.id, [3], other_customer)
        clock.advance(seconds=1)
        released = add(7)
        save(released.released(clock.now))
        other = put_on(transactions)
        clock.advance(seconds=1)
        active, elsewhere = add(8), add(1, show=other, created_at=clock.now + FIVE_MINUTES)

        def holds(show_id=None, size=100):
            query = partial(queries.sales.holds_of, customer, show_id)
            return [timed.hold for timed in paged(query, size)]

        assert holds() == holds(size=1) == [elsewhere, active, kept]
        assert holds(show.id) == [active, kept]
        assert holds(other.id) == [elsewhere]
        assert queries.sales.holds_of(customer, None, Window(0, 1)).total == 3
        assert queries.sales.holds_of(customer, 987_654, ALL).total == 0

    def test_a_customers_list_of_holds_is_bounded(self, transactions, queries, clock, customer):
        show = put_on(transactions, a_show(plan=plain_grid(MAX_LISTED_HOLDS + 1)))
        holds = [
            a_hold(
                show,
                [number],
                customer=customer,
                created_at=clock.now + timedelta(microseconds=number),
            )
            for number in show.plan.numbers
        ]

        def work(uow):
            uow.seats.lock(show.id, [*show.plan.numbers], show.plan)
            uow.holds.add_all(holds)

        transactions(work)
        clock.advance(minutes=15)
        listed = queries.sales.holds_of(customer, None, Window(0, 2 * MAX_LISTED_HOLDS))
        assert [timed.hold for timed in listed.items] == holds[:0:-1]

    def test_the_active_holds_of_a_show_are_listed_newest_first(
        self, transactions, queries, add, save, clock, show, other_customer
    ):
        expired = add(1)
        clock.now = expired.expires_at
        released, first = add(2), add(3)
        save(released.released(clock.now))
        clock.advance(seconds=1)
        second = add(4, customer=other_customer)
        add(1, show=put_on(transactions))

        def holds(size):
            query = partial(queries.sales.holds_of_show, show.id)
            return [timed.hold for timed in paged(query, size)]

        assert holds(1) == holds(100) == [second, first]
        assert queries.sales.holds_of_show(show.id, Window(0, 1)).total == 2
        for unknown in UNKNOWN:
            assert queries.sales.holds_of_show(unknown, ALL).total == 0

    def test_the_live_holds_of_all_public_shows_are_counted(
        self, transactions, queries, add, save, clock, show
    ):
        expired = add(1)
        clock.now = expired.expires_at
        released, _, _ = add(2), add(3), add(1, show=put_on(transactions))
        save(released.released(clock.now))
        add(1, show=put_on(transactions, replace(show, rehearsal=True)))
        assert queries.sales.live_holds() == 2

    def test_all_holds_of_a_customer_in_batches(
        self, queries, add, save, clock, show, customer, other_customer
    ):
        holds = [add(number, created_at=clock.now) for number in (1, 2, 3)]
        clock.advance(seconds=1)
        save(holds[0].released(clock.now))
        holds = [holds[0].released(clock.now), *holds[1:]]
        holds.append(add(1))
        add(4, customer=other_customer)
        add(5, show=show, customer=other_customer)
        first, last = sorted(holds[:3], key=lambda hold: hold.id), holds[3]

        def after(hold, limit=100):
            return [timed.hold for timed in queries.sales.holds_after(customer, hold, limit)]

        assert after(None) == [*first, last]
        assert after(None, 2) == first[:2]
        assert after(first[1]) == [first[2], last]
        assert after(last) == []
