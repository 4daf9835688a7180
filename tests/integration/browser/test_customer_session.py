"""Signing up, logging in and out, and the session of several tabs."""

import json
import re
import secrets
import time

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.builders import PASSWORD
from tests.integration.browser.conftest import NewContext
from tests.integration.browser.customer_session import STORED, sign_in
from tests.integration.running_server import RunningServer

pytestmark = pytest.mark.browser

TIMEOUT_SECONDS = 30.0
RENEWAL = "**/api/auth/token/refresh"
WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})"


@pytest.fixture(scope="module")
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


@pytest.fixture
def customer(server: RunningServer) -> str:
    """The name of a new customer."""
    name = f"customer-{secrets.token_hex(4)}"
    server.call("POST", "/api/auth/signup", {"username": name, "password": PASSWORD})
    return name


@pytest.fixture
def context(server: RunningServer, new_context: NewContext, customer: str) -> BrowserContext:
    """A profile in which the customer is logged in."""
    context = new_context()
    sign_in(server, context, customer)
    return context


def stored(page: Page) -> str | None:
    found: str | None = page.evaluate(f"localStorage.getItem('{STORED}')")
    return found


def open_account(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/account")
    return page


def nth(number: int, renewals: list[Route], page: Page) -> Route:
    """Return the renewal that a tab has sent, or will send soon."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(renewals) < number and time.monotonic() < deadline:
        page.wait_for_timeout(10)
    return renewals[number - 1]


def has_loaded(page: Page) -> None:
    expect(page.get_by_text("You have no bookings yet.")).to_be_visible()


def test_a_customer_signs_up_after_a_mistake_and_logs_out_in_all_tabs(new_context):
    context = new_context()
    page, other = open_account(context), open_account(context)
    page.get_by_role("banner").get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Create an account").click()
    dialog = page.get_by_role("dialog", name="Create an account")
    name, password = dialog.get_by_label("Username"), dialog.get_by_label("Password")
    expect(name).to_be_focused()
    name.fill("m")
    password.fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("^Use 3 to 150 ASCII letters"))
    name.fill("maria")
    dialog.get_by_role("button", name="Create account").click()
    expect(dialog).to_have_count(0)
    for tab in (page, other):
        expect(tab.get_by_role("banner")).to_contain_text("maria")
        has_loaded(tab)

    other.get_by_role("button", name="Log out").click()
    for tab in (page, other):
        expect(tab.get_by_text("Log in to see your bookings")).to_be_visible()
        expect(tab.get_by_role("banner")).not_to_contain_text("maria")
        assert stored(tab) is None


def test_a_wrong_password_is_said_and_the_focus_returns_when_the_dialog_is_dismissed(
    new_context, customer
):
    page = new_context().new_page()
    page.goto("/")
    button = page.get_by_role("button", name="Log in")
    button.click()
    page.get_by_label("Username or email address").fill(customer)
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


def test_a_form_whose_script_fails_sends_its_password_nowhere(new_context, customer):
    page = new_context().new_page()
    page.goto("/")
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Username or email address").fill(customer)
    page.get_by_label("Password").fill(PASSWORD)
    sent = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))

    page.evaluate("document.querySelector('dialog form').submit()")  # as without our handler
    page.evaluate("new Promise((done) => setTimeout(done))")

    assert page.evaluate("document.querySelector('dialog form').method") == "post"
    assert page.url.endswith("/")
    assert sent == []


def test_tabs_renew_the_session_one_after_the_other(context):
    renewals: list[Route] = []
    context.route(RENEWAL, lambda route: renewals.append(route))
    first = open_account(context)
    nth(1, renewals, first)

    second = open_account(context)

    second.wait_for_function("async () => (await navigator.locks.query()).pending.length === 1")
    assert len(renewals) == 1
    renewals[0].continue_()
    nth(2, renewals, second).continue_()
    has_loaded(first)
    has_loaded(second)
    assert len(renewals) == 2


def test_without_locks_a_token_that_another_tab_has_used_ends_nothing(context, server):
    renewals: list[Route] = []
    context.add_init_script(WITHOUT_LOCKS)
    context.route(RENEWAL, lambda route: renewals.append(route), times=1)
    page = open_account(context)
    refused = nth(1, renewals, page)
    body = refused.request.post_data_json
    renewed = server.call("POST", "/api/auth/token/refresh", body).json["refresh"]
    session = json.dumps(json.loads(stored(page) or "") | {"refresh": renewed})
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [STORED, session])

    refused.fulfill(status=401, json={"code": "token_invalid"})

    has_loaded(page)
    assert stored(page) not in (None, session)


def test_a_session_that_was_ended_is_removed_and_explained(context, server):
    page = context.new_page()
    page.goto("/")
    refresh = json.loads(stored(page) or "")["refresh"]
    server.call("POST", "/api/auth/logout", {"refresh": refresh})

    page.goto("/account")

    expect(page.get_by_text("Your session has ended. Log in again")).to_be_visible()
    assert stored(page) is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "The cinema cannot be reached."),
        ((503, "1"), "The box office is very busy right now."),
        ((429, "30"), "Too many requests. Try again in 30 seconds."),
    ],
)
def test_a_session_outlives_a_renewal_that_fails(context, answer, text):
    def fail(route: Route) -> None:
        if answer is None:
            route.abort()
        else:
            route.fulfill(status=answer[0], headers={"Retry-After": answer[1]}, json={})

    context.route(RENEWAL, fail)
    page = open_account(context)
    expect(page.get_by_role("alert")).to_contain_text(text)
    assert stored(page)

    context.unroute(RENEWAL)
    page.get_by_role("button", name="Try again").click()

    has_loaded(page)


def test_a_refused_access_token_is_renewed_without_a_word(context):
    page = open_account(context)
    has_loaded(page)
    refusal = {"code": "token_expired"}
    page.route("**/api/my-holds*", lambda it: it.fulfill(status=401, json=refusal), times=1)
    read_holds = "({call}) => call('GET', '/api/my-holds', {signedIn: true})"

    with page.expect_response(RENEWAL):
        found = page.evaluate(f"import('/static/pages/api.js').then({read_holds})")

    assert found["results"] == []
