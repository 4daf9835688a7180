"""The page of a show: choosing, holding and booking seats."""

import json
import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.builders import PASSWORD
from tests.integration.browser.conftest import NewContext
from tests.integration.browser.customer_session import STORED, sign_in
from tests.integration.running_server import RunningServer

pytestmark = pytest.mark.browser

TIMEOUT_MS = 30_000
PLAN = {
    "categories": [
        {"name": "Standard", "color": "#3874cb"},
        {"name": "Premium", "color": "#e8a33d"},
    ],
    "sections": [
        {
            "name": "Stalls",
            "rows": "A: 1..3 . 4..6\nB: 1+ 2..6\nC: 1..6",
            "exceptions": [
                {"rows": "B", "seats": "2", "companion_of": "1"},
                {"rows": "A", "seats": "1", "features": ["restricted_view"]},
                {"rows": "C", "category": "Premium"},
            ],
        }
    ],
}


class Customer:
    """An account, and a browser profile in which it is logged in."""

    def __init__(self, server: RunningServer, context: BrowserContext) -> None:
        self._server = server
        self.context = context
        self.name = f"customer-{secrets.token_hex(4)}"
        body = {"username": self.name, "password": PASSWORD}
        server.call("POST", "/api/auth/signup", body)
        self.token = str(server.call("POST", "/api/auth/login", body).json["access"])
        sign_in(server, context, self.name)

    def open(self, show: int) -> Page:
        page = self.context.new_page()
        page.goto(f"/shows/{show}")
        return page

    def get(self, path: str) -> list[Any]:
        results: list[Any] = self._server.call("GET", path, token=self.token).json["results"]
        return results


@pytest.fixture(scope="module")
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


@pytest.fixture(scope="module")
def add_show(server: RunningServer) -> Callable[..., int]:
    """Return a function that adds a show, with all seats free, and returns its id."""
    body = {"username": "staff", "password": "popcorn-staff"}
    token = server.call("POST", "/api/auth/login", body).json["access"]
    days = count(20)

    def add(plan: object = PLAN) -> int:
        day = next(days)
        screen = {"name": f"Studio {day}", "plan": plan}
        added = server.call("POST", "/api/screens", screen, token)
        assert added.status == 201, added.body
        start = datetime.now(UTC) + timedelta(days=day)
        show = {"movie_id": 1, "screen_id": added.json["id"], "starts_at": start.isoformat()}
        return int(server.call("POST", "/api/shows", show, token).json["id"])

    return add


@pytest.fixture
def new_customer(server: RunningServer, new_context: NewContext) -> Callable[[], Customer]:
    return lambda: Customer(server, new_context())


def seat(page: Page, name: str) -> Locator:
    """A seat in the list."""
    return page.get_by_role("region", name="Free seats").get_by_role("button", name=name)


