"""The programme and the account in a browser: every state, from a phone to a wide screen."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.integration.browser.customer_session import sign_in
from tests.integration.polling import until
from tests.integration.running_server import RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


CUSTOMER = {"username": "customer", "password": "popcorn-customer"}
STAFF = {"username": "staff", "password": "popcorn-staff"}
NARROW = 320
COLOURS = {"runOnly": ["color-contrast"]}


@pytest.fixture(scope="module")
def tomorrow() -> datetime:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return now.replace(hour=12) + timedelta(days=1)


@pytest.fixture(scope="module")
def shows(server: RunningServer, tomorrow: datetime) -> dict[str, int]:
    """Tomorrow's shows of a movie: free, with one seat left, sold out and cancelled."""
    token = server.call("POST", "/api/auth/login", STAFF).json["access"]
    movie = {"title": "A Very Long Title " * 5 + "x" * 60, "duration_minutes": 90}
    movie_id = server.call("POST", "/api/movies", movie, token).json["id"]
    ids = {}
    for number, name in enumerate(("free", "one left", "sold out", "cancelled")):
        show = {
            "movie_id": movie_id,
            "screen_name": "Studio with a long name",
            "total_seats": 11,
            "starts_at": (tomorrow + timedelta(hours=2 * number)).isoformat(),
        }
        ids[name] = server.call("POST", "/api/shows", show, token).json["id"]
    for name, seats in (("one left", range(1, 11)), ("sold out", range(1, 11)), ("sold out", [11])):
        body = {"seats": list(seats)}
        assert server.call("POST", f"/api/shows/{ids[name]}/book", body, token).status == 201
    server.call("PATCH", f"/api/shows/{ids['cancelled']}", {"status": "CANCELLED"}, token)
    return ids | {"movie": movie_id}


@pytest.fixture
def token(server: RunningServer) -> str:
    return str(server.call("POST", "/api/auth/login", CUSTOMER).json["access"])


@pytest.fixture
def page(new_context: Any) -> Page:
    page: Page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    return page


@pytest.fixture
def customers_page(server: RunningServer, new_context: Any) -> Page:
    context = new_context(viewport={"width": 1280, "height": 900})
    sign_in(server, context, **CUSTOMER)
    page: Page = context.new_page()
    return page


def check(page: Page) -> None:
    """Check what is shown with axe, its colours in light and dark, and its width on a phone."""
    width = page.viewport_size
    assert width
    axe = Axe()
    assert_no_violations(axe.run(page))
    page.emulate_media(color_scheme="dark")
    assert_no_violations(axe.run(page, options=COLOURS))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": NARROW, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW
    page.set_viewport_size(width)


def assert_no_violations(results: Any) -> None:
    assert results.violations_count == 0, results.generate_report()


def availability(page: Page, show: int) -> str:
    return page.locator(f"a[href='/shows/{show}'] .availability").inner_text()


