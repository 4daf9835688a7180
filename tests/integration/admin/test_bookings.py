"""Bookings, occupancy and the audit log in the staff pages."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.builders import PASSWORD, a_booking, a_screen, a_show, put_on
from tests.integration.admin.browser import path_of, text_of
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid

SEARCH = "/admin/bookings"


@pytest.fixture
def booking(cinema):
    cinema.account("maria", email="maria@example.com")
    return cinema.booked(cinema.show(), "A5", "A6")


def test_a_booking_is_found_by_any_spelling_of_its_reference(staff, booking):
    reference = booking.reference
    spelled = reference.lower().replace("0", "o").replace("1", "l")
    for query in (reference, f" {reference[:5]} {reference[5:]}\n", spelled):
        answer = staff.submit(SEARCH, query=query)
        assert (answer.status_code, answer.location) == (303, path_of(booking))


@pytest.mark.parametrize("name", ["maria", "MARIA", "Maria@Example.com"])
def test_bookings_are_found_by_their_customer(staff, booking, name):
    answer = staff.submit(SEARCH, follow=True, query=name)

    assert answer.request.path == f"/admin/customers/{booking.customer}"
    assert "maria@example.com" in text_of(answer)
    assert f"{booking.reference} Metropolis" in text_of(answer)
    assert "maria" not in answer.request.query_string.decode()


@pytest.mark.parametrize("email", ["x@例え.jp", " X@xn--r8jz45g.jp", "x@例え。jp"])
def test_a_customer_is_found_by_their_address_however_it_is_written(staff, cinema, email):
    account = cinema.office.accounts.sign_up("x-1", PASSWORD, "x@例え.jp")

    assert staff.submit(SEARCH, query=email).location == f"/admin/customers/{account.id}"


def test_references_are_unique_within_a_show_only(staff, cinema, booking):
    other = put_on(cinema.office.transactions, booking.show)

    def sell(uow):
        uow.seats.lock(other.id, [1], other.plan)
        same = a_booking(other, customer=booking.customer, reference=booking.reference)
        return uow.bookings.add(same)

    second = cinema.office.transactions(sell)
    answer = staff.submit(SEARCH, query=booking.reference)
    assert answer.status_code == 200
    found = re.findall(r'href="(/admin/bookings/.+?)"', answer.text)
    assert found == [path_of(second), path_of(booking)]


def test_a_reference_may_also_be_a_username(staff, cinema, booking):
    account_id = cinema.account(booking.reference)
    answer = staff.submit(SEARCH, query=booking.reference)
    assert f'href="{path_of(booking)}"' in answer.text
    assert f'href="/admin/customers/{account_id}"' in answer.text


@pytest.mark.parametrize("query", ["0000000000", "nobody", "%", "\x00", "ä" * 300, "9" * 5000])
def test_a_search_without_results_is_reported(staff, query):
    answer = staff.submit(SEARCH, query=query)
    assert answer.status_code == 404
    assert "No booking or customer found." in text_of(answer)


def test_a_text_too_long_for_a_name_is_not_compared(app, staff, monkeypatch):
    whole = app.extensions["ticketing"]
    queries = replace(whole.office.queries, accounts=None)
    broken = replace(whole, office=replace(whole.office, queries=queries))
    monkeypatch.setitem(app.extensions, "ticketing", broken)

    assert staff.submit(SEARCH, query="\u0301\u0316" * 128).status_code == 404


def test_a_booking_shows_what_staff_need(staff, booking):
    page = text_of(staff.get(f"/admin/bookings/{booking.id}"))
    for fact in (booking.reference, "Booked", "Metropolis", "A5, A6", "maria", "maria@example.com"):
        assert fact in page


def test_links_name_the_show_of_a_booking(staff, cinema, booking):
    other_show = cinema.show(hours=30)
    page = staff.get(path_of(booking))
    cancel = path_of(booking).replace("?", "/cancel?")

    assert booking.reference in page.text
    assert f'href="{cancel}"' in page.text
    assert staff.submit(cancel).location == path_of(booking)
    for show_id, status in ((other_show.id, 404), (2**64, 404), ("nonsense", 200)):
        assert staff.get(f"/admin/bookings/{booking.id}?show_id={show_id}").status_code == status


def test_a_booking_is_cancelled_for_its_customer(staff, cinema, booking):
    question = text_of(staff.get(f"/admin/bookings/{booking.id}/cancel"))
    assert "These seats go back on sale immediately: A5, A6." in question
    assert cinema.office.queries.sales.booking(booking.id).is_active

    answer = staff.submit(f"/admin/bookings/{booking.id}/cancel", follow=True)

    assert f"Booking {booking.reference} was cancelled." in text_of(answer)
    assert f"/admin/bookings/{booking.id}/cancel" not in answer.text
    assert not cinema.office.queries.sales.booking(booking.id).is_active
    assert not cinema.office.queries.sales.sold_seats(booking.show.id)


def test_a_booking_cannot_be_cancelled_after_the_start(staff, cinema, booking, clock):
    clock.advance(hours=3)

    answer = staff.submit(f"/admin/bookings/{booking.id}/cancel")

    assert answer.status_code == 409
    assert "The show has started" in text_of(answer)
    assert cinema.office.queries.sales.booking(booking.id).is_active


def test_a_customers_bookings_are_paginated(staff, cinema, booking):
    for number in range(10, 35):
        cinema.booked(booking.show, number)
    first = staff.get(f"/admin/customers/{booking.customer}")
    assert "26 in total, page 1 Next" in text_of(first)
    second = staff.get(f"/admin/customers/{booking.customer}?page=2")
    assert booking.reference in second.text


class TestOccupancy:
    @pytest.fixture(autouse=True)
    def week(self, cinema, clock):
        """Two days around a midnight, and a cancelled show."""
        first = cinema.show(hours=1, seats=10)
        cinema.booked(first, 1, 2, 3)
        other = cinema.show(hours=1, seats=30, screen=a_screen("Zoo"))
        cinema.booked(other, 1)
        cinema.show(hours=2, seats=500, cancelled_at=cinema.now, screen=a_screen("Off"))

    def page(self, staff, cinema, **query):
        day = (cinema.shows()[0].starts_at).date().isoformat()
        return staff.get("/admin/occupancy", query_string={"day": day} | query)

    def test_occupancy_is_counted_by_day_and_by_screen(self, staff, cinema):
        page = text_of(self.page(staff, cinema))
        assert "4 of 40 seats sold in 2 shows: 10 %" in page
        assert re.search(r"\w{3} \d\d \w{3} 2 40 4 10", page)
        assert "Screen 1 1 10 3 30 Zoo 1 30 1 3" in page
        assert "Off" not in page

    def test_occupancy_is_drawn_and_described_in_text(self, staff, cinema):
        page = self.page(staff, cinema).text
        assert 'role="img" aria-label="By screen: Screen 1 30 %, Zoo 3 %"' in page
        assert page.count("<rect") == 7 + 2

    def test_a_week_without_shows_is_empty(self, staff):
        page = staff.get("/admin/occupancy?day=2020-01-01")
        assert "0 of 0 seats sold in 0 shows: 0 %" in text_of(page)
        assert "30 December to 05 January 2020" in text_of(page)


class TestAuditLog:
    def test_entries_name_the_account_and_the_action(self, admin, staff, cinema, booking):
        staff.submit(f"/admin/bookings/{booking.id}/cancel")
        movie = booking.show.movie
        admin.submit(f"/admin/movies/{movie.id}", title="Metropolis II", duration_minutes=153)
        cinema.office.programme.add_movie(movie)

        page = admin.get("/admin/trail")

        rows = [text_of_row(row) for row in re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL)[1:]]
        operator, changed, cancelled = rows
        assert "the operator movie.added" in operator
        assert f"admin movie.changed movie {movie.id} title: Metropolis → Metropolis II" in changed
        assert f"staff booking.cancelled booking {booking.id}" in cancelled
        assert "seats: A5, A6" in cancelled
        assert f'href="/admin/bookings/{booking.id}"' in page.text

    def test_times_are_in_the_cinemas_time_zone(self, admin, cinema):
        starts_at = datetime(2027, 7, 1, 18, 30, tzinfo=UTC)
        show = put_on(cinema.office.transactions, a_show(starts_at=starts_at))
        admin.submit(f"/admin/shows/{show.id}/cancel")
        page = text_of(admin.get("/admin/trail"))
        assert "cancelled at: nothing → " in page
        admin.submit(f"/admin/shows/{show.id}/delete")
        assert "starts at: Thu 01 Jul 2027, 19:30" in text_of(admin.get("/admin/trail"))

    def test_changes_of_seats_and_screens_show_what_was_before(self, admin, cinema):
        show = cinema.show()
        admin.submit(f"/admin/shows/{show.id}/seats", seats="A1, A2")
        admin.submit(f"/admin/shows/{show.id}/seats", seats="A2")
        admin.submit(f"/admin/shows/{show.id}/seats", seats="")
        cinema.office.screens.change_plan(show.screen.id, plain_grid(40))

        page = admin.get("/admin/trail")

        for change in ("nothing → A1, A2", "A1, A2 → A2", "A2 → nothing", "50 → 40"):
            assert f"seats: {change}" in text_of(page)
        assert f'href="/admin/screens/{show.screen.id}"' in page.text

    def test_deleted_subjects_have_no_link(self, admin, cinema):
        show = cinema.show()
        admin.submit(f"/admin/shows/{show.id}/delete")
        page = admin.get("/admin/trail").text
        assert f"show {show.id}" in page
        assert f'href="/admin/shows/{show.id}"' not in page


def text_of_row(row):
    return " ".join(re.sub(r"<[^>]*>", " ", row).split())
