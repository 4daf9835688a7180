"""Seat plans of screens, shows and bookings."""

from dataclasses import replace

import pytest

from tests.builders import (
    CUSTOMER,
    NOW,
    SALES_GRACE,
    TOMORROW,
    a_booking,
    a_screen,
    a_show,
    put_on,
    register,
)
from tests.contracts.fixtures import ALL, UNKNOWN, Fixtures, roll_back
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.errors import PlanNotFound, ScreenNotFound
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document
from ticketing.domain.programme.show import OrphanRule
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

ROOM = plan_from_document(
    {
        "sections": [
            {"name": "Stalls", "rows": "A: 9 7 5 . 3 1\nB: 10..2/2"},
            {"name": "Box", "level": "Circle", "rows": "1: 1..2", "position": [500, 0]},
        ],
        "stage": "bottom",
    }
).plan

BROKEN = plan_from_document(
    {
        "sections": [
            {
                "rows": "A: 1..3",
                "exceptions": [{"rows": "A", "seats": "2", "features": ["out_of_order"]}],
            }
        ]
    }
).plan


class Interrupted(Exception):
    """A crash between two transactions."""


class SeatPlansContract(Fixtures):
    def test_a_plan_is_stored_once(self, transactions, queries):
        shows = [put_on(transactions, a_show(plan=plan)) for plan in (ROOM, ROOM, plain_grid(50))]
        first, same, other = (show.plan.id for show in shows)
        assert first == same != other
        assert shows[2].screen.plan.id == other > 0
        assert queries.programme.plan(first) == ROOM

    def test_a_plan_is_read_as_it_was_stored(self, transactions, queries):
        screen = transactions(lambda uow: uow.screens.add(a_screen(plan=ROOM)))
        for plan in (
            screen.plan,
            transactions(lambda uow: uow.screens.get(screen.id)).plan,
            queries.programme.plan(screen.plan.id),
        ):
            assert plan.id == screen.plan.id
            assert (plan.content, plan.seats(), plan.blocks) == (
                ROOM.content,
                ROOM.seats(),
                ROOM.blocks,
            )

    def test_a_plan_that_is_rolled_back_is_not_cached(self, transactions):
        """The next plan may get its id."""
        roll_back(transactions, lambda uow: uow.screens.add(a_screen(plan=ROOM)))
        other = plain_grid(ROOM.total_seats, ROOM.longest_row)
        screen = transactions(lambda uow: uow.screens.add(a_screen(plan=other)))
        assert transactions(lambda uow: uow.screens.get(screen.id)).plan == screen.plan == other

    @pytest.mark.parametrize("plan_id", UNKNOWN)
    def test_an_unknown_plan_is_refused(self, queries, plan_id):
        with pytest.raises(PlanNotFound):
            queries.programme.plan(plan_id)

    def test_a_booking_is_read_in_the_plan_that_it_was_sold_in(self, transactions, queries):
        show = put_on(transactions, a_show(plan=ROOM))

        def sell_and_cancel(uow):
            booking = a_booking(uow.shows.lock(show.id), [1, 6], customer=CUSTOMER)
            sold = uow.bookings.add(booking)
            uow.bookings.cancel(replace(sold, cancelled_at=NOW))
            return sold

        def change_plan(plan):
            changed = replace(show, plan=plan)
            transactions(lambda uow: (uow.shows.lock(show.id), uow.shows.save(changed)))

        sold = transactions(sell_and_cancel)
        change_plan(plain_grid(5))
        change_plan(plain_grid(7))
        for booking in (
            queries.sales.booking(sold.id),
            transactions(lambda uow: uow.bookings.get(show.id, sold.id)),
        ):
            assert booking.seats == sold.seats
            assert [seat.label for seat in booking.seats] == ["Stalls A9", "Stalls B10"]
            assert booking.show.plan == plain_grid(7)

    def test_the_orphan_rule_of_a_show_is_stored(self, transactions, queries):
        show = put_on(transactions, a_show(orphan_rule=OrphanRule.WARN))
        assert queries.programme.show(show.id).show.orphan_rule is OrphanRule.WARN
        changed = replace(show, orphan_rule=OrphanRule.ENFORCE)
        transactions(lambda uow: uow.shows.save(changed))
        assert transactions(lambda uow: uow.shows.get(show.id)) == changed

    def test_future_shows_follow_a_new_plan_of_their_screen(
        self, transactions, queries, sales, clock, show
    ):
        past, sold, held, blocked = (
            put_on(transactions, replace(show, starts_at=starts_at))
            for starts_at in (NOW, TOMORROW, TOMORROW, TOMORROW)
        )
        customer = register(transactions)
        sales.book(sold.id, [2], customer)
        HoldService(transactions, SalesPolicy(SALES_GRACE)).hold(
            held.id, [3, 1], Actor(customer, Role.CUSTOMER)
        )
        BlockedSeatsService(transactions).block(blocked.id, [4])

        change = ScreenService(transactions).change_plan(show.screen.id, BROKEN)

        assert change.screen == transactions(lambda uow: uow.screens.get(show.screen.id))
        assert change.screen.plan == BROKEN
        assert change.shows_changed == [show.id]
        kept = [(each.show, each.seats) for each in change.shows_kept]
        assert kept == [(sold.id, ["A2"]), (held.id, ["A1", "A3"]), (blocked.id, ["A4"])]
        assert queries.sales.seat_map(show.id).blocked == {2}
        assert transactions(lambda uow: uow.shows.seats_in_use(uow.shows.get(show.id), NOW)) == []
        assert queries.programme.show(past.id).show.plan == plain_grid(50)

    def test_an_interrupted_change_is_finished_by_a_repeat(self, transactions, sales, show):
        """Until then its shows are sold as they were."""
        customer = register(transactions)
        done: list[object] = []

        def interrupted(work):
            if done:
                raise Interrupted
            done.append(transactions(work))
            return done[0]

        with pytest.raises(Interrupted):
            ScreenService(interrupted).change_plan(show.screen.id, ROOM)
        half_way = transactions(lambda uow: uow.shows.get(show.id))
        assert (half_way.screen.plan, half_way.plan) == (ROOM, plain_grid(50))
        booking = sales.book(show.id, ["E10"], customer)
        sales.cancel(show.id, booking.id, Actor(customer, Role.CUSTOMER))

        change = ScreenService(transactions).change_plan(show.screen.id, ROOM)
        assert (change.shows_changed, change.shows_kept) == ([show.id], [])
        assert transactions(lambda uow: uow.shows.get(show.id)).plan == ROOM
        again = ScreenService(transactions).change_plan(show.screen.id, ROOM)
        assert (again.shows_changed, again.shows_kept) == ([], [])

    def test_ended_holds_and_cancelled_bookings_are_read_as_they_were_before_a_new_plan(
        self, transactions, queries, sales, clock, show
    ):
        customer = Actor(register(transactions), Role.CUSTOMER)
        holds = HoldService(transactions, SalesPolicy(SALES_GRACE))
        released = holds.hold(show.id, ["A4"], customer)
        holds.release(released.id, customer)
        expired = holds.hold(show.id, ["A5", "E10"], customer)
        bought = holds.hold(show.id, ["D7"], customer)
        booking = holds.book(bought.id, customer)
        sales.cancel(show.id, booking.id, customer)
        clock.now = expired.expires_at

        for plan in (ROOM, BROKEN):
            change = ScreenService(transactions).change_plan(show.screen.id, plan)
            assert change.shows_changed == [show.id]
            for hold in (released, expired, bought):
                assert queries.sales.hold(hold.id).hold.seats == hold.seats
                assert transactions(lambda uow, id=hold.id: uow.holds.get(id)).seats == hold.seats
            exported = queries.sales.holds_after(customer.account_id, None, 9)
            assert {each.hold.id: each.hold.seats for each in exported} == {
                hold.id: hold.seats for hold in (released, expired, bought)
            }
            listed = queries.sales.bookings(customer.account_id, None, ALL).items
            assert [each.seats for each in listed] == [booking.seats] == [bought.seats]

    def test_a_screen_is_renamed_and_retired(self, transactions, show):
        changed = ScreenService(transactions).change(show.screen.id, name="Studio", retired=True)
        assert transactions(lambda uow: uow.screens.lock(show.screen.id)) == changed
        assert transactions(lambda uow: uow.screens.find_name("STUDIO")) == changed
        assert (changed.name, changed.retired_at) == ("Studio", NOW)

    @pytest.mark.parametrize("screen_id", UNKNOWN)
    def test_an_unknown_screen_is_not_locked(self, transactions, screen_id):
        with pytest.raises(ScreenNotFound):
            transactions(lambda uow: uow.screens.lock(screen_id))