def test_the_programme_says_how_full_each_show_is(page, shows, tomorrow):
    page.goto("/")
    page.get_by_role("navigation", name="Days").get_by_role("link", name="Tomorrow").click()

    day = f"{tomorrow:%A} {tomorrow.day} {tomorrow:%B}"
    expect(page.get_by_role("heading", level=2)).to_have_text(day)
    link = page.locator(f"a[href='/shows/{shows['free']}']")
    expect(link).to_have_accessible_name("12:00 Studio with a long name 11 of 11 free")
    assert availability(page, shows["one left"]) == "1 seat left"
    assert availability(page, shows["sold out"]) == "Sold out, with a waiting list"
    assert availability(page, shows["cancelled"]) == "Cancelled"
    check(page)

    page.get_by_role("link", name=re.compile("^A Very Long Title")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A Very Long Title")
    expect(page.locator(".show")).to_have_count(4)
    check(page)


def test_a_day_without_shows_leads_to_the_next_ones(page, server, shows, tomorrow):
    staff = server.call("POST", "/api/auth/login", STAFF).json["access"]
    later = tomorrow + timedelta(days=440)
    show = {"screen_name": "Cellar", "total_seats": 2, "starts_at": later.isoformat()}
    server.call("POST", "/api/shows", show | {"movie_id": shows["movie"]}, staff)
    page.goto(f"/?day={tomorrow + timedelta(days=420):%Y-%m-%d}")
    page.get_by_role("link", name="Next shows:").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(f"{later:%A} {later.day} {later:%B}")
    expect(page.get_by_role("link", name="Earlier days")).to_be_visible()

    page.goto("/?day=2040-01-01")
    expect(page.get_by_text("No shows are planned from this day on.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="See today").click()
    expect(page.get_by_role("link", name="Today", exact=True)).to_have_attribute(
        "aria-current", "date"
    )


def test_times_are_those_of_the_cinema_and_its_zone_is_named_elsewhere(new_context, shows):
    for zone, notes in (("UTC", 0), ("America/New_York", 1)):
        page = new_context(timezone_id=zone).new_page()
        page.goto(f"/?movie={shows['movie']}")
        expect(page.locator(f"a[href='/shows/{shows['free']}'] .time")).to_have_text("12:00")
        note = page.get_by_text("time zone, UTC.")
        expect(note).to_have_count(notes)


def test_a_booking_is_cancelled_after_confirmation(customers_page, server, shows, token):
    page, path = customers_page, f"/api/shows/{shows['free']}"
    booking = server.call("POST", f"{path}/book", {"seats": ["A1", "A2"]}, token).json
    server.call("POST", f"{path}/holds", {"seats": ["A5"]}, token)
    page.goto("/account")
    card = page.get_by_role("listitem").filter(has_text=booking["reference"])
    expect(card).to_contain_text("Studio with a long name · Seats A1, A2")
    expect(page.get_by_text(re.compile(r"^9:\d\d left$"))).to_be_visible()
    check(page)

    card.get_by_role("button", name="Cancel booking").click()
    dialog = page.get_by_role("dialog", name="Cancel this booking?")
    check(page)
    dialog.get_by_role("button", name="Keep the booking").click()
    expect(card.get_by_role("button", name="Cancel booking")).to_be_focused()
    card.get_by_role("button", name="Cancel booking").click()
    dialog.get_by_role("button", name="Cancel booking").click()

    expect(card).to_contain_text("Cancelled")
    expect(page.get_by_role("status").first).to_contain_text("was cancelled.")
    cancelled = server.call("GET", f"/api/bookings/{booking['id']}", token=token).json
    assert cancelled["status"] == "CANCELLED"

    page.get_by_role("button", name="Give the seats back").click()
    expect(page.get_by_role("heading", name="Held for you")).to_have_count(0)


def test_one_offer_is_accepted_another_declined_and_a_third_list_left(
    customers_page, server, shows, token, tomorrow
):
    staff = server.call("POST", "/api/auth/login", STAFF).json["access"]
    entries = []
    for number in range(3):
        show = {
            "movie_id": shows["movie"],
            "screen_name": "Attic",
            "total_seats": 2,
            "starts_at": (tomorrow + timedelta(days=number)).isoformat(),
        }
        path = f"/api/shows/{server.call('POST', '/api/shows', show, staff).json['id']}"
        booked = server.call("POST", f"{path}/book", {"seats": ["A1", "A2"]}, staff).json["id"]
        waiting = {"count": 2, "together": True}
        entries.append(server.call("POST", f"{path}/waiting-list", waiting, token).json["id"])
        if number < 2:
            server.call("POST", f"/api/bookings/{booked}/cancel", token=staff)

    def status(entry: str) -> str:
        return str(server.call("GET", f"/api/waiting-list/{entry}", token=token).json["status"])

    until(lambda: [status(entry) for entry in entries] == ["OFFERED", "OFFERED", "WAITING"])
    page = customers_page
    page.goto("/account")
    expect(page.get_by_text(re.compile(r"^\d+:\d\d left$"))).to_have_count(2)
    check(page)

    page.get_by_role("button", name="Accept and book").first.click()
    expect(page.locator(".success")).to_have_text("Booked: Seats A1, A2.")
    page.get_by_role("button", name="Decline").click()
    page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(page.locator(".success")).to_have_text("The offer was declined.")
    page.get_by_role("button", name="Leave the waiting list").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave the waiting list").click()
    expect(page.locator(".success")).to_have_text("You left the waiting list.")

    assert sorted(map(status, entries)) == ["ACCEPTED", "DECLINED", "DECLINED"]


def test_upcoming_bookings_are_printed_and_nothing_else(customers_page, server, shows, token):
    page, path = customers_page, f"/api/shows/{shows['free']}"
    booking = server.call("POST", f"{path}/book", {"seats": ["A3"]}, token).json
    page.goto("/account")
    expect(page.get_by_text(booking["reference"])).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_text(booking["reference"])).to_be_visible()
    expect(page.get_by_text("Bookings of customer")).to_be_visible()
    for hidden in ("banner", "contentinfo", "button"):
        expect(page.get_by_role(hidden)).to_have_count(0)


def test_the_dialogs_and_the_account_of_a_guest(page):
    page.goto("/account")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    check(page)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Username").fill("m")
    page.get_by_label("Password").fill("m")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    check(page)
    page.get_by_role("button", name="Close").click()
    check(page)


def test_without_a_connection_a_page_says_so_and_goes_on(page):
    page.goto("/")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    check(page)
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)

    page.route("**/api/shows?*", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text("The cinema cannot be reached.")
    check(page)
    page.unroute("**/api/shows?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=2)).to_be_visible()


def test_without_scripts_a_page_says_what_to_do(new_context):
    page = new_context(java_script_enabled=False).new_page()
    for path in ("/", "/account", "/shows/1"):
        page.goto(path)
        expect(page.get_by_text("this page needs JavaScript")).to_be_visible()
        expect(page.locator("form")).to_have_count(0)


@pytest.mark.parametrize("path", ["/shows/999999", "/?movie=999999", "/password-reset/request"])
def test_a_page_without_data_leads_on(page, path):
    page.goto(path)
    expect(
        page.get_by_role("main").get_by_role("link").or_(page.get_by_role("textbox"))
    ).to_be_visible()
    check(page)