def drawn(page: Page, name: str) -> Locator:
    """A seat on the map."""
    return page.get_by_role("application").get_by_role("button", name=name)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def hold(page: Page, first_seat: str = "Row C, seat 2") -> None:
    seat(page, first_seat).click()
    press(page, "Hold 2 seats")
    expect(page.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()


def tab_to(page: Page, text: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == text:
            return
    raise AssertionError(f"Tab does not reach {text}.")


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def seconds_left(page: Page) -> int:
    minutes, seconds = page.get_by_role("timer").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def test_seats_are_booked_with_the_keyboard_alone(page, add_show, new_customer):
    customer, show = new_customer(), add_show()
    page.goto(f"/shows/{show}")
    expect(page.get_by_role("group", name="How many seats?")).to_be_visible()
    page.get_by_label("2", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("1", exact=True)).to_be_checked()
    page.keyboard.press("ArrowRight")

    page.keyboard.press("Tab")
    expect(focused(page)).to_have_accessible_name("Row A, seat 1, Standard, restricted view")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(focused(page)).to_have_accessible_name("Row B, seat 4, Standard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Row B, seats 4 and 5")

    tab_to(page, "+")
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_accessible_name("Row B, seat 4, Standard, chosen")
    for key, name in (
        ("ArrowUp", "Row A, seat 3"),  # at the aisle, which row B does not have
        ("ArrowRight", "Row A, seat 4"),
        ("ArrowDown", "Row B, seat 5"),
        ("ArrowDown", "Row C, seat 5"),
    ):
        page.keyboard.press(key)
        expect(focused(page)).to_have_accessible_name(re.compile(name))
    page.keyboard.press("Enter")
    expect(drawn(page, "Row C, seat 6")).to_have_attribute("aria-pressed", "true")

    tab_to(page, "Hold 2 seats")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Username or email address")).to_be_focused()
    page.keyboard.type(customer.name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(focused(page)).to_have_text("Held for you")
    tab_to(page, "Book these seats")
    page.keyboard.press("Enter")
    expect(focused(page)).to_have_text("Booked")

    [booking] = customer.get("/api/my-bookings")
    assert [each["label"] for each in booking["seats"]] == ["C5", "C6"]
    expect(page.get_by_role("region", name="Booked")).to_contain_text(booking["reference"])


def test_two_customers_want_the_same_seats(add_show, new_customer):
    show = add_show()
    one, two = new_customer().open(show), new_customer().open(show)
    seat(one, "Row C, seat 2").click()
    two.route("**/seats*", lambda route: route.abort())  # it hears nothing of the others
    two.route("**/seats/stream", lambda route: route.abort())
    seat(two, "Row C, seat 3").click()
    press(one, "Hold 2 seats")
    expect(one.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()

    two.unroute_all()
    press(two, "Hold 2 seats")
    lost = two.get_by_role("alert")
    expect(lost).to_contain_text("Held by someone else at the moment: Row C, seat 3.")
    expect(drawn(two, "Row C, seat 3")).to_have_accessible_name(re.compile("held by someone"))
    lost.get_by_role("button", name="Hold the best 2 seats").click()
    expect(two.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()

    press(one, "Book these seats")
    expect(one.get_by_role("heading", name="Booked")).to_be_visible()
    expect(drawn(two, "Row C, seat 3")).to_have_accessible_name(re.compile("taken"))
    expect(drawn(one, "Row C, seat 3")).to_have_accessible_name(re.compile("yours"))


def test_chosen_seats_that_others_take_are_named(add_show, new_customer):
    show = add_show()
    one, two = new_customer().open(show), new_customer().open(show)
    seat(two, "Row C, seat 3").click()
    hold(one)

    expect(two.get_by_role("alert")).to_have_text("Taken by others just now: Row C, seat 3.")
    expect(drawn(two, "Row C, seat 4")).to_have_attribute("aria-pressed", "true")


def test_the_hold_is_found_by_a_reload_by_back_and_in_another_tab(add_show, new_customer):
    customer, show = new_customer(), add_show()
    page = customer.open(show)
    hold(page)
    [held] = customer.get("/api/my-holds")

    def found(tab: Page) -> None:
        expect(tab.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()
        expect(tab.get_by_text("Row C, seats 2 and 3")).to_be_visible()

    page.reload()
    found(page)
    page.get_by_role("link", name="Programme").click()
    page.wait_for_url("**/")
    page.go_back()
    found(page)
    tab = customer.open(show)
    found(tab)
    press(tab, "Give back")
    expect(tab.get_by_role("heading", name="Held for you", exact=True)).to_be_hidden()
    expect(tab.get_by_role("heading", name="Free seats")).to_be_visible()
    assert [customer.get("/api/my-holds"), held["status"]] == [[], "ACTIVE"]


@pytest.mark.parametrize("repeat", ["again", "reload"])
def test_a_lost_answer_is_repeated_with_its_key(add_show, new_customer, repeat):
    customer, show = new_customer(), add_show()
    page = customer.open(show)
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        response = route.fetch()
        if len(keys) == 1:
            route.abort()
        else:
            route.fulfill(response=response)

    page.route(f"**/api/shows/{show}/holds", lose)
    seat(page, "Row C, seat 2").click()
    press(page, "Hold 2 seats")
    expect(page.get_by_role("alert")).to_contain_text("The cinema cannot be reached.")
    with page.expect_response(f"**/api/shows/{show}/holds"):
        if repeat == "again":
            press(page, "Try again")
        else:
            page.reload()

    expect(page.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(customer.get("/api/my-holds")) == 1


def test_a_session_that_ends_during_a_hold_is_renewed_by_a_log_in(server, add_show, new_customer):
    customer, show = new_customer(), add_show()
    page = customer.open(show)
    hold(page)
    session = json.loads(page.evaluate("(key) => localStorage.getItem(key)", STORED))
    server.call("POST", "/api/auth/logout", {"refresh": session["refresh"]})
    page.route("**/api/holds/*/book", lambda route: route.fulfill(status=401), times=1)

    press(page, "Book these seats")
    page.get_by_label("Username or email address").fill(customer.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Booked")).to_be_visible()


def test_the_countdown_is_that_of_the_box_office(server, add_show, new_customer):
    customer, other, show = new_customer(), new_customer(), add_show()
    page = customer.open(show)
    hold(page)
    page.clock.install()
    page.reload()
    status = page.get_by_role("status")
    expect(page.get_by_role("timer")).to_be_visible()
    for minutes, text in ((5, "5 minutes left."), (3, "2 minutes left."), (1, "1 minute left.")):
        page.clock.fast_forward(1000 * 60 * minutes)
        expect(status).to_have_text(text)
    server.call("POST", f"/api/shows/{show}/book", {"seats": ["A4"]}, other.token)
    expect(drawn(page, "Row A, seat 4")).to_have_accessible_name(re.compile("taken"))
    assert seconds_left(page) <= 60

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it wakes
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(10|9|8|7|6):"))

    press(page, "More time")
    expect(page.get_by_role("timer")).to_be_visible()


def test_an_expired_hold_is_made_again(server, add_show, new_customer):
    customer, show = new_customer(), add_show()
    page = customer.open(show)
    hold(page)
    with closing(sqlite3.connect(server.home / "ticketing.db", timeout=30)) as store, store:
        past = str(datetime.now(UTC) - timedelta(minutes=1))
        store.execute("UPDATE holds SET expires_at = ? WHERE show_id = ?", (past, show))
        store.execute(
            "UPDATE show_seats SET held_until = ? WHERE hold_id IS NOT NULL AND show_id = ?",
            (past, show),
        )
    page.reload()
    expect(page.get_by_role("heading", name="No longer held for you")).to_be_visible()
    press(page, "Hold them again")
    expect(page.get_by_role("heading", name="Held for you", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("button", "status"), [("Accept and book", "ACCEPTED"), ("Decline", "DECLINED")]
)
def test_a_seat_that_comes_free_is_offered(server, add_show, new_customer, button, status):
    other, customer = new_customer(), new_customer()
    show = add_show({"sections": [{"name": "Stalls", "rows": "A: 1..2"}]})
    path = f"/api/shows/{show}/book"
    booking = server.call("POST", path, {"seats": ["A1", "A2"]}, other.token).json["id"]
    page = customer.open(show)
    page.get_by_label("Only seats side by side").check()
    press(page, "Join the waiting list")
    expect(focused(page)).to_have_text("You are on the waiting list")

    server.call("POST", f"/api/bookings/{booking}/cancel", token=other.token)
    offer = page.get_by_role("region", name="Offered to you")
    expect(offer).to_contain_text("Row A, seats 1 and 2")
    offer.get_by_role("button", name=button).click()
    if status == "DECLINED":
        page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(offer).to_have_count(0)

    [entry] = customer.get("/api/my-waiting-list")
    assert entry["status"] == status
    assert len(customer.get("/api/my-bookings")) == (status == "ACCEPTED")


def test_a_customer_leaves_the_waiting_list(server, add_show, new_customer):
    other, customer = new_customer(), new_customer()
    show = add_show({"sections": [{"name": "Stalls", "rows": "A: 1..2"}]})
    server.call("POST", f"/api/shows/{show}/book", {"seats": ["A1", "A2"]}, other.token)
    page = customer.open(show)
    press(page, "Join the waiting list")
    press(page, "Leave the waiting list")
    dialog = page.get_by_role("dialog", name="Leave the waiting list?")
    dialog.get_by_role("button", name="Leave the waiting list").click()

    expect(page.get_by_role("button", name="Join the waiting list")).to_be_visible()
    assert [entry["status"] for entry in customer.get("/api/my-waiting-list")] == ["DECLINED"]


# ---- what is shown ----

NARROW = 320
COLORS = {"runOnly": ["color-contrast"]}

SOLD_OUT = {str(number): "BOOKED" for number in range(1, 19)} | {"7": "HELD", "8": "BLOCKED"}
ENTRY = {"id": "1-A", "count": 2, "together": True, "status": "WAITING", "offer": None} | {
    "created_at": "2026-01-01T19:30:00Z"
}
HOLD = {
    "id": "1-B",
    "status": "ACTIVE",
    "seats": [{"number": 13, "label": "C1"}, {"number": 14, "label": "C2"}],
    "together": True,
    "expires_at": "2030-01-01T00:10:00Z",
    "extendable_until": "2030-01-01T00:30:00Z",
    "expires_in": 599,
    "is_offer": False,
    "warnings": [],
}


def look(page: Page) -> None:
    """Check what is shown with axe, its colors in light and dark, and its width on a phone."""
    axe = Axe()
    page.emulate_media(color_scheme="light")
    results = axe.run(page)
    assert results.violations_count == 0, results.generate_report()
    page.emulate_media(color_scheme="dark")
    results = axe.run(page, options=COLORS)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW


class Stubs:
    """Answers of the box office that are laborious to provoke."""

    def __init__(self, page: Page, show: int) -> None:
        self._page = page
        self._show = show

    def own(self, path: str, *results: object) -> None:
        self.answer(f"**/api/{path}?*", 200, {"results": results})

    def answer(self, url: str, status: int, body: Any) -> None:
        self._page.unroute(url)
        self._page.route(url, lambda route: route.fulfill(status=status, json=body))

    def refuse(self, code: str, status: int = 409, **facts: object) -> None:
        url = f"**/api/shows/{self._show}/holds"
        self.answer(url, status, {"code": code, "detail": "", **facts})

    def statuses(self, statuses: dict[str, str]) -> None:
        seats = [{"number": int(number), "status": status} for number, status in statuses.items()]
        self.answer("**/seats", 200, {"seats": seats})
        self._page.route("**/seats/stream", lambda route: route.fulfill(status=204))


def test_each_state_has_a_text_and_a_way_on(server, add_show, new_customer):
    show = add_show()
    page = new_customer().context.new_page()
    page.set_viewport_size({"width": NARROW, "height": 800})
    stubs = Stubs(page, show)
    page.goto(f"/shows/{show}")
    seat(page, "Row C, seat 2").click()
    look(page)

    for code, facts, text, way_on in (
        (
            "seat_taken",
            {"seats": ["C2"]},
            "Sold meanwhile: Row C, seat 2.",
            "Hold the best 2 seats",
        ),
        ("companion_seat", {"seats": ["B2"]}, "with a wheelchair user", "Hold the best 2 seats"),
        ("seat_limit", {"limit": 10, "held": 9}, "You can have 10 seats", "Choose fewer seats"),
        (
            "orphan_seat",
            {"orphans": ["C1"], "alternatives": [["C1", "C2"]]},
            "leave a single seat alone: Row C, seat 1.",
            "Take instead: Row C, seats 1 and 2",
        ),
        ("hold_at_limit", {"retry_after": 300}, "again in 5 minutes", "Book without holding"),
        ("show_full", {}, "All seats are sold.", "Join the waiting list"),
        ("too_many_requests", {"status": 429}, "Too many requests.", "Try again"),
        ("busy", {"status": 503}, "very busy", "Try again"),
    ):
        stubs.refuse(code, **facts)
        press(page, "Hold 2 seats")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text(text)
        expect(notice).to_be_focused()
        expect(notice.get_by_role("button", name=way_on)).to_be_visible()
    look(page)

    for hold, title, way_on in (
        (HOLD, "Held for you", "Book these seats"),
        (HOLD | {"is_offer": True}, "Offered to you", "Accept and book"),
        (HOLD | {"status": "EXPIRED"}, "No longer held for you", "Hold them again"),
    ):
        stubs.own("my-holds", hold)
        page.reload()
        card = page.get_by_role("region", name=title, exact=True)
        expect(card).to_contain_text("Row C, seats 1 and 2")
        expect(card.get_by_role("button", name=way_on)).to_be_visible()
        look(page)

    stubs.own("my-holds")
    stubs.statuses(SOLD_OUT)
    page.reload()
    expect(page.get_by_role("button", name="Join the waiting list")).to_be_visible()
    look(page)
    stubs.own("my-waiting-list", ENTRY)
    page.reload()
    expect(page.get_by_role("heading", name="You are on the waiting list")).to_be_visible()
    look(page)


@pytest.mark.parametrize(
    ("status", "text"),
    [("CLOSED", "Sales for this show have ended."), ("CANCELLED", "This show was cancelled.")],
)
def test_a_show_that_is_over_leads_to_others(page, server, add_show, status, text):
    show = add_show()
    body = server.call("GET", f"/api/shows/{show}").json | {"status": status}
    page.route(f"**/api/shows/{show}", lambda route: route.fulfill(json=body))
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.goto(f"/shows/{show}")
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("link", name="Other shows of this movie")).to_be_visible()
    look(page)


def test_an_unknown_show_leads_to_the_programme(unwatched):
    assert unwatched.goto("/shows/987654321").status == 404
    expect(unwatched.get_by_role("heading", name="Show not found")).to_be_visible()
    expect(unwatched.get_by_role("link", name="See the programme")).to_be_visible()


def test_a_stadium_is_shown_in_parts(page, add_show):
    rows = {"rows": 20, "seats_per_row": 30}
    sections = [
        {"name": f"Block {number}", "position": [1000 * number, 0], "grid": rows}
        for number in range(4)
    ]
    page.goto(f"/shows/{add_show({'sections': sections})}")

    part = page.get_by_label("Part of the room")
    expect(part.locator("option")).to_have_count(4)
    part.select_option(label="Block 3: 600 free, up to 30 side by side")
    expect(drawn(page, "Block 3, row A, seat 1, free")).to_be_attached()
    assert page.locator("[data-number]").count() == 2 * 600
