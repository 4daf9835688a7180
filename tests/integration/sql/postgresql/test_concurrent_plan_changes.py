"""A new plan of a screen meets holds, sales, new shows and other plans of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import SALES_GRACE, TOMORROW, a_screen, a_show, put_on
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import (
    COMMIT,
    HOLDING,
    SAVING,
    SELLING,
)
from ticketing.domain.programme.errors import UnknownSeat
from ticketing.domain.programme.screen_service import KeptShow
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.errors import HoldReleased
from ticketing.domain.sales.hold import HoldStatus
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

OLD, NEW, NEWEST = plain_grid(50, 5), plain_grid(60), plain_grid(70)
DECIDED = "UPDATE holds SET released_at"
MAKING_SEATS = "INSERT INTO show_seats"
"""Statements of the transaction in which a show gets the plan."""


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Only the default isolation: a stricter one would refuse what the locks have to prevent."""
    return postgresql


class PlanChanges(Fixtures):
    @pytest.fixture
    def show(self, transactions):
        return put_on(transactions, a_show(screen=a_screen(plan=OLD), plan=OLD))

    @pytest.fixture
    def buyer(self, client):
        return client("buyer")

    @pytest.fixture
    def staff(self, client):
        return client("staff")

    @pytest.fixture
    def plan_of(self, transactions):
        return lambda show_id: transactions(lambda uow: uow.shows.get(show_id)).plan


class TestHolds(PlanChanges):
    @pytest.fixture
    def hold(self, transactions, show, actor):
        return HoldService(transactions, SalesPolicy(SALES_GRACE)).hold(
            show.id, ["B1", "B2"], actor
        )

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_a_hold_that_is_being_made_keeps_the_plan(
        self, buyer, staff, show, actor, plan_of, half_way
    ):
        buyer.start(buyer.holds.hold, show.id, ["B1"], actor, stopping_before=half_way)
        staff.start(staff.screens.change_plan, show.screen.id, NEW)
        hold = buyer.resume()
        assert staff.waited
        change = staff.result()
        assert change.screen.plan == NEW
        assert change.shows_kept == [KeptShow(show.id, ["B1"])]
        assert plan_of(show.id) == OLD
        assert buyer.holds.book(hold.id, actor).seats == hold.seats

    @pytest.mark.parametrize("half_way", [DECIDED, MAKING_SEATS])
    def test_seats_are_held_by_the_new_plan(self, buyer, staff, show, actor, half_way):
        staff.start(staff.screens.change_plan, show.screen.id, NEW, stopping_before=half_way)
        buyer.start(buyer.holds.hold, show.id, ["B1"], actor)
        assert staff.resume().shows_changed == [show.id]
        assert buyer.waited
        assert buyer.result().seat_numbers == [11]

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    @pytest.mark.parametrize("is_expired", [False, True])
    def test_a_hold_that_is_being_booked_keeps_the_plan(
        self, buyer, staff, clock, show, actor, hold, plan_of, half_way, is_expired
    ):
        if is_expired:
            clock.now = hold.expires_at
        buyer.start(buyer.holds.book, hold.id, actor, stopping_before=half_way)
        staff.start(staff.screens.change_plan, show.screen.id, NEW)
        booking = buyer.resume()
        assert staff.waited
        assert staff.result().shows_kept == [KeptShow(show.id, ["B1", "B2"])]
        assert plan_of(show.id) == OLD
        assert booking.seats == hold.seats

    @pytest.mark.parametrize("half_way", [DECIDED, MAKING_SEATS])
    @pytest.mark.parametrize("act", ["book", "extend"])
    def test_an_expired_hold_ends_with_the_plan(
        self, queries, buyer, staff, clock, show, actor, hold, half_way, act
    ):
        """Also where the clock is set back, so that the hold seems to be active again."""
        clock.now = hold.expires_at
        staff.start(staff.screens.change_plan, show.screen.id, NEW, stopping_before=half_way)
        clock.now = hold.created_at
        buyer.start(getattr(buyer.holds, act), hold.id, actor)
        assert staff.resume().shows_changed == [show.id]
        assert buyer.waited
        assert isinstance(buyer.result(), HoldReleased)
        stored = queries.sales.hold(hold.id).hold
        assert stored.status(clock.now) is HoldStatus.RELEASED
        assert stored.seats == hold.seats
        assert booked(queries, show.id) == []

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    def test_a_hold_that_was_extended_in_time_keeps_the_plan(
        self, buyer, staff, clock, show, actor, hold, plan_of, half_way
    ):
        clock.advance(minutes=1)
        buyer.start(buyer.holds.extend, hold.id, actor, stopping_before=half_way)
        clock.now = hold.expires_at
        staff.start(staff.screens.change_plan, show.screen.id, NEW)
        buyer.resume()
        assert staff.waited
        assert staff.result().shows_kept == [KeptShow(show.id, ["B1", "B2"])]
        assert plan_of(show.id) == OLD


