"""The seats of a show in the staff's pages: blocked seats, and holds."""

import re

import pytest

from tests.builders import a_screen
from tests.integration.admin.browser import ALL, LONDON, announced_by, path_of, text_of
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.seat_plans.readers import plan_from_document


@pytest.fixture
def show(cinema):
    return cinema.show()


@pytest.fixture
def path(show):
    return f"/admin/shows/{show.id}/seats"


@pytest.fixture
def blocked(cinema, show):
    def labels():
        seat_map = cinema.office.queries.sales.seat_map(show.id)
        return [seat_map.plan.seat(number).label for number in sorted(seat_map.blocked)]

    return labels


@pytest.fixture
def held(cinema, show):
    def hold(*names):
        customer = cinema.account("maria")
        return cinema.office.holds.hold(show.id, names, Actor(customer, Role.CUSTOMER))

    return hold


def version_of(page):
    [version] = re.findall(r'name="version"[^>]*value="(\w+)"', page.text)
    return version


def last_entry(cinema):
    entry = cinema.office.queries.audit.audit_entries(ALL).items[0]
    return entry.action, entry.account_id, entry.details


class TestBlocking:
    def test_seats_are_blocked_by_labels_and_numbers(self, staff, cinema, path, blocked):
        answer = staff.submit(path, follow=True, seats="a5, 7\nB2,\r\n")

        assert blocked() == ["A5", "A7", "B2"]
        assert "Blocked seats: 3." in text_of(answer)
        assert "0 sold, 3 blocked, 47 free, of 50" in text_of(answer)
        assert "\nA5, A7, B2</textarea>" in answer.text
        assert "<title>A5 · Standard · not for sale</title>" in answer.text
        action, account, details = last_entry(cinema)
        assert action == "show.seats_blocked"
        assert account == cinema.office.queries.accounts.account_named("staff").id
        assert details == {"seats": [[], ["A5", "A7", "B2"]]}

    def test_seats_that_are_not_named_are_released(self, staff, path, blocked):
        staff.submit(path, seats="A5, A7")
        staff.submit(path, seats="A7")
        assert blocked() == ["A7"]

        staff.submit(path, seats="")

        assert blocked() == []

    def test_seats_out_of_order_stay_blocked_and_are_not_in_the_list(self, staff, cinema):
        document = {
            "sections": [
                {
                    "rows": "A: 1..4",
                    "exceptions": [{"rows": "A", "seats": "2", "features": ["out_of_order"]}],
                }
            ]
        }
        plan = plan_from_document(document).plan
        show = cinema.show(plan=plan, screen=a_screen("Studio", plan))
        path = f"/admin/shows/{show.id}/seats"

        answer = staff.submit(path, follow=True, seats="A4")

        assert "has them out of order: A2." in text_of(answer)
        assert "\nA4</textarea>" in answer.text
        assert cinema.office.queries.sales.seat_map(show.id).blocked == {2, 4}

    def test_an_unknown_seat_is_reported_beside_the_field(self, staff, path, blocked):
        answer = staff.submit(path, seats="A5, Z9")

        assert answer.status_code == 422
        assert announced_by(answer, "seats").startswith("invalid: No such seat: Z9.")
        assert "A5, Z9</textarea>" in answer.text
        assert blocked() == []

    def test_a_sold_seat_is_not_blocked(self, staff, cinema, show, path, blocked):
        cinema.booked(show, "A5")

        answer = staff.submit(path, seats="A4, A5")

        assert answer.status_code == 409
        assert announced_by(answer, "seats") == (
            "invalid: Sold: A5. Cancel the bookings of these seats first."
        )
        assert blocked() == []

    def test_a_held_seat_is_not_blocked(self, staff, path, held, blocked):
        hold = held("A5", "A6")

        answer = staff.submit(path, seats="A4, A5")

        assert answer.status_code == 409
        assert announced_by(answer, "seats") == (
            "invalid: Held: A5. End these holds first, or wait until "
            f"{hold.expires_at.astimezone(LONDON):%H:%M}."
        )
        assert blocked() == []

    def test_a_concurrent_change_is_not_undone_unnoticed(self, staff, path, blocked):
        mine = {"csrf_token": staff.token(path), "version": version_of(staff.get(path))}
        staff.submit(path, seats="A1")

        refused = staff.post(path, mine | {"seats": "B1"})

        assert refused.status_code == 409
        assert "Someone else changed this while you were editing." in text_of(refused)
        assert blocked() == ["A1"]


class TestHolds:
    def test_they_are_listed_with_their_customers(self, staff, path, held):
        assert "No customer holds seats now." in text_of(staff.get(path))
        hold = held("A5", "A6")

        page = staff.get(path)

        assert "A5, A6 maria" in text_of(page)
        assert "0 sold, 2 held, 48 free, of 50" in text_of(page)
        assert "<title>A5 · Standard · held</title>" in page.text
        assert f'href="{path.removesuffix("seats")}holds/{hold.id}/end"' in page.text

    def test_a_hold_is_ended_after_confirmation(self, staff, cinema, show, path, held):
        hold = held("A5", "A6")
        end = f"/admin/shows/{show.id}/holds/{hold.id}/end"
        assert "End the hold of A5, A6?" in text_of(staff.get(end))
        assert cinema.office.queries.sales.seat_map(show.id).held

        answer = staff.submit(end, follow=True)

        assert "The hold of A5, A6 was ended." in text_of(answer)
        assert not cinema.office.queries.sales.seat_map(show.id).held
        assert last_entry(cinema)[0] == "hold.ended"

    def test_a_hold_that_was_booked_is_not_ended(self, staff, cinema, show, held):
        hold = held("A5")
        cinema.office.holds.book(hold.id, Actor(hold.customer, Role.CUSTOMER))

        answer = staff.submit(f"/admin/shows/{show.id}/holds/{hold.id}/end")

        assert answer.status_code == 409
        assert cinema.office.queries.sales.seat_map(show.id).booked

    @pytest.mark.parametrize("hold", ["x", "1-0000000000000000", "%00"])
    def test_an_unknown_hold_is_a_page_with_404(self, staff, show, hold):
        answer = staff.get(f"/admin/shows/{show.id}/holds/{hold}/end")
        assert answer.status_code == 404


def test_sold_seats_link_to_their_booking(staff, cinema, show, path):
    booking = cinema.booked(show, "A5")

    assert f'<a href="{path_of(booking)}"><circle' in staff.get(path).text
