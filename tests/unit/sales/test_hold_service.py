"""Holding seats: what may be held, for how long, and what becomes of a hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, SALES_GRACE, TOMORROW, a_show, put_on, register
from ticketing.adapters.memory.sales import MemoryHolds, MemorySeats
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.audit import AuditEntry
from ticketing.domain.errors import Forbidden, InvalidFields
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import SeatNamedTwice, ShowNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import OrphanRule, ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import (
    HoldAtLimit,
    HoldBooked,
    HoldExpired,
    HoldLost,
    HoldNotFound,
    HoldReleased,
    IdempotencyKeyReused,
    OrphanSeat,
    SalesClosed,
    SeatHeld,
    SeatLimit,
    SeatTaken,
    ShowFull,
)
from ticketing.domain.sales.hold import Hold, HoldId, HoldStatus, new_hold_id
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

MARIA, OTTO = (Actor(AccountId(number), Role.CUSTOMER) for number in (1, 2))
STAFF = Actor(AccountId(3), Role.STAFF)
MINUTE = timedelta(minutes=1)
POLICY = SalesPolicy(SALES_GRACE, per_account=4)


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, POLICY)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, POLICY)


@pytest.fixture
def show(transactions):
    return put_on(transactions)


@pytest.fixture
def stored(transactions):
    def stored(hold):
        return transactions(lambda work: work.holds.get(hold.id))

    return stored


@pytest.fixture
def room(transactions, show, clock):
    """Return the numbers of the seats that are held, and of those that are sold."""

    def room():
        seats = transactions(lambda work: work.seats.room(show.id)).seats
        held = [seat.seat.number for seat in seats if seat.is_held(clock())]
        return held, [seat.seat.number for seat in seats if seat.booking_id]

    return room


def cancel_show(transactions, show):
    def work(uow):
        uow.shows.save(uow.shows.lock(show.id).cancelled(uow.now()))

    transactions(work)


class TestHolding:
    def test_seats_are_held_for_ten_minutes_and_at_most_for_thirty(self, holds, show, room, stored):
        hold = holds.hold(show.id, ["b1", 3, " A2 "], MARIA)
        assert [seat.label for seat in hold.seats] == ["A2", "A3", "B1"]
        assert (hold.show, hold.customer, hold.created_at) == (show, 1, NOW)
        assert (hold.expires_at, hold.extendable_until) == (NOW + 10 * MINUTE, NOW + 30 * MINUTE)
        assert hold.status(NOW) is HoldStatus.ACTIVE
        assert stored(hold) == hold
        assert room() == ([2, 3, 11], [])

    def test_it_lasts_no_longer_than_sales(self, holds, show, clock):
        clock.advance(hours=24, minutes=10)
        hold = holds.hold(show.id, [1], MARIA)
        assert hold.expires_at == hold.extendable_until == TOMORROW + SALES_GRACE

    @pytest.mark.parametrize(
        ("names", "refusal"),
        [
            ([], InvalidFields),
            (range(1, 12), InvalidFields),
            ([0], UnknownSeat),
            ([1, "A1"], SeatNamedTwice),
        ],
    )
    def test_one_to_ten_seats_of_the_show_are_held_at_once(self, holds, show, names, refusal):
        with pytest.raises(refusal):
            holds.hold(show.id, names, MARIA)
        with pytest.raises(ShowNotFound):
            holds.hold(ShowId(987_654), [1], MARIA)

    def test_sales_must_be_open(self, transactions, holds, show, clock):
        other = put_on(transactions, replace(show, starts_at=TOMORROW + MINUTE))
        cancel_show(transactions, other)
        clock.advance(hours=24, minutes=15)
        for closed in (show, other):
            with pytest.raises(SalesClosed):
                holds.hold(closed.id, [1], MARIA)

    def test_sold_seats_are_taken(self, holds, sales, show):
        sales.book(show.id, [2], OTTO.account_id)
        with pytest.raises(SeatTaken) as refusal:
            holds.hold(show.id, [1, 2], MARIA)
        assert refusal.value.facts == {"seats": ["A2"]}

    def test_blocked_seats_are_taken(self, transactions, holds, show):
        transactions(lambda work: work.seats.block(show.id, [2]))
        with pytest.raises(SeatTaken) as refusal:
            holds.hold(show.id, [1, 2], MARIA)
        assert refusal.value.facts == {"seats": ["A2"]}

    def test_held_seats_are_named_with_the_time_when_the_last_is_free(self, holds, show, clock):
        holds.hold(show.id, [1], OTTO)
        clock.advance(minutes=1)
        holds.hold(show.id, [3], OTTO)
        with pytest.raises(SeatHeld) as refusal:
            holds.hold(show.id, [1, 2, 3], MARIA)
        assert refusal.value.facts == {"seats": ["A1", "A3"], "held_until": NOW + 11 * MINUTE}

    def test_ones_own_hold_is_named(self, holds, show):
        hold = holds.hold(show.id, [1, 2], MARIA)
        with pytest.raises(SeatHeld) as refusal:
            holds.hold(show.id, [2, 3], MARIA)
        assert refusal.value.facts["hold"] == hold.id
        assert refusal.value.detail == "Seat held by yourself"

    def test_taken_seats_are_reported_before_held_ones(self, holds, sales, show):
        sales.book(show.id, [1], OTTO.account_id)
        holds.hold(show.id, [2], OTTO)
        with pytest.raises(SeatTaken):
            holds.hold(show.id, [1, 2], MARIA)

    def test_a_show_is_full_when_no_seat_is_free_or_held(self, transactions, holds, sales, clock):
        show = put_on(transactions, a_show(plan=plain_grid(2)))
        sales.book(show.id, [1], OTTO.account_id)
        hold = holds.hold(show.id, [2], OTTO)
        with pytest.raises(SeatTaken):
            holds.hold(show.id, [1], MARIA)
        holds.book(hold.id, OTTO)
        with pytest.raises(ShowFull):
            holds.hold(show.id, [1], MARIA)

    def test_an_expired_hold_counts_for_nothing(self, holds, show, clock):
        holds.hold(show.id, [1], OTTO)
        clock.advance(minutes=10, microseconds=-1)
        with pytest.raises(SeatHeld):
            holds.hold(show.id, [1], MARIA)
        clock.advance(microseconds=1)
        assert holds.hold(show.id, [1], MARIA).customer == MARIA.account_id

    def test_bookings_and_live_holds_count_together_towards_the_limit(
        self, holds, sales, show, clock
    ):
        sales.book(show.id, [1], MARIA.account_id)
        holds.hold(show.id, [2, 3], MARIA)
        with pytest.raises(SeatLimit) as refusal:
            holds.hold(show.id, [4, 5], MARIA)
        assert refusal.value.facts == {"limit": 4, "held": 3}
        with pytest.raises(SeatLimit):
            sales.book(show.id, [4, 5], MARIA.account_id)
        holds.hold(show.id, [4], MARIA)
        clock.advance(minutes=30)
        assert holds.hold(show.id, [4, 5, 6], MARIA)

    def test_staff_may_hold_more(self, holds, show):
        assert len(holds.hold(show.id, range(1, 11), STAFF).seats) == 10

    def test_a_rehearsal_is_not_for_the_public(self, transactions, holds):
        show = put_on(transactions, replace(a_show(), rehearsal=True))
        maria = Actor(register(transactions, "maria"), Role.CUSTOMER)
        guest = Actor(register(transactions, "guest", rehearsal="trial"), Role.CUSTOMER)
        with pytest.raises(SalesClosed):
            holds.hold(show.id, [1], maria)
        assert holds.hold(show.id, [1], guest)


class TestRepeatedHolds:
    """An account cannot keep seats by holding them again and again."""

    def test_a_hold_soon_after_a_released_one_keeps_its_limit(self, holds, show, clock):
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=8)
        holds.release(first.id, MARIA)
        clock.advance(minutes=9, seconds=59)
        second = holds.hold(show.id, [1], MARIA)
        assert second.extendable_until == first.extendable_until
        assert second.expires_at == clock() + 10 * MINUTE

    def test_so_does_one_after_an_expired_one(self, holds, show, clock):
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=19, seconds=59)
        second = holds.hold(show.id, [2], MARIA)
        assert second.extendable_until == first.extendable_until
        assert second.expires_at == clock() + 10 * MINUTE

    def test_a_hold_that_expired_before_it_was_released_ended_when_it_expired(
        self, holds, show, clock
    ):
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=15)
        holds.release(first.id, MARIA)
        clock.advance(minutes=5)
        assert holds.hold(show.id, [1], MARIA).extendable_until == clock() + 30 * MINUTE

    def test_where_the_limit_is_over_the_account_has_to_wait(self, holds, show, clock):
        first = holds.hold(show.id, [1], MARIA)
        for _ in range(2):
            clock.advance(minutes=9, seconds=59.5)
            holds.extend(first.id, MARIA)
        clock.advance(minutes=10, seconds=1)
        assert clock() == first.extendable_until
        with pytest.raises(HoldAtLimit) as refusal:
            holds.hold(show.id, [1], MARIA)
        assert refusal.value.facts == {"retry_after": 599}  # from the end of the first one
        clock.advance(minutes=9, seconds=58.5)
        with pytest.raises(HoldAtLimit) as refusal:
            holds.hold(show.id, [2], MARIA)
        assert refusal.value.facts == {"retry_after": 1}
        assert holds.hold(show.id, [1], OTTO)
        clock.advance(seconds=0.5)
        assert holds.hold(show.id, [2], MARIA).extendable_until == clock() + 30 * MINUTE

    def test_a_hold_that_is_active_or_was_booked_has_no_such_effect(self, holds, show, clock):
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=5)
        second = holds.hold(show.id, [2], MARIA)
        assert second.extendable_until == clock() + 30 * MINUTE
        for hold in (first, second):
            holds.book(hold.id, MARIA)
        clock.advance(minutes=1)
        assert holds.hold(show.id, [3], MARIA).extendable_until == clock() + 30 * MINUTE

    def test_other_holds_in_between_change_nothing(self, holds, show, clock):
        """Neither one that is active still, nor one that was booked."""
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=5)
        active, booked_one = (holds.hold(show.id, [number], MARIA) for number in (2, 3))
        holds.book(booked_one.id, MARIA)
        holds.release(first.id, MARIA)
        assert holds.hold(show.id, [1], MARIA).extendable_until == first.extendable_until
        holds.release(active.id, MARIA)
        assert holds.hold(show.id, [2], MARIA).extendable_until == first.extendable_until

    def test_a_hold_that_gets_other_seats_gets_the_limit_of_the_ended_one(
        self, holds, show, stored, clock
    ):
        first = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=5)
        second = holds.hold(show.id, [2, 3], MARIA)
        holds.release(first.id, MARIA)
        fewer = holds.change(second.id, [2], MARIA).hold
        assert fewer.extendable_until == second.extendable_until
        moved = holds.change(second.id, [1, 2], MARIA).hold
        assert moved.extendable_until == first.extendable_until
        assert moved.expires_at == second.expires_at
        assert stored(second) == moved

    def test_a_hold_that_lasts_longer_than_that_limit_gets_no_other_seats(self, holds, show, clock):
        first = holds.hold(show.id, [1], MARIA)
        for _ in range(2):
            clock.advance(minutes=9)
            holds.extend(first.id, MARIA)
        clock.advance(minutes=6)
        second = holds.hold(show.id, [2], MARIA)
        holds.release(first.id, MARIA)
        with pytest.raises(HoldAtLimit):
            holds.change(second.id, [1], MARIA)

    def test_other_shows_have_limits_of_their_own(self, transactions, holds, show, clock):
        other = put_on(transactions, replace(show, starts_at=TOMORROW + 600 * MINUTE))
        holds.release(holds.hold(show.id, [1], MARIA).id, MARIA)
        clock.advance(minutes=1)
        assert holds.hold(other.id, [1], MARIA).extendable_until == clock() + 30 * MINUTE


class TestOrphans:
    @pytest.fixture
    def show(self, transactions):
        return put_on(transactions, replace(a_show(), orphan_rule=OrphanRule.ENFORCE))

    def test_a_choice_that_leaves_a_seat_alone_is_refused(self, holds, show, room):
        with pytest.raises(OrphanSeat) as refusal:
            holds.hold(show.id, ["A2", "A3"], MARIA)
        assert refusal.value.facts["orphans"] == ["A1"]
        assert room() == ([], [])

    def test_staff_may_leave_one(self, holds, show):
        assert holds.hold(show.id, ["A2"], STAFF).orphans == []

    def test_bookings_may_leave_one(self, sales, show):
        assert sales.book(show.id, ["A2"], MARIA.account_id)

    def test_a_change_is_judged_as_if_the_hold_had_no_seats_yet(self, holds, show):
        hold = holds.hold(show.id, ["A1", "A2"], MARIA)
        with pytest.raises(OrphanSeat):
            holds.change(hold.id, ["A2", "A3"], MARIA)
        assert holds.change(hold.id, ["A1"], MARIA).hold.orphans == []

    def test_seats_held_by_others_are_not_free(self, holds, show):
        holds.hold(show.id, ["A1", "A2"], OTTO)
        with pytest.raises(OrphanSeat) as refusal:
            holds.hold(show.id, ["A4"], MARIA)
        assert refusal.value.facts["orphans"] == ["A3"]

    def test_a_warning_is_given_but_not_stored(self, transactions, holds, stored):
        show = put_on(transactions, replace(a_show(), orphan_rule=OrphanRule.WARN))
        hold = holds.hold(show.id, ["A2"], MARIA)
        assert [seat.label for seat in hold.orphans] == ["A1"]
        assert stored(hold) == hold


class TestExtending:
    def test_it_lasts_ten_minutes_from_now(self, holds, show, clock, stored, room):
        hold = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=7)
        extended, now = holds.extend(hold.id, MARIA)
        assert now == clock()
        assert extended.expires_at == clock() + 10 * MINUTE
        assert stored(hold) == extended
        clock.advance(minutes=9)
        assert room() == ([1], [])

    def test_extending_at_once_changes_nothing(self, holds, show, stored):
        hold = holds.hold(show.id, [1], MARIA)
        assert holds.extend(hold.id, MARIA).hold == hold == stored(hold)

    def test_only_its_customer_extends_it(self, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        for actor in (OTTO, STAFF):
            with pytest.raises(Forbidden):
                holds.extend(hold.id, actor)

    def test_an_ended_hold_is_not_extended(self, holds, show, clock):
        booked, released, expired = (holds.hold(show.id, [number], MARIA) for number in (1, 2, 3))
        booking = holds.book(booked.id, MARIA)
        holds.release(released.id, MARIA)
        clock.advance(minutes=10)
        with pytest.raises(HoldBooked) as refusal:
            holds.extend(booked.id, MARIA)
        assert refusal.value.facts == {"booking": booking.id}
        with pytest.raises(HoldReleased):
            holds.extend(released.id, MARIA)
        with pytest.raises(HoldExpired):
            holds.extend(expired.id, MARIA)

    def test_a_hold_whose_seats_were_taken_is_not_extended(self, holds, show, clock):
        """Even if the store's clock was set back, so that the hold seems to be active again."""
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.now = hold.expires_at
        holds.hold(show.id, [2], OTTO)
        clock.now = NOW + MINUTE
        with pytest.raises(HoldExpired):
            holds.extend(hold.id, MARIA)

    def test_an_unknown_hold(self, holds, show):
        for unknown in (new_hold_id(show.id), new_hold_id(ShowId(987_654)), HoldId("5")):
            for call in (holds.extend, holds.release, holds.book):
                with pytest.raises(HoldNotFound):
                    call(unknown, MARIA)
            with pytest.raises(HoldNotFound):
                holds.change(unknown, [1], MARIA)


