"""Logging in and out of the staff's pages."""

import re
from contextlib import ExitStack

import pytest
from flask import Flask

from tests.builders import JUST_NOW, PASSWORD
from tests.integration.admin.browser import Browser, text_of
from tests.integration.api.conftest import SECRET_KEY
from ticketing.domain.accounts.account import Role

PRODUCTION = {"ENV": "production", "ALLOWED_HOSTS": "localhost"}


def cookie_of(answer):
    return answer.headers["Set-Cookie"]


def kept_by(browser):
    """The cookie that the browser sends."""
    cookie = browser.client.get_cookie("staff", path="/admin")
    assert cookie is not None
    return cookie.value


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
@pytest.mark.parametrize("name", ["Otto", " otto ", "OTTO@example.com"])
def test_staff_log_in_by_name_or_address(cinema, guest, role, name):
    cinema.account("otto", role, email="otto@example.com")

    answer = guest.log_in(name)

    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert "otto" in text_of(guest.get("/admin/"))


@pytest.mark.parametrize(("name", "password"), [("otto", "a mistake"), ("nobody", PASSWORD)])
def test_wrong_credentials_do_not_reveal_whether_the_account_exists(cinema, guest, name, password):
    cinema.account("otto", Role.STAFF)

    answer = guest.log_in(name, password)

    assert answer.status_code == 401
    assert "Unknown user or wrong password." in text_of(answer)
    assert f'value="{name}"' in answer.text
    assert password not in answer.text
    assert guest.get("/admin/").status_code == 302


def test_missing_credentials_are_shown_beside_their_fields(guest):
    answer = guest.log_in("", "")

    assert answer.status_code == 422
    assert answer.text.count("This field is required.") == 2
    assert answer.text.count('aria-invalid="true"') == 2


def test_customers_cannot_log_in(cinema, guest):
    cinema.account("maria")

    answer = guest.log_in("maria")

    assert answer.status_code == 403
    assert "This is for the cinema's staff." in text_of(answer)
    assert guest.get("/admin/").status_code == 302
    opened = cinema.office.queries.accounts.revoked_sessions(JUST_NOW)
    assert len(opened) == 1  # it was closed immediately


def test_failed_log_ins_are_throttled(cinema, guest):
    cinema.account("otto", Role.STAFF)
    for _ in range(10):
        assert guest.log_in("otto", "wrong").status_code == 401

    answer = guest.log_in("otto")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many attempts. Try again in 15 min." in text_of(answer)


def test_a_log_in_needs_a_place_for_its_password_check(cinema, guest, app):
    cinema.account("otto", Role.STAFF)
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(app.extensions["ticketing"].password_checks("127.0.0.1"))
        answer = guest.log_in("otto")
        assert guest.get("/admin/log-in").status_code == 200

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert "The box office is busy." in text_of(answer)
    assert guest.log_in("otto").status_code == 303


@pytest.mark.parametrize(
    "page",
    ["/admin/movies", "/admin/shows/7/edit", "/admin/?day=2030-01-02", "/admin/movies?page=2"],
)
def test_a_log_in_leads_to_the_requested_page(cinema, guest, page):
    cinema.account("otto", Role.STAFF)
    sent_away = guest.get(page)
    assert sent_away.status_code == 302

    answer = guest.log_in("otto", path=sent_away.location.removeprefix("/admin/log-in"))

    assert answer.location == page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.com/admin/",
        "//example.com/admin/",
        "/\\example.com",
        "/admin/../api/movies",
        "/admin/%2e%2e/swagger/",
        "/admin//example.com/%0d%0aSet-Cookie:a=b",
        "/adminer",
        "/admin/\n",
        "javascript:alert(1)",
        "\x00",
    ],
)
def test_a_log_in_does_not_redirect_outside_the_staff_site(cinema, guest, elsewhere):
    cinema.account("otto", Role.STAFF)
    token = guest.token("/admin/log-in")

    answer = guest.post(
        "/admin/log-in",
        {"name": "otto", "password": PASSWORD, "csrf_token": token},
        query_string={"next": elsewhere},
    )

    assert (answer.status_code, answer.location) == (303, "/admin/")


def test_a_log_in_forgets_a_long_address(guest):
    page = f"/admin/{'a' * 4300}"

    assert guest.get(page).location == "/admin/log-in"
    assert guest.get("/admin/shows/5?page=2").location == (
        "/admin/log-in?next=/admin/shows/5?page%3D2"
    )


