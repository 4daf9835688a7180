"""Manage the programme: movies, screens and shows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    CLEANING,
    CUSTOMER,
    NOW,
    SALES_GRACE,
    TOMORROW,
    a_hold,
    a_movie,
    a_screen,
    a_show,
    an_entry,
    put_on,
)
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.errors import InvalidFields
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import (
    MovieNotFound,
    ScreenNameTaken,
    ShowCancelled,
    ShowHasBookings,
    ShowNotFound,
)
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import OrphanRule
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import HoldNotFound, HoldReleased
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.times import LATEST

ALL = Window(0, 100)
CANCELLED = ShowDraft(cancelled=True)
LATER = ShowDraft(starts_at=TOMORROW + timedelta(hours=1))


@pytest.fixture
def service(transactions):
    return ProgrammeService(transactions, CLEANING)


@pytest.fixture
def screens(transactions):
    return ScreenService(transactions)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def movie(service):
    return service.add_movie(a_movie())


@pytest.fixture
def screen(screens):
    return screens.add(a_screen(plan=plain_grid(48, 8)))


@pytest.fixture
def show(transactions):
    return put_on(transactions)


def faulty_fields(act):
    with pytest.raises(InvalidFields) as refusal:
        act()
    return sorted(refusal.value.facts["errors"])


def test_a_movie_is_changed(queries, service, movie):
    changed = service.change_movie(movie.id, lambda known: known.changed(title="M"))
    assert changed == replace(movie, title="M") == queries.programme.movie(movie.id)


def test_an_invalid_change_leaves_the_movie_unchanged(queries, service, movie):
    assert faulty_fields(
        lambda: service.change_movie(movie.id, lambda known: known.changed(title=""))
    ) == ["title"]
    assert queries.programme.movie(movie.id) == movie


def test_an_unknown_movie_is_not_changed(service):
    with pytest.raises(MovieNotFound):
        service.change_movie(1, lambda known: known)
    with pytest.raises(MovieNotFound):
        service.remove_movie(1)


def test_a_movie_is_removed_with_its_shows(queries, service, show):
    service.remove_movie(show.movie.id)
    with pytest.raises(MovieNotFound):
        queries.programme.movie(show.movie.id)
    with pytest.raises(ShowNotFound):
        queries.programme.show(show.id)


def test_a_movie_with_bookings_keeps_all_its_shows(transactions, queries, service, sales, show):
    put_on(transactions, replace(show, id=0))
    last = put_on(transactions, replace(show, id=0))
    sales.book(last.id, ["A1"], CUSTOMER)
    with pytest.raises(ShowHasBookings):
        service.remove_movie(show.movie.id)
    assert queries.programme.show(show.id).show == show


def test_screen_names_are_unique(queries, screens, screen):
    with pytest.raises(ScreenNameTaken):
        screens.add(a_screen("SCREEN 1"))
    assert queries.programme.screens(ALL).items == [screen]


def test_a_show_has_the_plan_of_its_screen(queries, service, movie, screen):
    draft = ShowDraft(movie_id=movie.id, screen_id=screen.id, starts_at=TOMORROW)
    show = service.add_show(draft)
    assert (show.movie, show.screen, show.starts_at) == (movie, screen, TOMORROW)
    assert show.plan == screen.plan
    assert queries.programme.show(show.id).show == show


@pytest.mark.parametrize(
    ("total_seats", "plan"),
    [
        (None, plain_grid(48, 8)),
        (48, plain_grid(48, 8)),
        (50, plain_grid(50)),
        (47, plain_grid(47)),
    ],
)
def test_a_different_number_of_seats_creates_a_separate_plan(
    queries, service, movie, screen, total_seats, plan
):
    draft = ShowDraft(
        movie_id=movie.id, screen_name=" screen 1", starts_at=TOMORROW, total_seats=total_seats
    )
    show = service.add_show(draft)
    assert (show.screen, show.plan) == (screen, plan)
    assert queries.programme.screens(ALL).items == [screen]


def test_an_unknown_screen_is_created(queries, service, movie):
    draft = ShowDraft(movie_id=movie.id, screen_name=" Cellar ", starts_at=TOMORROW, total_seats=25)
    first = service.add_show(draft)
    second = service.add_show(replace(draft, starts_at=NOW))
    [cellar] = queries.programme.screens(ALL).items
    assert (cellar.name, cellar.plan) == ("Cellar", plain_grid(25))
    assert first.screen == second.screen == cellar
    assert first.plan == second.plan == cellar.plan


def test_every_invalid_field_of_a_show_is_reported(queries, service, movie):
    def faults(**draft):
        return faulty_fields(lambda: service.add_show(ShowDraft(**draft)))

    good = {"movie_id": movie.id, "screen_name": "Cellar", "starts_at": NOW, "total_seats": 5}
    assert faults() == ["movie_id", "screen_id", "starts_at"]
    assert faults(**good | {"movie_id": 99}) == ["movie_id"]
    assert faults(**good | {"screen_name": None, "screen_id": 99}) == ["screen_id"]
    assert faults(**good | {"starts_at": None}) == ["starts_at"]
    assert faults(**good | {"starts_at": LATEST}) == ["starts_at"]
    assert faults(**good | {"total_seats": None}) == ["total_seats"]
    assert faults(**good | {"total_seats": 20_001}) == ["total_seats"]
    assert faults(**good | {"screen_name": " "}) == ["screen_name"]
    assert faults(**good | {"screen_name": "\ud800"}) == ["screen_name"]
    assert queries.programme.screens(ALL).total == 0


def test_a_show_is_rescheduled(queries, service, show, screen_of_its_own):
    movie = service.add_movie(a_movie("M"))
    draft = ShowDraft(movie_id=movie.id, screen_id=screen_of_its_own.id, starts_at=NOW)
    moved = service.change_show(show.id, draft)
    assert moved == replace(
        show, movie=movie, screen=screen_of_its_own, starts_at=NOW, plan=plain_grid(12, 4)
    )
    assert queries.programme.show(show.id).show == moved


@pytest.fixture
def screen_of_its_own(screens):
    return screens.add(a_screen("Cellar", plain_grid(12, 4)))


def test_missing_fields_are_not_changed(transactions, service):
    show = put_on(transactions, a_show(plan=plain_grid(7)))
    assert service.change_show(show.id, ShowDraft()) == show
    assert service.change_show(show.id, ShowDraft(screen_id=show.screen.id)) == show
    assert service.change_show(show.id, ShowDraft(starts_at=NOW)).plan == plain_grid(7)


def test_a_show_gets_the_requested_number_of_seats(queries, service, show):
    assert service.change_show(show.id, ShowDraft(total_seats=7)).plan == plain_grid(7)
    assert queries.programme.show(show.id).available_seats == 7


def test_a_show_with_bookings_is_neither_rescheduled_nor_removed(
    queries, service, sales, show, screen_of_its_own
):
    sales.book(show.id, ["A1"], CUSTOMER)
    other = service.add_movie(a_movie("M"))
    for draft in (
        ShowDraft(movie_id=other.id),
        ShowDraft(screen_id=screen_of_its_own.id),
        ShowDraft(screen_name="Attic", total_seats=9),
        ShowDraft(starts_at=NOW),
        ShowDraft(total_seats=49),
        ShowDraft(starts_at=NOW, cancelled=True),
    ):
        with pytest.raises(ShowHasBookings):
            service.change_show(show.id, draft)
    with pytest.raises(ShowHasBookings):
        service.remove_show(show.id)
    assert queries.programme.show(show.id).show == show
    assert queries.programme.screens(ALL).total == 2
    assert service.change_show(show.id, ShowDraft(starts_at=TOMORROW)) == show


def test_a_show_is_cancelled_with_its_bookings(queries, service, sales, show, clock):
    booking = sales.book(show.id, ["A1"], CUSTOMER)
    clock.advance(hours=1)
    cancelled_show = service.change_show(show.id, CANCELLED)
    assert cancelled_show == replace(show, cancelled_at=clock.now)
    cancelled = queries.sales.booking(booking.id)
    assert (cancelled.show, cancelled.cancelled_at) == (cancelled_show, clock.now)
    assert queries.programme.show(show.id).available_seats == 50


def test_cancelling_a_show_twice_changes_nothing(service, show, clock):
    cancelled_show = service.change_show(show.id, CANCELLED)
    clock.advance(hours=1)
    assert service.change_show(show.id, CANCELLED) == cancelled_show
    with pytest.raises(ShowCancelled):
        service.change_show(show.id, ShowDraft(starts_at=NOW))


def test_an_unknown_show_is_refused_before_an_invalid_draft(service):
    with pytest.raises(ShowNotFound):
        service.change_show(1, ShowDraft(total_seats=0))
    with pytest.raises(ShowNotFound):
        service.remove_show(1)


@pytest.mark.parametrize("draft", [CANCELLED, LATER])
def test_a_changed_show_has_no_holds(transactions, service, show, draft):
    holds = HoldService(transactions, SalesPolicy(SALES_GRACE))
    maria = Actor(CUSTOMER, Role.CUSTOMER)
    hold = holds.hold(show.id, ["A1"], maria)
    service.change_show(show.id, ShowDraft(orphan_rule=OrphanRule.WARN))
    assert holds.extend(hold.id, maria)
    service.change_show(show.id, draft)
    with pytest.raises(HoldReleased):
        holds.extend(hold.id, maria)
    seats = transactions(lambda work: work.seats.room(show.id)).seats
    assert all(seat.hold is None or seat.hold.id is None for seat in seats)


def test_a_cancelled_show_closes_its_waiting_list(transactions, queries, service, show):
    hold = a_hold(show, is_offer=True)
    entries = [an_entry(show, offer=hold), an_entry(show)]

    def join(work):
        work.holds.add_all([hold])
        for entry in entries:
            work.waiting_list.add(entry)

    transactions(join)
    service.change_show(show.id, CANCELLED)
    closed = [queries.waiting_list.entry(entry.id).entry for entry in entries]
    assert [entry.closed_at for entry in closed] == [NOW, NOW]
    assert closed[0].offer.released_at == NOW
    assert not closed[0].show.has_waiting


def test_a_removed_show_has_no_holds(transactions, service, show):
    holds = HoldService(transactions, SalesPolicy(SALES_GRACE))
    maria = Actor(CUSTOMER, Role.CUSTOMER)
    hold = holds.hold(show.id, ["A1"], maria)
    service.remove_show(show.id)
    with pytest.raises(HoldNotFound):
        holds.book(hold.id, maria)