class TestChanging:
    def test_it_has_exactly_the_new_seats_and_expires_as_before(
        self, holds, show, clock, stored, room
    ):
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.advance(minutes=5)
        changed = holds.change(hold.id, ["A2", "A3", "A4"], MARIA).hold
        assert changed.seat_numbers == [2, 3, 4]
        assert changed.expires_at == hold.expires_at
        assert stored(hold) == changed
        assert room() == ([2, 3, 4], [])
        clock.advance(minutes=5)
        assert room() == ([], [])

    def test_the_same_seats_again_change_nothing(self, holds, show, stored):
        hold = holds.hold(show.id, [1, 2], MARIA)
        assert holds.change(hold.id, [2, 1], MARIA).hold == hold == stored(hold)

    def test_seats_of_others_are_refused_and_nothing_changes(self, holds, sales, show, room):
        hold = holds.hold(show.id, [1, 2], MARIA)
        own = holds.hold(show.id, [3], MARIA)
        holds.hold(show.id, [4], OTTO)
        sales.book(show.id, [5], OTTO.account_id)
        for number, theirs in [(3, own.id), (4, None)]:
            with pytest.raises(SeatHeld) as refused:
                holds.change(hold.id, [2, number], MARIA)
            assert refused.value.facts.get("hold") == theirs
        with pytest.raises(SeatTaken):
            holds.change(hold.id, [2, 5], MARIA)
        assert room() == ([1, 2, 3, 4], [5])

    def test_the_limit_is_judged_where_there_are_more_seats(self, holds, show):
        hold = holds.hold(show.id, [1, 2, 3], MARIA)
        with pytest.raises(SeatLimit) as refusal:
            holds.change(hold.id, [1, 2, 3, 4, 5], MARIA)
        assert refusal.value.facts == {"limit": 4, "held": 0}
        assert holds.change(hold.id, [1, 2, 3, 4], MARIA)

    def test_fewer_or_other_seats_are_possible_above_the_limit(self, transactions, holds, show):
        hold = holds.hold(show.id, [1, 2, 3], MARIA)
        stricter = HoldService(transactions, replace(POLICY, per_account=1))
        assert stricter.change(hold.id, [5, 6, 7], MARIA).hold.seat_numbers == [5, 6, 7]
        assert stricter.change(hold.id, [5, 8], MARIA).hold.seat_numbers == [5, 8]

    def test_staff_have_no_limit(self, holds, show):
        hold = holds.hold(show.id, [1], STAFF)
        assert len(holds.change(hold.id, range(1, 11), STAFF).hold.seats) == 10

    @pytest.mark.parametrize("names", [[], range(1, 12)])
    def test_it_has_one_to_ten_seats(self, holds, show, names):
        hold = holds.hold(show.id, [1], MARIA)
        with pytest.raises(InvalidFields):
            holds.change(hold.id, names, MARIA)

    def test_only_its_customer_changes_it(self, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        for actor in (OTTO, STAFF):
            with pytest.raises(Forbidden):
                holds.change(hold.id, [2], actor)

    def test_an_ended_hold_is_not_changed(self, holds, show, clock):
        booked, released, expired = (holds.hold(show.id, [number], MARIA) for number in (1, 2, 3))
        holds.book(booked.id, MARIA)
        holds.release(released.id, MARIA)
        clock.advance(minutes=10)
        for hold, refusal in [
            (booked, HoldBooked),
            (released, HoldReleased),
            (expired, HoldExpired),
        ]:
            with pytest.raises(refusal):
                holds.change(hold.id, [4], MARIA)

    def test_sales_must_be_open(self, transactions, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        cancel_show(transactions, show)  # as an old server does, which knows no holds
        with pytest.raises(SalesClosed):
            holds.change(hold.id, [2], MARIA)


class TestReleasing:
    def test_its_seats_are_free_at_once(self, holds, show, stored, room):
        hold = holds.hold(show.id, [1, 2], MARIA)
        holds.release(hold.id, MARIA)
        assert stored(hold).status(NOW) is HoldStatus.RELEASED
        assert room() == ([], [])
        assert holds.hold(show.id, [1], OTTO)

    def test_releasing_again_changes_nothing(self, holds, show, clock, stored):
        hold = holds.hold(show.id, [1, 2], MARIA)
        holds.release(hold.id, MARIA)
        released = stored(hold)
        clock.advance(minutes=1)
        holds.release(hold.id, MARIA)
        assert stored(hold) == released

    def test_an_expired_hold_can_be_released(self, holds, show, clock, stored):
        hold = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=10)
        theirs = holds.hold(show.id, [1], OTTO)
        holds.release(hold.id, MARIA)
        assert stored(hold).status(clock()) is HoldStatus.RELEASED
        assert holds.book(theirs.id, OTTO)

    def test_a_booked_hold_is_not_released(self, holds, show, room):
        hold = holds.hold(show.id, [1], MARIA)
        booking = holds.book(hold.id, MARIA)
        with pytest.raises(HoldBooked) as refusal:
            holds.release(hold.id, MARIA)
        assert refusal.value.facts == {"booking": booking.id}
        assert room() == ([], [1])

    def test_other_customers_do_not_release_it(self, holds, show, room):
        hold = holds.hold(show.id, [1], MARIA)
        with pytest.raises(Forbidden):
            holds.release(hold.id, OTTO)
        assert room() == ([1], [])

    def test_staff_release_it_on_record_once(self, queries, holds, show):
        hold = holds.hold(show.id, [1, 2], MARIA)
        holds.release(hold.id, STAFF)
        holds.release(hold.id, STAFF)
        [entry] = queries.audit.audit_entries(Window(0, 10)).items
        assert entry == AuditEntry(
            id=entry.id,
            at=NOW,
            account_id=STAFF.account_id,
            action="hold.ended",
            subject_kind="show",
            subject_id=show.id,
            details={"hold": hold.id, "seats": ["A1", "A2"]},
        )

    def test_ones_own_release_is_not_on_record(self, queries, holds, show):
        holds.release(holds.hold(show.id, [1], STAFF).id, STAFF)
        assert queries.audit.audit_entries(Window(0, 10)).items == []


class TestBooking:
    def test_a_hold_becomes_a_booking_of_its_seats(self, queries, holds, show, clock, room, stored):
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.advance(minutes=1)
        booking = holds.book(hold.id, MARIA)
        assert (booking.seat_numbers, booking.customer) == ([1, 2], MARIA.account_id)
        assert booking.created_at == clock()
        assert queries.sales.booking(booking.id) == booking
        assert stored(hold).booking_id == booking.id
        assert stored(hold).seat_numbers == [1, 2]
        assert room() == ([], [1, 2])

    def test_an_expired_hold_is_booked_while_no_one_took_its_seats(self, holds, show, clock, room):
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.advance(minutes=10)
        assert room() == ([], [])
        assert holds.book(hold.id, MARIA).seat_numbers == [1, 2]

    def test_a_hold_is_lost_once_a_seat_was_sold(self, holds, sales, show, clock, room):
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.advance(minutes=10)
        sold = sales.book(show.id, [2], OTTO.account_id)
        with pytest.raises(HoldLost) as refusal:
            holds.book(hold.id, MARIA)
        assert refusal.value.facts == {"seats": ["A2"]}
        sales.cancel(show.id, sold.id, OTTO)
        with pytest.raises(HoldLost):
            holds.book(hold.id, MARIA)
        assert room() == ([], [])

    def test_so_it_is_once_a_seat_was_held_or_blocked(self, transactions, holds, show, clock):
        hold = holds.hold(show.id, [1, 2, 3], MARIA)
        clock.advance(minutes=10)
        taken = holds.hold(show.id, [1], OTTO)
        transactions(lambda work: work.seats.block(show.id, [3]))
        holds.release(taken.id, OTTO)
        with pytest.raises(HoldLost) as refusal:
            holds.book(hold.id, MARIA)
        assert refusal.value.facts == {"seats": ["A1", "A3"]}

    def test_a_hold_is_booked_once(self, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        booking = holds.book(hold.id, MARIA)
        with pytest.raises(HoldBooked) as refusal:
            holds.book(hold.id, MARIA)
        assert refusal.value.facts == {"booking": booking.id}

    def test_a_released_hold_is_not_booked(self, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        holds.release(hold.id, MARIA)
        with pytest.raises(HoldReleased):
            holds.book(hold.id, MARIA)

    def test_only_its_customer_books_it(self, holds, show):
        hold = holds.hold(show.id, [1], MARIA)
        for actor in (OTTO, STAFF):
            with pytest.raises(Forbidden):
                holds.book(hold.id, actor)

    def test_sales_must_be_open(self, holds, show, clock):
        clock.advance(hours=24, minutes=14)
        hold = holds.hold(show.id, [1], MARIA)
        clock.advance(minutes=1)
        with pytest.raises(SalesClosed):
            holds.book(hold.id, MARIA)

    def test_the_seats_of_a_live_hold_are_within_the_limit_already(self, holds, show):
        hold = holds.hold(show.id, [1, 2, 3, 4], MARIA)
        assert holds.book(hold.id, MARIA)

    def test_those_of_an_expired_one_are_not(self, holds, sales, show, clock):
        hold = holds.hold(show.id, [1, 2, 3], MARIA)
        clock.advance(minutes=10)
        sales.book(show.id, [5, 6], MARIA.account_id)
        with pytest.raises(SeatLimit) as refusal:
            holds.book(hold.id, MARIA)
        assert refusal.value.facts == {"limit": 4, "held": 2}

    def test_staff_have_no_limit(self, holds, show, clock):
        hold = holds.hold(show.id, range(1, 11), STAFF)
        clock.advance(minutes=10)
        assert len(holds.book(hold.id, STAFF).seats) == 10


class TestBookingByName:
    """A sale by name respects the holds of others, and takes seats out of one's own."""

    def test_seats_that_others_hold_are_refused(self, holds, sales, show):
        holds.hold(show.id, [1], OTTO)
        with pytest.raises(SeatHeld) as refusal:
            sales.book(show.id, [1, 2], MARIA.account_id)
        assert refusal.value.facts == {"seats": ["A1"], "held_until": NOW + 10 * MINUTE}

    def test_ones_own_leave_the_hold(self, holds, sales, show, stored, room):
        hold = holds.hold(show.id, [1, 2, 3], MARIA)
        sales.book(show.id, [2, 4], MARIA.account_id)
        assert stored(hold) == replace(hold, seats=(hold.seats[0], hold.seats[2]))
        assert room() == ([1, 3], [2, 4])
        assert holds.book(hold.id, MARIA).seat_numbers == [1, 3]

    def test_a_hold_that_no_seat_is_left_of_is_booked(self, holds, sales, show, stored):
        hold = holds.hold(show.id, [1, 2], MARIA)
        sales.book(show.id, [1], MARIA.account_id)
        booking = sales.book(show.id, [2], MARIA.account_id)
        assert stored(hold).status(NOW) is HoldStatus.BOOKED
        with pytest.raises(HoldBooked) as refusal:
            holds.book(hold.id, MARIA)
        assert refusal.value.facts == {"booking": booking.id}

    def test_a_sale_takes_seats_of_several_holds(self, holds, sales, show, stored):
        first, second = (holds.hold(show.id, [n, n + 1], MARIA) for n in (1, 3))
        sales.book(show.id, [1, 2, 3], MARIA.account_id)
        assert stored(first).status(NOW) is HoldStatus.BOOKED
        assert stored(second).seat_numbers == [4]

    def test_seats_of_ones_own_hold_count_once_towards_the_limit(self, holds, sales, show):
        holds.hold(show.id, [1, 2, 3], MARIA)
        with pytest.raises(SeatLimit) as refusal:
            sales.book(show.id, [1, 2, 4, 5], MARIA.account_id)
        assert refusal.value.facts == {"limit": 4, "held": 3}
        assert sales.book(show.id, [1, 2, 3, 4], MARIA.account_id)

    def test_seats_of_ones_own_expired_hold_are_free(self, holds, sales, show, clock, stored):
        hold = holds.hold(show.id, [1, 2], MARIA)
        clock.advance(minutes=10)
        sales.book(show.id, [1], MARIA.account_id)
        assert stored(hold) == hold
        with pytest.raises(HoldLost):
            holds.book(hold.id, MARIA)

    def test_it_works_without_a_limit_too(self, transactions, holds, show, stored):
        unlimited = BookingService(transactions, SalesPolicy(SALES_GRACE))
        hold = holds.hold(show.id, [1, 2], MARIA)
        unlimited.book(show.id, [1], MARIA.account_id)
        assert stored(hold).seat_numbers == [2]


class TestRepeatedRequests:
    def test_a_repeated_hold_is_replayed(self, holds, show, clock):
        request: Repeatable[Hold] = Repeatable("key", "same", lambda hold: hold.id)
        hold = holds.hold_once(show.id, [1], MARIA, request)
        assert isinstance(hold, Hold)
        holds.release(hold.id, MARIA)
        assert holds.hold_once(show.id, [1], MARIA, request) == Replay(hold.id)
        with pytest.raises(IdempotencyKeyReused):
            holds.hold_once(show.id, [2], MARIA, replace(request, fingerprint="other"))

    def test_a_repeated_booking_of_a_hold_is_replayed(self, holds, show, clock):
        request: Repeatable[Booking] = Repeatable("key", "same", lambda booking: booking.reference)
        hold = holds.hold(show.id, [1], MARIA)
        booking = holds.book_once(hold.id, MARIA, request)
        assert isinstance(booking, Booking)
        clock.advance(minutes=30)
        assert holds.book_once(hold.id, MARIA, request) == Replay(booking.reference)
        other = holds.hold(show.id, [2], MARIA)
        assert isinstance(holds.book_once(other.id, MARIA, request), Booking)


class TestEndOfAccountsAndTime:
    def test_all_active_holds_of_an_account_are_released(
        self, transactions, holds, show, clock, room, stored
    ):
        other = put_on(transactions, replace(show, starts_at=TOMORROW + 600 * MINUTE))
        expired = holds.hold(show.id, [9], MARIA)
        clock.advance(minutes=10)
        first, second = holds.hold(show.id, [1], MARIA), holds.hold(other.id, [1], MARIA)
        holds.hold(show.id, [2], OTTO)
        holds.release_all_of(MARIA.account_id)
        holds.release_all_of(MARIA.account_id)
        assert {stored(each).status(clock()) for each in (first, second)} == {HoldStatus.RELEASED}
        assert stored(expired) == expired
        assert room() == ([2], [])

    def test_a_show_that_is_deleted_meanwhile_does_not_keep_an_account(
        self, holds, show, monkeypatch
    ):
        holds.hold(show.id, [1], MARIA)
        gone = lambda *args, **kwargs: [ShowNotFound()]  # noqa: E731
        monkeypatch.setattr(MemorySeats, "lock_all", gone)
        holds.release_all_of(MARIA.account_id)

    def test_holds_are_purged_two_days_after_they_expired(self, holds, show, clock, stored):
        hold = holds.hold(show.id, [1], MARIA)
        clock.advance(hours=49, minutes=10)
        holds.purge()
        assert stored(hold) == hold
        clock.advance(microseconds=1)
        holds.purge()
        with pytest.raises(HoldNotFound):
            stored(hold)

    def test_a_seat_may_outlive_the_hold_that_it_carries(self, transactions, holds, show, clock):
        hold = holds.hold(show.id, [1], MARIA)
        transactions(lambda work: work.holds.purge(clock() + 11 * MINUTE))
        with pytest.raises(SeatHeld):
            holds.hold(show.id, [1], MARIA)
        with pytest.raises(HoldNotFound):
            holds.book(hold.id, MARIA)


class TestChangesWhileWaiting:
    """Between reading a hold and locking its seats, another call may change it."""

    @pytest.fixture
    def change_after_read(self, transactions, monkeypatch):
        """Change a hold, and let the next read return it as it was before."""

        def change(changed):
            find_all = MemoryHolds.find_all
            before = [transactions(lambda work: work.holds.get(changed.id))]
            transactions(lambda work: work.holds.save_all([changed]))

            def stale_once(holds, hold_ids):
                found = find_all(holds, hold_ids)
                return {changed.id: before.pop()} if before else found

            monkeypatch.setattr(MemoryHolds, "find_all", stale_once)
            monkeypatch.setattr(
                MemoryHolds, "get", lambda holds, id_: stale_once(holds, [id_])[id_]
            )

        return change

    @pytest.fixture
    def hold(self, holds, show):
        return holds.hold(show.id, [1], MARIA)

    def test_other_seats_are_locked_then(self, holds, show, clock, hold, change_after_read):
        change_after_read(replace(hold, seats=(show.plan.seat(2),)))
        clock.advance(minutes=1)
        assert holds.extend(hold.id, MARIA).hold.seat_numbers == [2]

    def test_the_present_seats_are_booked(self, holds, show, hold, change_after_read):
        change_after_read(replace(hold, seats=(show.plan.seat(2),)))
        assert holds.book(hold.id, MARIA).seat_numbers == [2]

    @pytest.mark.parametrize("call", ["extend", "book"])
    def test_a_hold_that_was_released_is_not_used(self, holds, hold, change_after_read, call):
        change_after_read(hold.released(NOW))
        with pytest.raises(HoldReleased):
            getattr(holds, call)(hold.id, MARIA)

    def test_it_is_released_once(self, queries, holds, hold, change_after_read):
        change_after_read(hold.released(NOW))
        holds.release(hold.id, STAFF)
        assert queries.audit.audit_entries(Window(0, 10)).items == []

    def test_a_new_plan_of_the_show_is_read(self, transactions, holds, show, hold, monkeypatch):
        lock_all, left = MemorySeats.lock_all, [POSTPONED, ShowNotFound()]
        monkeypatch.setattr(
            MemorySeats,
            "lock_all",
            lambda *args, wait: [left.pop(0)] if left else lock_all(*args, wait=wait),
        )
        with pytest.raises(ShowNotFound):
            holds.extend(hold.id, MARIA)
