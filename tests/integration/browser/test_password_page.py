"""Setting a forgotten password in a browser, from a phone to a wide screen."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.builders import PASSWORD

pytestmark = pytest.mark.browser

ANOTHER = "another horse"
TIMEOUT_SECONDS = 10.0


def sign_up(server, username):
    body = {"username": username, "password": PASSWORD, "email": f"{username}@example.org"}
    assert server.call("POST", "/api/auth/signup", body).status == 201


def ask(page, username):
    """Follow the link on the log-in page and request a mail."""
    page.goto("/admin/log-in")
    page.get_by_role("link", name="Forgot your password?").click()
    field = page.get_by_label("Username or email address")
    expect(field).to_be_focused()
    field.fill(username)
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def mailed_link(server, page, username):
    """Without a mail server, mails are written to the log."""
    before = len(server.printed)
    ask(page, username)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(r"http\S+token=[\w.-]+", server.printed[before:]):
            return found[0]
        time.sleep(0.02)
    raise AssertionError("The log contains no mail.")


def logs_in(server, username, password):
    body = {"username": username, "password": password}
    return server.call("POST", "/api/auth/login", body).status == 200


@pytest.mark.parametrize("width", [375, 1280])
def test_a_forgotten_password_is_set(server, page, width):
    username = f"maria-{width}"
    sign_up(server, username)
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(mailed_link(server, page, username))

    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    field = page.get_by_label("New password")
    expect(field).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    field.fill(ANOTHER)
    page.get_by_role("button", name="Set password").click()

    expect(page.get_by_role("heading", name="Password changed")).to_be_visible()
    assert "token" not in page.url
    assert logs_in(server, username, ANOTHER)
    assert not logs_in(server, username, PASSWORD)


def test_an_invalid_password_is_an_error_beside_the_field_and_can_be_corrected(server, unwatched):
    sign_up(server, "otto")
    unwatched.goto(mailed_link(server, unwatched, "otto"))
    field, button = unwatched.get_by_label("New password"), unwatched.get_by_role("button")
    field.fill("short")
    button.click()

    fault = unwatched.get_by_role("alert")
    expect(fault).to_contain_text("Use at least")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("^Use at least .* Several unrelated"))
    below, above = fault.bounding_box(), field.bounding_box()
    assert below and above and 0 <= below["y"] - above["y"] - above["height"] < 20
    field.fill(ANOTHER)
    button.click()
    expect(unwatched.get_by_role("heading", name="Password changed")).to_be_visible()


def test_an_invalid_link_is_reported_immediately_and_another_can_be_requested(server, unwatched):
    sign_up(server, "anna")
    unwatched.goto("/password-reset?token=7.1.x")

    expect(unwatched.get_by_role("alert")).to_contain_text("This link is invalid")
    unwatched.get_by_label("Username or email address").fill("anna")
    unwatched.get_by_role("button").click()
    expect(unwatched.get_by_text("we have sent it a link")).to_be_visible()


def test_the_request_form_fits_every_screen(unwatched):
    for path in ("/password-reset/request", "/password-reset?token=7.1.x"):
        unwatched.goto(path)
        for width in (375, 1280):
            unwatched.set_viewport_size({"width": width, "height": 700})
            assert unwatched.evaluate("document.documentElement.scrollWidth") <= width
            expect(unwatched.get_by_role("button", name="Send link")).to_be_in_viewport()
