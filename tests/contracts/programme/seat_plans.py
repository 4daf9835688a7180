"""Seat plans of screens, shows and bookings."""

from dataclasses import replace

import pytest

from tests.builders import CUSTOMER, NOW, a_booking, a_screen, a_show, put_on
from tests.contracts.fixtures import UNKNOWN, Fixtures
from ticketing.domain.programme.errors import PlanNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document
from ticketing.domain.programme.show import OrphanRule

ROOM = plan_from_document(
    {
        "sections": [
            {"name": "Stalls", "rows": "A: 9 7 5 . 3 1\nB: 10..2/2"},
            {"name": "Box", "level": "Circle", "rows": "1: 1..2", "position": [500, 0]},
        ],
        "stage": "bottom",
    }
).plan


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
