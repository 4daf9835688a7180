"""The programme in the staff's pages."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_screen, a_show, put_on
from tests.integration.admin.browser import ALL, announced_by, path_of, text_of, wall_clock
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import OrphanRule, ShowStatus

HOUR = timedelta(hours=1)


@pytest.fixture
def movie(cinema):
    return cinema.movie("Inception", duration_minutes=148)


@pytest.fixture
def fields(movie, cinema):
    """A show as predecessor 002 describes it."""
    return {
        "movie_id": movie.id,
        "starts_at": wall_clock(cinema.now + 2 * HOUR),
        "screen_id": "",
        "screen_name": "Screen 1",
        "total_seats": "50",
    }


def test_a_show_is_added_with_a_new_screen(staff, cinema, movie, fields):
    answer = staff.submit("/admin/shows/new", follow=True, **fields)

    [show] = cinema.shows()
    assert answer.request.path == f"/admin/shows/{show.id}"
    assert f"Show {show.id}: Inception" in text_of(answer)
    assert "0 sold, 50 free, of 50" in text_of(answer)
    assert (show.movie, show.screen.name, show.plan) == (movie, "Screen 1", plain_grid(50))
    assert show.starts_at == (cinema.now + 2 * HOUR).replace(second=0)
    entry = cinema.office.queries.audit.audit_entries(ALL).items[0]
    assert entry.action == "show.added"
    assert entry.account_id == cinema.office.queries.accounts.account_named("staff").id


def test_the_page_of_a_show_has_the_number_who_wait(staff, cinema):
    show, sales = cinema.show(hours=72, seats=1), cinema.office.bookings
    maria, otto = (Actor(cinema.account(name), Role.CUSTOMER) for name in ("maria", "otto"))
    sales.book(show.id, [1], maria.account_id)
    for customer in (maria, otto):
        cinema.office.waiting_list.join(show.id, 2, True, customer)

    page = text_of(staff.get(f"/admin/shows/{show.id}"))

    assert "1 sold, 0 free, of 1; 2 on the waiting list" in page


def test_the_rule_about_orphans_is_chosen_and_changed(staff, cinema, fields):
    staff.submit("/admin/shows/new", **fields, orphan_rule="warn")
    [show] = cinema.shows()
    assert show.orphan_rule == OrphanRule.WARN
    edit = f"/admin/shows/{show.id}/edit"
    page = staff.get(edit)
    assert '<option selected value="warn">' in page.text
    same = {"movie_id": show.movie.id, "screen_id": show.screen.id, "screen_name": ""}
    kept = {"starts_at": fields["starts_at"], "total_seats": ""}

    staff.submit(edit, **same, **kept, orphan_rule="enforce")

    assert cinema.shows()[0].orphan_rule == OrphanRule.ENFORCE
    wrong = staff.submit(edit, **same, **kept, orphan_rule="perhaps")
    assert wrong.status_code == 422
    assert announced_by(wrong, "orphan_rule").startswith("invalid: ")


def test_a_show_is_added_on_an_existing_screen(staff, cinema, fields):
    other = cinema.show(hours=30, screen=a_screen("Screen 7"))
    page = staff.get("/admin/shows/new")
    assert f'<option value="{other.screen.id}">Screen 7 (50 seats)</option>' in page.text

    chosen = {"screen_id": other.screen.id, "screen_name": "", "total_seats": ""}
    staff.submit("/admin/shows/new", **fields | chosen)

    assert [show.screen for show in cinema.shows()] == [other.screen] * 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"movie_id": ""}, "movie_id"),
        ({"movie_id": "9999"}, "movie_id"),
        ({"movie_id": str(10**30)}, "movie_id"),
        ({"movie_id": "true"}, "movie_id"),
        ({"movie_id": "9" * 5000}, "movie_id"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-02-30T10:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59"}, "starts_at"),
        ({"starts_at": "2026-11-20"}, "starts_at"),
        ({"starts_at": "\x00"}, "starts_at"),
        ({"screen_name": ""}, "screen_name"),
        ({"screen_id": "1"}, "screen_name"),
        ({"screen_id": str(10**30), "screen_name": ""}, "screen_id"),
        ({"screen_id": "x", "screen_name": ""}, "screen_id"),
        ({"screen_name": "x" * 101}, "screen_name"),
        ({"screen_name": "\x00"}, "screen_name"),
        ({"total_seats": ""}, "total_seats"),
        ({"total_seats": "0"}, "total_seats"),
        ({"total_seats": "20001"}, "total_seats"),
        ({"total_seats": "many"}, "total_seats"),
    ],
)
def test_an_error_is_shown_beside_its_field(staff, cinema, fields, wrong, field):
    answer = staff.submit("/admin/shows/new", **fields | wrong)

    assert answer.status_code == 422
    faulty = [tag for tag in re.findall("<[^>]*>", answer.text) if "aria-invalid" in tag]
    assert f'id="{field}"' in "".join(faulty)
    assert not cinema.shows()


def test_a_time_skipped_by_the_clocks_is_an_error_beside_its_field(staff, cinema, fields):
    """In London, 02:00 follows 00:59 on that day."""
    answer = staff.submit("/admin/shows/new", **fields | {"starts_at": "2027-03-28T01:30"})

    assert answer.status_code == 422
    assert announced_by(answer, "starts_at") == (
        "invalid: There is no 01:30 on 2027-03-28 in Europe/London: the clocks go forward then."
    )
    assert 'value="2027-03-28T01:30"' in answer.text
    assert not cinema.shows()


def test_the_input_is_kept_after_an_error(staff, fields):
    answer = staff.submit("/admin/shows/new", **fields | {"total_seats": "0"})

    assert f'value="{fields["starts_at"]}"' in answer.text
    assert 'value="Screen 1"' in answer.text
    assert f'<option selected value="{fields["movie_id"]}">' in answer.text


def test_a_show_that_overlaps_another_is_refused_with_a_link_to_it(staff, cinema, fields):
    staff.submit("/admin/shows/new", **fields)
    [other] = cinema.shows()

    later = wall_clock(other.ends_at + timedelta(minutes=5))
    answer = staff.submit("/admin/shows/new", **fields | {"starts_at": later})

    assert answer.status_code == 409
    assert "The screen has another show" in text_of(answer)
    assert f'href="/admin/shows/{other.id}">Show {other.id}</a>' in answer.text
    assert f'value="{later}"' in answer.text
    assert cinema.shows() == [other]


def test_the_movie_and_the_day_of_the_previous_page_are_filled_in(staff, cinema, movie):
    cinema.movie("Alien")
    page = staff.get(f"/admin/shows/new?movie={movie.id}&day=2027-07-01").text
    assert f'<option selected value="{movie.id}">' in page
    assert 'value="2027-07-01T20:00"' in page


def test_a_show_is_changed(staff, cinema, fields):
    show = cinema.show(hours=5)
    page = staff.get(f"/admin/shows/{show.id}/edit").text
    assert f'value="{wall_clock(show.starts_at)}' in page
    assert f'<option selected value="{show.screen.id}">' in page

    later = wall_clock(show.starts_at + HOUR)
    answer = staff.submit(
        f"/admin/shows/{show.id}/edit",
        follow=True,
        movie_id=show.movie.id,
        screen_id=show.screen.id,
        starts_at=later,
    )

    assert f"Show {show.id} was saved." in text_of(answer)
    [changed] = cinema.shows()
    assert wall_clock(changed.starts_at) == later
    assert changed.plan == show.plan


def test_a_concurrent_move_of_a_show_is_not_overwritten(staff, cinema):
    show = cinema.show(hours=5)
    path = f"/admin/shows/{show.id}/edit"
    [version] = re.findall(r'name="version"[^>]*value="(\w+)"', staff.get(path).text)
    mine = {"movie_id": show.movie.id, "screen_id": show.screen.id}
    theirs = wall_clock(show.starts_at + HOUR)
    staff.submit(path, **mine, starts_at=theirs)

    mine |= {"starts_at": wall_clock(show.starts_at), "total_seats": 20}
    refused = staff.submit(path, **mine, version=version)

    assert refused.status_code == 409
    assert [wall_clock(there.starts_at) for there in cinema.shows()] == [theirs]


def test_a_form_submitted_as_it_was_shown_changes_nothing(staff, cinema):
    """Also at the ambiguous time 01:30, and with seconds."""
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    for starts_at in (second - HOUR, second, second.replace(month=12, second=7)):
        show = put_on(cinema.office.transactions, a_show(starts_at=starts_at))
        path = f"/admin/shows/{show.id}/edit"
        cinema.booked(show)
        [shown] = re.findall(r'name="starts_at"[^>]*value="([^"]*)"', staff.get(path).text)

        answer = staff.submit(
            path, movie_id=show.movie.id, screen_id=show.screen.id, starts_at=shown
        )

        assert answer.status_code == 303
        assert cinema.office.queries.programme.show(show.id).show == show


def test_a_show_with_bookings_is_neither_moved_nor_deleted(staff, cinema):
    show = cinema.show()
    cinema.booked(show)
    moved = {
        "movie_id": show.movie.id,
        "screen_id": show.screen.id,
        "starts_at": wall_clock(show.starts_at + HOUR),
    }
    for path, fields in (("edit", moved), ("delete", {})):
        answer = staff.submit(f"/admin/shows/{show.id}/{path}", **fields)
        assert answer.status_code == 409
        assert "A show with bookings cannot be deleted or rescheduled." in text_of(answer)
    assert cinema.shows() == [show]


class TestBookings:
    """The bookings on the page of a show."""

    def rows(self, answer):
        table = re.findall(r"<tbody>.*?</tbody>", answer.text, re.DOTALL)[-1]
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        return [html.unescape(" ".join(re.sub("<[^>]*>", " ", row).split())) for row in rows]

    def test_a_show_lists_its_bookings_and_their_customers(self, staff, cinema):
        show = cinema.show()
        maria = cinema.account("maria", email="maria@example.org")
        first = cinema.booked(show, "A1", "A2", by="maria")
        second = cinema.booked(show, "B1", by="otto")
        cinema.office.bookings.cancel(first.show.id, first.id, Actor(maria, Role.CUSTOMER))
        cinema.booked(cinema.show(hours=30, screen=a_screen("Screen 7")), 1)

        page = staff.get(f"/admin/shows/{show.id}")

        assert self.rows(page) == [
            f"{second.reference} otto B1 Booked",
            f"{first.reference} maria , maria@example.org A1, A2 Cancelled",
        ]
        assert f'href="{path_of(first)}"' in page.text
        assert f'href="/admin/customers/{maria}"' in page.text

    def test_bookings_of_a_cancelled_show_are_listed(self, staff, cinema, clock):
        show = cinema.show()
        kept, cancelled = (cinema.booked(show, seat) for seat in (1, 2))
        cinema.office.bookings.cancel(
            cancelled.show.id, cancelled.id, Actor(cancelled.customer, Role.CUSTOMER)
        )
        clock.advance(hours=1)
        staff.submit(f"/admin/shows/{show.id}/cancel")

        assert self.rows(staff.get(f"/admin/shows/{show.id}")) == [
            f"{kept.reference} maria A1 Cancelled with the show",
            f"{cancelled.reference} maria A2 Cancelled",
        ]

    def test_a_deleted_account_is_listed_without_a_name(self, staff, cinema):
        booking = cinema.booked(cinema.show())
        cinema.office.accounts.delete(booking.customer)

        [row] = self.rows(staff.get(f"/admin/shows/{booking.show.id}"))

        assert row == f"{booking.reference} deleted #{booking.customer} A1 Booked"

    def test_many_bookings_are_paginated(self, staff, cinema):
        show = cinema.show()
        booked = [cinema.booked(show, seat) for seat in range(1, 24)]

        page = staff.get(f"/admin/shows/{show.id}")
        [following] = re.findall(r'rel="next" href="(.*?)"', page.text)

        assert "23 in total, page 1" in text_of(page)
        assert following == f"/admin/shows/{show.id}?page=2#bookings"
        assert 'id="bookings"' in page.text
        last = self.rows(staff.get(following))
        assert [row[:10] for row in last] == [one.reference for one in booked[2::-1]]

    def test_a_show_without_bookings_lists_none(self, staff, cinema):
        assert "No bookings yet." in text_of(staff.get(f"/admin/shows/{cinema.show().id}"))

    def test_a_cancelled_show_has_no_search_by_seat(self, staff, cinema):
        show = cinema.show()
        label = "Find a booking by seat"
        assert label in text_of(staff.get(f"/admin/shows/{show.id}"))

        staff.submit(f"/admin/shows/{show.id}/cancel")

        assert label not in text_of(staff.get(f"/admin/shows/{show.id}"))


def test_a_show_is_cancelled_after_confirmation(staff, cinema):
    show = cinema.show()
    booking = cinema.booked(show, 1, 2)
    question = text_of(staff.get(f"/admin/shows/{show.id}/cancel"))
    assert "Cancel this show of Metropolis?" in question
    assert "Bookings to be cancelled: 1 (2 seats)." in question
    assert "Customers are not notified by email" in question

    answer = staff.submit(f"/admin/shows/{show.id}/cancel", follow=True)

    assert f"Show {show.id} was cancelled." in text_of(answer)
    assert "Cancelled 0 sold" in text_of(answer)
    assert cinema.office.queries.programme.show(show.id).status == ShowStatus.CANCELLED
    assert not cinema.office.queries.sales.booking(booking.id).is_active
    assert f"/admin/shows/{show.id}/edit" not in answer.text


def test_a_show_is_deleted_after_confirmation(staff, cinema):
    show = cinema.show()

    answer = staff.submit(f"/admin/shows/{show.id}/delete", follow=True)

    assert f"Show {show.id} was deleted." in text_of(answer)
    assert not cinema.shows()


class TestSeatMap:
    def test_sold_seats_link_to_their_booking(self, staff, cinema):
        show = cinema.show(seats=25)
        first = cinema.booked(show, "A1", "C5")
        second = cinema.booked(show, 11)

        page = staff.get(f"/admin/shows/{show.id}")

        assert "3 sold, 22 free, of 25" in text_of(page)
        links = re.findall(r'<a href="(/admin/bookings/.+?)">(<circle.+?)</a>', page.text)
        titles = [re.findall("<title>(.+?)</title>", seats) for _, seats in links]
        assert [html.unescape(address) for address, _ in links] == [path_of(first), path_of(second)]
        assert titles == [
            ["A1 · Standard · booked", "C5 · Standard · booked"],
            ["B1 · Standard · booked"],
        ]
        assert "<title>A2 · Standard · available</title>" in page.text

    @pytest.mark.parametrize("name", ["A5", "a5 ", "5"])
    def test_a_booking_is_found_by_its_seat(self, staff, cinema, name):
        show = cinema.show()
        booking = cinema.booked(show, 5)

        answer = staff.submit(f"/admin/shows/{show.id}", seats=name)

        assert (answer.status_code, answer.location) == (303, path_of(booking))

    def test_a_free_or_unknown_seat_is_reported(self, staff, cinema):
        show = cinema.show()
        free = staff.submit(f"/admin/shows/{show.id}", follow=True, seats="B2")
        assert "Seat B2 is free." in text_of(free)
        for name in ("Z99", "0", "\x00", "9" * 400, "ß"):
            unknown = staff.submit(f"/admin/shows/{show.id}", seats=name)
            assert unknown.status_code == 422
            assert "No such seat" in text_of(unknown)
            assert 'class="invalid-feedback' in unknown.text

    @pytest.mark.parametrize("width", [1, 7, 200, 20_000])
    def test_the_largest_seat_plans_can_be_drawn(self, staff, cinema, width):
        show = cinema.show(seats=20_000, width=width)
        assert len(staff.get(f"/admin/shows/{show.id}").data) < 40_000


class TestTimetable:
    def blocks(self, answer):
        return re.findall(
            r'<foreignObject x="([\d.]+)%" y="([\d.]+)" width="([\d.]+)%" height="([\d.]+)">'
            r'\s*<a class="show (\w+)" href="/admin/shows/(\d+)"',
            answer.text,
        )

    def put_on(self, cinema, screen, starts_at, **details):
        new = a_show(screen=a_screen(screen), starts_at=starts_at, **details)
        return put_on(cinema.office.transactions, new)

    def test_shows_are_placed_by_screen_and_time(self, staff, cinema):
        self.put_on(cinema, "Screen 1", datetime(2027, 7, 1, 18, 0, tzinfo=UTC))
        self.put_on(cinema, "Screen 2", datetime(2027, 7, 1, 18, 30, tzinfo=UTC))
        self.put_on(cinema, "Screen 2", datetime(2027, 7, 2, 18, 30, tzinfo=UTC))

        page = staff.get("/admin/?day=2027-07-01")

        assert "Thursday 01 July 2027" in text_of(page)
        assert "21:33 Metropolis 0/50" in text_of(page)
        first, second = self.blocks(page)
        assert first[:3] == ("0.0", "40.0", "50.0")
        assert second[:3] == ("50.0", "73.0", "50.0")
        assert float(first[3]) == pytest.approx(153 * 1.1)

    def test_a_show_that_ends_after_midnight_is_on_both_days(self, staff, cinema):
        late = self.put_on(cinema, "Screen 1", datetime(2027, 7, 1, 21, 30, tzinfo=UTC))
        after = self.put_on(cinema, "Screen 1", datetime(2027, 7, 2, 0, 30, tzinfo=UTC))
        ids = {
            day: [block[-1] for block in self.blocks(staff.get(f"/admin/?day={day}"))]
            for day in ("2027-06-30", "2027-07-01", "2027-07-02", "2027-07-03")
        }
        both = [str(late.id), str(after.id)]
        assert list(ids.values()) == [[], both[:1], both, []]

    def test_the_day_is_in_the_cinemas_time_zone(self, staff, cinema):
        """In summer, midnight UTC is 01:00 in London."""
        self.put_on(cinema, "Screen 1", datetime(2027, 7, 1, 23, 10, tzinfo=UTC))
        assert not self.blocks(staff.get("/admin/?day=2027-07-01"))
        assert self.blocks(staff.get("/admin/?day=2027-07-02"))

    def test_the_day_on_which_clocks_go_back_has_25_hours(self, staff, cinema):
        self.put_on(cinema, "Screen 1", datetime(2027, 10, 30, 23, 0, tzinfo=UTC))
        self.put_on(cinema, "Screen 1", datetime(2027, 10, 31, 21, 0, tzinfo=UTC))
        page = staff.get("/admin/?day=2027-10-31")
        assert page.text.count(">01:00</text>") == 2
        first, second = self.blocks(page)
        assert float(second[1]) - float(first[1]) == pytest.approx(22 * 60 * 1.1)

    def test_overlapping_shows_are_placed_side_by_side(self, staff, cinema):
        starts_at = datetime(2027, 7, 1, 18, 0, tzinfo=UTC)
        for minutes in (0, 30, 160):
            self.put_on(cinema, "Screen 1", starts_at + timedelta(minutes=minutes))
        blocks = self.blocks(staff.get("/admin/?day=2027-07-01"))
        assert [block[0] for block in blocks] == ["0.0", "0.0", "50.0"]
        assert {block[2] for block in blocks} == {"50.0"}

    def test_a_cancelled_show_takes_no_column(self, staff, cinema):
        starts_at = datetime(2027, 7, 1, 18, 0, tzinfo=UTC)
        off = self.put_on(cinema, "Screen 1", starts_at, cancelled_at=cinema.now)
        on = self.put_on(cinema, "Screen 1", starts_at)
        page = staff.get("/admin/?day=2027-07-01")
        assert [block[-1] for block in self.blocks(page)] == [str(on.id)]
        assert "Cancelled 19:00 Metropolis , Screen 1" in text_of(page)
        assert f'href="/admin/shows/{off.id}"' in page.text