class TestCookie:
    def test_it_is_limited_to_the_staff_site_and_hidden_from_scripts(self, cinema, guest):
        cinema.account("otto", Role.STAFF)

        cookie = cookie_of(guest.log_in("otto"))

        assert cookie.startswith("staff=")
        assert {"HttpOnly", "Path=/admin", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Secure" not in cookie

    def test_in_production_it_is_secure(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        browser = Browser(make_app(**PRODUCTION), "https://localhost")
        browser.client.environ_base["HTTP_REFERER"] = "https://localhost/admin/log-in"

        answer = browser.log_in("otto")

        assert answer.status_code == 303
        assert cookie_of(answer).startswith("__Secure-ticketing-staff=")
        assert "; Secure; HttpOnly; Path=/admin; SameSite=Lax" in cookie_of(answer)

    def test_a_form_from_another_site_is_refused(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        browser = Browser(make_app(**PRODUCTION), "https://localhost")
        browser.client.environ_base["HTTP_REFERER"] = "https://example.com/"

        assert browser.log_in("otto").status_code == 400

    def test_it_does_not_authenticate_api_requests(self, staff):
        assert staff.client.get("/api/auth/me").status_code == 401
        assert staff.client.post("/api/movies", json={"title": "x"}).status_code == 401

    def test_the_api_sets_no_cookie(self, guest):
        assert "Set-Cookie" not in guest.client.get("/api/movies").headers

    def test_an_access_token_does_not_open_the_pages(self, cinema, guest):
        access = cinema.tokens(cinema.account("otto", Role.ADMIN))["access"]

        answer = guest.get("/admin/", headers={"Authorization": f"Bearer {access}"})

        assert answer.status_code == 302

    def test_a_tampered_cookie_is_ignored(self, staff):
        payload, _, signature = kept_by(staff).rpartition(".")
        staff.client.set_cookie("staff", f"{payload}.{signature[::-1]}", path="/admin")

        assert staff.get("/admin/").status_code == 302

    def test_a_cookie_of_a_customer_is_ignored(self, staff):
        with staff.client.session_transaction("/admin/") as session:
            account_id, _, *rest = session["who"]
            session["who"] = [account_id, "customer", *rest]

        assert staff.get("/admin/").status_code == 302

    def test_a_cookie_signed_by_an_old_key_is_valid_while_that_key_is_set(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        before = Browser(make_app())
        before.log_in("otto")
        cookie = kept_by(before)
        new = {"SECRET_KEY": SECRET_KEY[::-1]}
        for settings, status in ((new, 302), (new | {"OLD_SECRET_KEYS": SECRET_KEY}, 200)):
            browser = Browser(make_app(**settings))
            browser.client.set_cookie("staff", cookie, path="/admin")
            assert browser.get("/admin/").status_code == status

    def test_a_log_in_discards_the_previous_cookie(self, cinema, guest):
        """An attacker's cookie never becomes the logged-in session (session fixation)."""
        cinema.account("otto", Role.STAFF)
        token = guest.token("/admin/log-in")
        guest.log_in("otto")

        assert guest.post("/admin/log-out", {"csrf_token": token}).status_code == 400


class TestEnd:
    def is_in(self, browser: Browser) -> bool:
        return browser.get("/admin/").status_code == 200

    @pytest.fixture
    def copy(self, app: Flask, staff: Browser) -> Browser:
        """Another browser with the same cookie."""
        copy = Browser(app)
        copy.client.set_cookie("staff", kept_by(staff), path="/admin")
        return copy

    def test_a_log_out_ends_the_session_in_every_browser(self, staff, copy, clock):
        assert self.is_in(copy)

        answer = staff.post("/admin/log-out", {"csrf_token": staff.token()}, follow_redirects=True)
        clock.advance(seconds=2)

        assert "You are logged out." in text_of(answer)
        assert not self.is_in(staff)
        assert not self.is_in(copy)

    def test_a_change_of_role_or_password_ends_the_session(self, cinema, app, clock):
        accounts = cinema.office.accounts
        for name, change in (
            ("anna", lambda: accounts.change_role("anna", Role.CUSTOMER)),
            ("otto", lambda: accounts.change_password("otto", "another long phrase")),
        ):
            cinema.account(name, Role.STAFF)
            browser = Browser(app)
            browser.log_in(name)
            assert self.is_in(browser)
            change()
            clock.advance(seconds=2)
            assert not self.is_in(browser)

    def age(self, browser: Browser) -> None:
        """Let the cookie's trust expire, so that the session is checked in the database."""
        with browser.client.session_transaction("/admin/") as session:
            session["who"] = [*session["who"][:-1], 0]

    def test_a_session_in_use_is_extended(self, staff):
        self.age(staff)
        assert self.is_in(staff)
        with staff.client.session_transaction("/admin/") as session:
            assert session["who"][-1] > 0

    def test_a_revoked_session_stays_ended(self, staff, copy, clock):
        self.age(copy)
        staff.post("/admin/log-out", {"csrf_token": staff.token()})
        clock.advance(hours=5)  # the process has purged the revocation

        assert not self.is_in(copy)

    def test_the_cookie_is_invalid_once_its_session_has_ended(self, staff, clock):
        self.age(staff)
        clock.advance(days=8)

        assert not self.is_in(staff)

    def test_a_session_ends_after_two_idle_hours(self, app, staff, monkeypatch):
        assert self.is_in(staff)
        monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", -1)
        assert not self.is_in(staff)


class TestForgery:
    PATHS = ("/admin/log-in", "/admin/log-out", "/admin/movies/new", "/admin/bookings")

    @pytest.mark.parametrize("token", [None, "", "none", "ä" * 20])
    @pytest.mark.parametrize("path", PATHS)
    def test_a_form_without_our_token_gets_an_error_page(self, staff, path, token):
        sent = {"name": "staff", "password": PASSWORD, "title": "x", "duration_minutes": "1"}

        answer = staff.post(path, sent | ({} if token is None else {"csrf_token": token}))

        assert answer.status_code == 400
        assert "This form has expired" in text_of(answer)

    def test_a_header_does_not_replace_the_token(self, staff):
        headers = {"X-CSRFToken": staff.token()}

        assert staff.post("/admin/log-out", headers=headers).status_code == 400

    def test_the_token_of_another_session_is_refused(self, staff, guest):
        theirs = guest.token("/admin/log-in")

        assert staff.post("/admin/log-out", {"csrf_token": theirs}).status_code == 400

    def test_every_form_has_its_own_token(self, staff):
        for form in re.findall(r"<form.*?</form>", staff.get("/admin/movies/new").text, re.DOTALL):
            assert ("csrf_token" in form) == ('method="post"' in form)