class TestSalesByName(PlanChanges):
    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_a_seat_that_is_being_sold_keeps_the_plan(
        self, queries, buyer, staff, show, customer, plan_of, half_way
    ):
        buyer.start(buyer.sales.book, show.id, ["B1"], customer, stopping_before=half_way)
        staff.start(staff.screens.change_plan, show.screen.id, NEW)
        booking = buyer.resume()
        assert staff.waited
        assert staff.result().shows_kept == [KeptShow(show.id, ["B1"])]
        assert plan_of(show.id) == OLD
        assert queries.sales.booking(booking.id).seats == booking.seats
        assert booked(queries, show.id) == [6]

    @pytest.mark.parametrize("half_way", [DECIDED, MAKING_SEATS])
    def test_a_seat_is_sold_by_the_new_plan(self, queries, buyer, staff, show, customer, half_way):
        staff.start(staff.screens.change_plan, show.screen.id, NEW, stopping_before=half_way)
        buyer.start(buyer.sales.book, show.id, ["B1"], customer)
        assert staff.resume().shows_changed == [show.id]
        assert buyer.waited
        assert buyer.result().seat_numbers == [11]
        assert booked(queries, show.id) == [11]

    def test_a_seat_that_the_new_plan_lacks_is_not_sold(self, buyer, staff, show, customer):
        staff.start(staff.screens.change_plan, show.screen.id, NEW, stopping_before=MAKING_SEATS)
        buyer.start(buyer.sales.book, show.id, ["H1"], customer)
        staff.resume()
        assert buyer.waited
        assert isinstance(buyer.result(), UnknownSeat)


class TestNewShows(PlanChanges):
    @pytest.fixture(params=["added", "moved"])
    def schedule(self, request, transactions, show):
        """Let a client add a show to the screen, or move one there."""
        there = ShowDraft(
            movie_id=show.movie.id,
            screen_id=show.screen.id,
            starts_at=TOMORROW + timedelta(days=1),
        )
        other = put_on(transactions, replace(show, screen=a_screen("Cellar"), plan=plain_grid(50)))

        def schedule(client, **how):
            if request.param == "added":
                return client.start(client.programme.add_show, there, **how)
            return client.start(client.programme.change_show, other.id, there, **how)

        return schedule

    def test_a_show_that_comes_first_follows(self, client, staff, show, schedule, plan_of):
        scheduler = schedule(client("scheduler"), stopping_before=COMMIT)
        staff.start(staff.screens.change_plan, show.screen.id, NEW)
        scheduled = scheduler.resume()
        assert staff.waited
        assert sorted(staff.result().shows_changed) == sorted([show.id, scheduled.id])
        assert plan_of(scheduled.id) == NEW

    def test_a_show_that_comes_later_gets_the_new_plan(
        self, client, staff, show, schedule, plan_of
    ):
        staff.start(staff.screens.change_plan, show.screen.id, NEW, stopping_before=COMMIT)
        scheduler = schedule(client("scheduler"))
        staff.resume()
        assert scheduler.waited
        assert plan_of(scheduler.result().id) == NEW


class TestOtherPlans(PlanChanges):
    @pytest.mark.parametrize("half_way", [COMMIT, DECIDED, MAKING_SEATS])
    def test_the_later_plan_wins(self, client, transactions, show, plan_of, half_way):
        first, second = client("first"), client("second")
        first.start(first.screens.change_plan, show.screen.id, NEW, stopping_before=half_way)
        second.start(second.screens.change_plan, show.screen.id, NEWEST)
        assert first.resume().screen.plan == NEW
        assert second.waited
        assert second.result().screen.plan == NEWEST
        assert transactions(lambda uow: uow.screens.get(show.screen.id)).plan == NEWEST
        assert plan_of(show.id) == NEWEST

    def test_two_screens_get_the_same_plan_at_once(self, client, transactions, show):
        """It is stored once."""
        other = transactions(lambda uow: uow.screens.add(a_screen("Cellar")))
        first, second = client("first"), client("second")
        first.start(first.screens.change_plan, show.screen.id, NEW, stopping_before=COMMIT)
        second.start(second.screens.change_plan, other.id, NEW)
        plan = first.resume().screen.plan
        assert second.waited
        assert second.result().screen.plan.id == plan.id
