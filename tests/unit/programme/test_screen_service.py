"""Screens: new versions of their plans, names, and retirement."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    CLEANING,
    CUSTOMER,
    NOW,
    SALES_GRACE,
    TOMORROW,
    a_screen,
    a_show,
    put_on,
)
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import InvalidFields
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import ScreenNameTaken, ScreenNotFound, ScreenRetired
from ticketing.domain.programme.programme_import import (
    ImportRefused,
    Programme,
    ScreenEntry,
    ShowEntry,
)
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen import ScreenId
from ticketing.domain.programme.screen_service import KeptShow, ScreenService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import OrphanRule, ShowId
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import HoldReleased
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

ROOM = room(
    section("A: 1..4", exceptions=[{"rows": "A", "seats": "4", "features": ["out_of_order"]}])
)
POLICY = SalesPolicy(SALES_GRACE)
ANNA = AccountId(7)
MARIA = Actor(CUSTOMER, Role.CUSTOMER)


@pytest.fixture
def screens(transactions):
    return ScreenService(transactions)


@pytest.fixture
def programme(transactions):
    return ProgrammeService(transactions, CLEANING)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, POLICY)


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, POLICY)


@pytest.fixture
def show(transactions):
    return put_on(transactions, a_show())


@pytest.fixture
def plan_of(transactions):
    return lambda show: transactions(lambda uow: uow.shows.get(show.id)).plan


def test_future_shows_follow_a_new_version(transactions, screens, queries, show, plan_of):
    past, own, elsewhere, cancelled = (
        put_on(transactions, replace(show, **details))
        for details in (
            {"starts_at": NOW},
            {"plan": plain_grid(7)},
            {"screen": a_screen("Cellar")},
            {"cancelled_at": NOW},
        )
    )
    change = screens.change_plan(show.screen.id, ROOM, by=ANNA)
    assert change.screen.plan == ROOM
    assert change.screen.plan.id
    assert (change.shows_changed, change.shows_kept) == ([show.id, own.id], [])
    assert [plan_of(each) for each in (show, own)] == [ROOM, ROOM]
    assert [plan_of(each) for each in (past, elsewhere, cancelled)] == [plain_grid(50)] * 3
    assert queries.sales.seat_map(show.id).blocked == {4}
    actions = [entry.action for entry in queries.audit.audit_entries(Window(0, 10)).items]
    assert actions == ["show.plan_changed", "show.plan_changed", "screen.plan_changed"]


def test_a_dry_run_only_lists(transactions, screens, queries, sales, show, plan_of):
    sold = put_on(transactions, show)
    sales.book(sold.id, ["A2"], CUSTOMER)
    change = screens.change_plan(show.screen.id, ROOM, dry_run=True)
    assert change.screen.plan == ROOM
    assert (change.shows_changed, change.shows_kept) == ([show.id], [KeptShow(sold.id, ["A2"])])
    assert plan_of(show) == plain_grid(50)
    assert queries.programme.screens(Window(0, 1)).items[0].plan == plain_grid(50)
    assert queries.audit.audit_entries(Window(0, 1)).total == 0


def test_shows_in_use_keep_their_plan_until_the_call_is_repeated(
    transactions, screens, sales, holds, clock, show, plan_of
):
    sold, held, blocked = (put_on(transactions, show) for _ in range(3))
    booking = sales.book(sold.id, [12, 1], CUSTOMER)
    hold = holds.hold(held.id, [3], MARIA)
    BlockedSeatsService(transactions).block(blocked.id, [50])

    change = screens.change_plan(show.screen.id, ROOM)
    assert change.shows_changed == [show.id]
    assert change.shows_kept == [
        KeptShow(sold.id, ["A1", "B2"]),
        KeptShow(held.id, ["A3"]),
        KeptShow(blocked.id, ["E10"]),
    ]
    sales.cancel(sold.id, booking.id, MARIA)
    BlockedSeatsService(transactions).block(blocked.id, [])
    clock.now = hold.expires_at

    repeated = screens.change_plan(show.screen.id, ROOM)
    assert repeated.shows_changed == [sold.id, held.id, blocked.id]
    assert repeated.shows_kept == []
    assert plan_of(held) == ROOM
    with pytest.raises(HoldReleased):
        holds.book(hold.id, MARIA)


def test_seats_out_of_order_do_not_keep_a_plan(transactions, screens, plan_of):
    show = put_on(transactions, a_show(screen=a_screen(plan=ROOM), plan=ROOM))
    assert screens.change_plan(show.screen.id, plain_grid(9)).shows_changed == [show.id]
    assert plan_of(show) == plain_grid(9)


def test_a_show_that_changes_meanwhile_is_judged_as_it_is_then(
    transactions, screens, programme, show, plan_of, clock
):
    """Each show is judged in its own transaction."""
    removed, moved, started = (put_on(transactions, show) for _ in range(3))
    cellar = screens.add(a_screen("Cellar"))
    acts = [
        lambda: None,
        lambda: programme.remove_show(removed.id),
        lambda: programme.change_show(moved.id, ShowDraft(screen_id=cellar.id)),
        lambda: clock.advance(days=2),
    ]

    def interrupted(work):
        outcome = transactions(work)
        if acts:
            acts.pop(0)()
        return outcome

    acts.pop(0)
    change = ScreenService(interrupted).change_plan(show.screen.id, ROOM)
    assert change.shows_changed == [show.id]
    assert plan_of(moved) == plan_of(started) == plain_grid(50)


def test_the_later_of_two_versions_wins(transactions, screens, show, plan_of):
    def overtaken(work):
        outcome = transactions(work)
        if others:
            others.pop()()
        return outcome

    others = [lambda: screens.change_plan(show.screen.id, plain_grid(9))]
    ScreenService(overtaken).change_plan(show.screen.id, ROOM)
    assert plan_of(show) == plain_grid(9)


def test_a_screen_is_renamed_and_retired(screens, queries, programme, show):
    screen = screens.change(show.screen.id, name=" Studio ", retired=True, by=ANNA)
    assert (screen.name, screen.retired_at) == ("Studio", NOW)
    assert screens.change(screen.id, retired=True) == screen
    assert queries.programme.show(show.id).show.screen == screen
    draft = ShowDraft(movie_id=show.movie.id, screen_id=screen.id, starts_at=TOMORROW)
    with pytest.raises(ScreenRetired):
        programme.add_show(draft)
    other = screens.add(a_screen("Cellar"))
    elsewhere = programme.add_show(replace(draft, screen_id=other.id))
    with pytest.raises(ScreenRetired):
        programme.change_show(elsewhere.id, ShowDraft(screen_id=screen.id))
    later = ShowDraft(starts_at=TOMORROW + timedelta(days=1))
    assert programme.change_show(show.id, later).screen == screen
    [entry] = [each for each in queries.audit.audit_entries(Window(0, 9)).items if each.account_id]
    assert entry.details == {
        "name": ["Screen 1", "Studio"],
        "retired_at": [None, NOW.isoformat()],
    }
    assert screens.change(screen.id, retired=False).retired_at is None


def test_an_import_adds_no_show_to_a_retired_screen(screens, programme, show):
    screens.change(show.screen.id, retired=True)
    entry = ShowEntry(where="line 2", movie=show.movie.title, screen="Screen 1", starts_at=TOMORROW)
    with pytest.raises(ImportRefused) as refusal:
        programme.load(Programme(shows=[entry]))
    [fault] = refusal.value.facts["faults"]
    assert (fault["field"], fault["fault"]) == ("screen", "This screen is retired.")


def test_an_import_does_not_change_the_plan_of_a_screen(screens, programme):
    screens.add(a_screen("Cellar", ROOM))
    entry = ScreenEntry(where="line 2", name="Cellar", rows=5, seats_per_row=10)
    with pytest.raises(ImportRefused) as refusal:
        programme.load(Programme(screens=[entry]))
    [fault] = refusal.value.facts["faults"]
    assert "4 seats in a plan of its own" in fault["fault"]


def test_names_stay_unique(screens, show):
    screens.add(a_screen("Cellar"))
    assert screens.change(show.screen.id, name="SCREEN 1").name == "SCREEN 1"
    with pytest.raises(ScreenNameTaken):
        screens.change(show.screen.id, name="cellar")
    with pytest.raises(ScreenNameTaken):
        screens.add(a_screen("cellar"), dry_run=True)
    with pytest.raises(InvalidFields):
        screens.change(show.screen.id, name=" ")
    with pytest.raises(InvalidFields):
        screens.add(a_screen(""))


def test_a_dry_run_adds_no_screen(screens, queries):
    assert screens.add(a_screen("Cellar"), dry_run=True) == a_screen("Cellar")
    assert queries.programme.screens(Window(0, 1)).total == 0


def test_an_unknown_screen_is_refused(screens):
    for change in (
        lambda: screens.change(ScreenId(99), name="Cellar"),
        lambda: screens.change_plan(ScreenId(99), ROOM),
        lambda: screens.change_plan(ScreenId(99), ROOM, dry_run=True),
    ):
        with pytest.raises(ScreenNotFound):
            change()


def test_a_new_show_gets_the_plan_that_its_screen_has_once_locked(
    transactions, screens, programme, show, monkeypatch
):
    """Another transaction may change it after the draft was read."""
    from ticketing.adapters.memory.programme import MemoryScreens

    newer = replace(show.screen, plan=screens.change_plan(show.screen.id, ROOM).screen.plan)
    old = replace(show.screen, plan=plain_grid(50))
    monkeypatch.setattr(MemoryScreens, "get", lambda *_: old)
    draft = ShowDraft(movie_id=show.movie.id, screen_id=old.id, starts_at=TOMORROW)
    later = replace(draft, starts_at=TOMORROW + timedelta(days=1))
    assert programme.add_show(later).plan == newer.plan
    own = replace(later, starts_at=TOMORROW + timedelta(days=2), total_seats=9)
    assert programme.add_show(own).plan == plain_grid(9)


def test_the_orphan_rule_of_a_show_changes_at_any_time(programme, sales, holds, show):
    draft = ShowDraft(
        movie_id=show.movie.id,
        screen_id=show.screen.id,
        starts_at=TOMORROW + timedelta(days=1),
        orphan_rule=OrphanRule.WARN,
    )
    assert programme.add_show(draft).orphan_rule is OrphanRule.WARN
    sales.book(show.id, [1], CUSTOMER)
    hold = holds.hold(show.id, [2], MARIA)
    changed = programme.change_show(show.id, ShowDraft(orphan_rule=OrphanRule.ENFORCE))
    assert changed == replace(show, orphan_rule=OrphanRule.ENFORCE)
    assert programme.change_show(show.id, ShowDraft()) == changed
    assert holds.book(hold.id, MARIA).show == changed
    assert ShowId(show.id) == changed.id
