"""Audit entries of what staff and operators change."""

from datetime import timedelta

import pytest

from tests.builders import (
    CLEANING,
    CUSTOMER,
    NOW,
    PASSWORD,
    SALES_GRACE,
    TOMORROW,
    a_movie,
    a_screen,
    account_service,
    an_account,
    put_on,
)
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import ShowHasBookings
from ticketing.domain.programme.programme_import import MovieEntry, Programme
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy

ANNA = AccountId(7)


@pytest.fixture
def service(transactions):
    return ProgrammeService(transactions, CLEANING)


@pytest.fixture
def sales(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def entries(queries):
    """Return the entries, oldest first."""

    def read():
        entries = list(reversed(queries.audit.audit_entries(Window(0, 100)).items))
        assert all(entry.at == NOW for entry in entries)
        return [(entry.account_id, entry.action, entry.subject, entry.details) for entry in entries]

    return read


def facts(**details):
    usual = {
        "movie": "Metropolis",
        "screen": "Screen 1",
        "starts_at": TOMORROW.isoformat(),
        "seats": 50,
        "orphan_rule": "off",
        "cancelled_at": None,
    }
    return usual | details


def test_movies(service, entries):
    movie = service.add_movie(a_movie(rating="0"), by=ANNA)
    service.change_movie(movie.id, lambda known: known.changed(title="M", rating=""), by=ANNA)
    service.change_movie(
        movie.id, lambda known: known.changed(title="M"), by=ANNA
    )  # changes nothing
    service.remove_movie(movie.id, by=ANNA)

    details = {"duration_minutes": 153, "description": "", "language": ""}
    assert entries() == [
        (
            ANNA,
            "movie.added",
            f"movie {movie.id}",
            {"title": "Metropolis", "rating": "0", **details},
        ),
        (
            ANNA,
            "movie.changed",
            f"movie {movie.id}",
            {"title": ["Metropolis", "M"], "rating": ["0", ""]},
        ),
        (ANNA, "movie.removed", f"movie {movie.id}", {"title": "M"}),
    ]


def test_screens_and_shows(transactions, service, entries):
    movie = service.add_movie(a_movie())
    screen = ScreenService(transactions).add(a_screen(), by=ANNA)
    draft = ShowDraft(movie_id=movie.id, screen_id=screen.id, starts_at=TOMORROW)
    show = service.add_show(draft, by=ANNA)
    later = TOMORROW + timedelta(hours=1)
    service.change_show(show.id, ShowDraft(starts_at=later), by=ANNA)
    service.change_show(show.id, ShowDraft(cancelled=True), by=ANNA)
    service.change_show(show.id, ShowDraft(cancelled=True), by=ANNA)  # changes nothing
    service.remove_show(show.id, by=ANNA)

    cancelled_at = NOW.isoformat()
    assert entries()[1:] == [
        (ANNA, "screen.added", f"screen {screen.id}", {"name": "Screen 1", "seats": 50}),
        (ANNA, "show.added", f"show {show.id}", facts()),
        (
            ANNA,
            "show.changed",
            f"show {show.id}",
            {"starts_at": [TOMORROW.isoformat(), later.isoformat()]},
        ),
        (ANNA, "show.cancelled", f"show {show.id}", {"cancelled_at": [None, cancelled_at]}),
        (
            ANNA,
            "show.removed",
            f"show {show.id}",
            facts(starts_at=later.isoformat(), cancelled_at=cancelled_at),
        ),
    ]


def test_a_screen_added_with_a_show(service, entries):
    movie = service.add_movie(a_movie())
    draft = ShowDraft(movie_id=movie.id, screen_name="Cellar", total_seats=20, starts_at=TOMORROW)
    show = service.add_show(draft, by=ANNA)

    assert entries()[1:] == [
        (ANNA, "screen.added", f"screen {show.screen.id}", {"name": "Cellar", "seats": 20}),
        (ANNA, "show.added", f"show {show.id}", facts(screen="Cellar", seats=20)),
    ]
    service.change_show(show.id, ShowDraft(screen_name="Attic", total_seats=9), by=ANNA)
    assert [entry[:2] for entry in entries()[3:]] == [
        (ANNA, "screen.added"),
        (ANNA, "show.changed"),
    ]


def test_the_shows_removed_with_a_movie(transactions, service, entries):
    show = put_on(transactions)

    service.remove_movie(show.movie.id, by=ANNA)

    assert [entry[:3] for entry in entries()] == [
        (ANNA, "show.removed", f"show {show.id}"),
        (ANNA, "movie.removed", f"movie {show.movie.id}"),
    ]


def test_a_booking_cancelled_by_staff(transactions, sales, entries):
    show = put_on(transactions)
    own, theirs = (sales.book(show.id, [seat], CUSTOMER) for seat in ("A1", "A2"))

    sales.cancel(own.show.id, own.id, Actor(CUSTOMER, Role.CUSTOMER))
    for _ in range(2):
        sales.cancel(theirs.show.id, theirs.id, Actor(ANNA, Role.STAFF))

    details = {"reference": theirs.reference, "show": show.id, "seats": ["A2"]}
    assert entries() == [(ANNA, "booking.cancelled", f"booking {theirs.id}", details)]


def test_an_import_by_the_operator(service, entries):
    service.load(Programme(movies=[MovieEntry("1", a_movie("Up", duration_minutes=96))]))

    none = {"added": 0, "known": 0}
    counted = {"movies": {"added": 1, "known": 0}, "screens": none, "shows": none}
    assert entries() == [(None, "programme.imported", "programme", counted)]


def test_refused_changes_are_not_recorded(transactions, service, sales, entries):
    show = put_on(transactions)
    sales.book(show.id, ["A1"], CUSTOMER)

    for refused in (
        lambda: service.remove_show(show.id, by=ANNA),
        lambda: service.remove_movie(show.movie.id, by=ANNA),
        lambda: service.change_show(show.id, ShowDraft(starts_at=NOW), by=ANNA),
    ):
        with pytest.raises(ShowHasBookings):
            refused()

    assert entries() == []


def test_staff_accounts_and_roles(transactions, queries, entries):
    accounts = account_service(transactions, queries)
    accounts.sign_up("maria", PASSWORD)
    otto = accounts.sign_up("otto", PASSWORD, role=Role.STAFF)
    accounts.change_role("otto", Role.ADMIN)
    accounts.change_password("otto", "another horse")

    subject = f"account {otto.id}"
    assert entries() == [
        (None, "account.added", subject, {"role": "staff"}),
        (None, "account.role", subject, {"role": ["staff", "admin"]}),
        (None, "account.password", subject, {}),
    ]


@pytest.mark.parametrize("role", Role)
def test_a_staff_account_deleted_by_its_owner(transactions, queries, entries, role):
    account = transactions(lambda uow: uow.accounts.add(an_account("anna", role=role)))
    account_service(transactions, queries).delete(account.id)

    subject = f"account {account.id}"
    deleted = (account.id, "account.removed", subject, {"role": role.value})
    assert entries() == ([] if role is Role.CUSTOMER else [deleted])
